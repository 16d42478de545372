//! stub
#[derive(Debug, thiserror::Error)]
#[error("stub")]
pub(crate) struct Stub;
