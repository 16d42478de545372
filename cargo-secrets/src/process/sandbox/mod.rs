//! The domains that code runs in: what it may see, change, reach and signal.
//!
//! - [`support`]: what the kernel offers; [`error`]: why a domain cannot be had
//! - [`hidden`]: the keys and credentials that no domain shows; [`dotenv`]: the project's plain values
//! - [`expand`]: a tree without some of its branches
//! - [`places`] → [`policy`]: the allow-list of the *build domain*; [`verdict`]: what it says of a path, for messages
//! - [`repository`], [`exposed`]: git's folders; tokens in what has to be readable
//! - [`program`]: the *program domain*, which shows everything but what is hidden
//! - [`domain`]: rules to a ruleset of the kernel, and the *outer domain* that only scopes signals
//! - [`real`]: paths without links
//! - [`privileges`], [`calls`]: capabilities and system calls, without which Landlock has gaps
//!
//! **A ruleset is built outside and entered by whoever it is for**: nothing in here restricts the process that builds it,
//! but for [`drop_capabilities`] and [`Calls::refuse`].

mod calls;
mod domain;
mod dotenv;
mod error;
mod expand;
mod exposed;
mod hidden;
mod places;
mod policy;
mod privileges;
mod program;
mod real;
mod repository;
mod support;
#[cfg(test)]
mod tests;
mod verdict;

pub(crate) use calls::Calls;
pub(crate) use domain::outer;
pub(crate) use error::SandboxError;
pub(crate) use hidden::Owner;
pub(crate) use places::Places;
pub(crate) use policy::Policy;
pub(crate) use privileges::{Keep, drop_capabilities};
pub(crate) use program::ProgramDomain;
pub(crate) use support::Support;
pub(crate) use verdict::{Access, Verdict, Why};
