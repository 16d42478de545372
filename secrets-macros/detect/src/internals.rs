//! The lexer by itself, **for this project's own tests, fuzz targets and benches**: no part of the interface.

pub use crate::lexer::{Lexer, Piece, PieceKind};
pub use crate::literal::{Decoded, decode};
