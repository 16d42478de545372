//! Bringing variables to a program: what it may have ([`resolve()`]), its environment, and the `exec`.
//!
//! **Nothing starts unless everything it should have is there.** The platform's own code, and all `unsafe` of this
//! crate, is in [`platform`].

mod compose;
mod deliver;
mod environment;
mod error;
mod platform;
mod program;
mod resolve;
#[expect(dead_code, unused_imports, reason = "the supervisor enters these domains")]
pub(crate) mod sandbox;

pub(crate) use deliver::{Command, exec};
pub(crate) use environment::{Environment, Inherit};
pub(crate) use error::{ExecError, ResolveError};
pub(crate) use platform::take_variables;
pub(crate) use resolve::{Choice, Request, Resolved, files, gather, nearest, nearest_of, resolve};
