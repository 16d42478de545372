//! What is known of a cargo command before it runs: what it does, where it builds, for which targets, with which runner.
//!
//! - [mod@line]: its command line; [`config`]: cargo's settings, read without starting anything where that can be had
//! - [`layers`]: the files of these settings; [`plain`]: our runner in the user's own settings
//! - [`fetch`]: dependencies are brought here before a build is confined

mod config;
mod fetch;
mod layers;
mod line;
mod plain;

#[cfg(test)]
pub(crate) use config::Place;
pub(crate) use config::{CargoConfig, ConfigError, runner_variable};
pub(crate) use fetch::Fetch;
pub(crate) use line::{CargoLine, Runs, Selection, Work, words_of};
pub(crate) use plain::{Host, Overruled, SetError, is_named, is_users, set_runner, standing, user_settings};
