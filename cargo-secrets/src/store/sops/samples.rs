//! One of each error of a SOPS file, for the file of all messages.

use super::cipher::CipherError;
use super::error::{EditError, FormatError, KeyError, ValueError, YamlFeature};
use crate::secret::SecretName;
use crate::store::identity;

/// What is wrong with texts.
pub(in crate::store) fn formats() -> Vec<FormatError> {
    let features = [
        YamlFeature::Anchor,
        YamlFeature::Document,
        YamlFeature::Tag,
        YamlFeature::Name,
        YamlFeature::Number,
        YamlFeature::LineBreak,
        YamlFeature::Comment,
        YamlFeature::Directive,
        YamlFeature::Tab,
    ];
    let mut formats = vec![
        FormatError::NotSops,
        FormatError::NotObject,
        FormatError::Json { line: 3, column: 17 },
        FormatError::Yaml { line: 3, column: 5 },
        FormatError::NotMapping,
        FormatError::Line { number: 4 },
        FormatError::IniLine { number: 4 },
        FormatError::IniComments,
        FormatError::Duplicate { name: "API_KEY".to_owned(), line: None },
        FormatError::Duplicate { name: "API_KEY".to_owned(), line: Some(9) },
        FormatError::TooDeep,
        FormatError::Metadata,
        FormatError::NoKeys,
        FormatError::TwoRules,
        FormatError::Pattern,
    ];
    formats.extend(features.map(|what| FormatError::YamlFeature { line: 7, what }));
    formats
}

/// What is wrong with entries.
pub(in crate::store) fn values() -> Vec<ValueError> {
    let name = || "API_KEY".to_owned();
    let sources = [CipherError::Malformed, CipherError::UnknownType, CipherError::Unauthentic, CipherError::NotText];
    let mut values: Vec<_> = sources.map(|source| ValueError::Cipher { name: name(), source }).into();
    values.extend([
        ValueError::Plain { name: name() },
        ValueError::Type { name: name() },
        ValueError::Mac,
        ValueError::Nested { name: "database.password".to_owned() },
        ValueError::Collision { name: SecretName::new("DATABASE_PASSWORD").unwrap() },
        SecretName::new("api-key").unwrap_err().into(),
    ]);
    values
}

/// What keeps a data key closed.
pub(in crate::store) fn keys() -> Vec<KeyError> {
    let recipients = vec!["age1alice".to_owned(), "age1bob".to_owned()];
    vec![
        KeyError::NotRecipient { recipients, foreign: vec!["pgp 85D77543B3D624B6".to_owned()] },
        KeyError::Groups { have: 1, need: 2 },
        KeyError::Damaged,
        KeyError::Identity(identity::Error::Passphrase { origin: "`/home/you/.ssh/id_ed25519`".to_owned() }),
    ]
}

/// What keeps a file from being changed.
pub(in crate::store) fn edits() -> Vec<EditError> {
    let name = || SecretName::new("API_KEY").unwrap();
    vec![
        EditError::DotenvNewline { name: name() },
        EditError::ReadOnly,
        EditError::MetadataName { name: SecretName::new("sops").unwrap() },
        EditError::LeftPlain { name: name() },
        EditError::Taken { name: name() },
        EditError::Nested { name: name() },
        EditError::UnderComment { name: name() },
        EditError::Layout { line: 4 },
        EditError::KeyGroups,
        EditError::NotSet { name: name() },
        EditError::Random(getrandom::Error::UNEXPECTED),
        EditError::ReadBack,
    ]
}
