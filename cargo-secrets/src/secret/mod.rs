//! The vocabulary of secrets: names, values, kinds.
//!
//! **A value never shows itself**: [`SecretValue`] redacts `Debug`, has no `Display`, and is wiped when dropped.
//! This module knows nothing of files, environments' contents or the project.

mod generate;
mod kind;
mod name;
mod reserved;
mod set;
mod value;

pub(crate) use generate::{Error as GenerateError, Generator};
pub(crate) use kind::Kind;
pub(crate) use name::{EnvName, LONGEST, NameError, SecretName, quoted, shown};
pub(crate) use reserved::{IDENTITY_VARIABLES, Reserved, reserved};
pub(crate) use set::{Conflict, Origin, SecretSet};
pub(crate) use value::SecretValue;
