//! What only `unsafe` can do on Unix.
//!
//! - [`environ`]: our own environment block
//! - [`exec`]: becoming another program, and starting one
//! - [`domain`]: entering a Landlock domain
//! - [`trace`]: where a traced process stands
//! - [`memory`]: keeping memory out of swap
//! - [`descriptor`]: what we inherited by number
//! - [`death`]: ending as another process ended
//!
//! **Every `unsafe` block of this crate is in this folder**; the small runner, which is no part of it, has its own.

mod death;
mod descriptor;
mod domain;
mod environ;
mod exec;
mod memory;
mod trace;

pub(crate) use death::die_by;
pub(crate) use descriptor::inherited;
pub(crate) use domain::{landlock_abi, restrict_self};
pub(crate) use environ::take_variables;
pub(crate) use exec::{Image, SpawnError, execve, fork, leave, spawn, spawn_masked};
pub(crate) use memory::Locked;
pub(crate) use trace::{CallStage, call_stage, unblock};
