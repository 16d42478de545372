//! stub until the real one
use crate::error_stub::*;
use crate::manifest::Via;
use crate::process::cargo::CargoLine;
use crate::process::{Command, Surroundings};
use std::collections::BTreeMap;
use std::path::Path;
pub(crate) struct Request<'r> {
    pub(crate) via: Option<Via>,
    pub(crate) ways: &'r BTreeMap<String, Via>,
    pub(crate) root: Option<&'r Path>,
    pub(crate) surroundings: &'r Surroundings,
}
pub(crate) enum Child {
    Cargo(CargoLine),
    Starter,
    Program,
}
impl Child {
    pub(crate) fn line(&self) -> Option<&CargoLine> {
        match self {
            Self::Cargo(line) => Some(line),
            _ => None,
        }
    }
}
pub(crate) struct Decision {
    pub(crate) via: Via,
    pub(crate) reason: &'static str,
    pub(crate) child: Child,
}
pub(crate) fn decide(command: &Command, request: &Request<'_>) -> Result<Decision, Stub> {
    let _ = (request.ways, request.surroundings);
    let name = command.name().to_string_lossy().into_owned();
    let child = match name.as_str() {
        "cargo" => Child::Cargo(CargoLine::parse(command)),
        "just" | "make" | "npm" => Child::Starter,
        "sh" | "bash" if command.arguments.iter().any(|a| a.to_string_lossy().contains("cargo")) => Child::Starter,
        _ => Child::Program,
    };
    let usual = if request.root.is_none() || matches!(child, Child::Program) { Via::Env } else { Via::Runner };
    Ok(Decision { via: request.via.unwrap_or(usual), reason: "stub", child })
}
