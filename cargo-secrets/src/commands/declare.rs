//! Names that got a value and that Cargo.toml does not declare yet: they are declared there, comments and layout kept.

use super::edit_manifest;
use crate::context::Context;
use crate::manifest::{self, Manifest};
use crate::secret::{Kind, SecretName};

/// Adds the names to Cargo.toml in one edit, but those that another command added meanwhile. The values are set already:
/// what fails here is a warning.
pub(super) fn declare(context: &Context, manifest: &Manifest, names: &[(&SecretName, Kind)]) {
    if names.is_empty() {
        return;
    }
    let edit = |text: &str| manifest::declare_variables(text, names, manifest.table());
    if let Err(error) = edit_manifest(manifest.root(), manifest.path(), edit) {
        context.shell.warn(format_args!("set, but not declared: {error}"));
        for (name, kind) in names {
            context.shell.note(format_args!("declare it there: variables.{name} = {{ kind = \"{kind}\" }}"));
        }
        return;
    }
    for kind in [Kind::Secret, Kind::Key] {
        let of_kind: Vec<_> = names.iter().filter(|(_, one)| *one == kind).map(|(name, _)| name.as_str()).collect();
        match of_kind.as_slice() {
            [] => {}
            [name] => context.shell.status("Declared", format_args!("{name} as a {kind} in Cargo.toml")),
            names => context.shell.status("Declared", format_args!("as {kind} in Cargo.toml: {}", names.join(", "))),
        }
    }
}
