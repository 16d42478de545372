//! Values in the forms in which other programs keep them: names and values to a text, and back.
//!
//! **Text in, text out**: no file is opened here but what a peer keeps beside the one that is imported. **What holds values is wiped when it is dropped, and when it grows.**

pub(crate) mod export;
pub(crate) mod import;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use text::Text;
