//! What a file says about itself: who can open it, which entries are encrypted, its MAC (SOPS 3.13, `stores/stores.go`).
//!
//! **None of it is authenticated** but `lastmodified`, which the MAC is bound to. Master keys of other kinds (KMS, PGP,
//! Vault transit) are only named here; an edit leaves their bytes in the file as they are.

use std::borrow::Cow;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::{Map, Value};

use super::FormatError;
use super::json;
use super::tree::{Item, MAX_DEPTH, Node};

/// The metadata of one file.
pub(crate) struct Metadata {
    /// Groups of master keys; with more than one, the data key is split among them.
    pub(crate) groups: Vec<KeyGroup>,
    /// How many groups are needed.
    pub(crate) threshold: usize,
    /// Which entries are encrypted.
    pub(crate) rule: Rule,
    /// Whether the MAC covers encrypted values alone.
    pub(crate) mac_only_encrypted: bool,
    /// When the file was last written, RFC 3339: the MAC's additional data.
    pub(crate) last_modified: String,
    /// The encrypted MAC.
    pub(crate) mac: String,
    /// Where the value of `lastmodified` stands in the file.
    pub(crate) last_modified_at: Range<usize>,
    /// Where the value of `mac` stands in the file.
    pub(crate) mac_at: Range<usize>,
}

/// Master keys that all wrap the same share of the data key.
#[derive(Default)]
pub(crate) struct KeyGroup {
    /// The age stanzas.
    pub(crate) age: Vec<Stanza>,
    /// The other master keys, as a person would name them: `kms arn:aws:…`, `pgp 85D7…`.
    pub(crate) foreign: Vec<String>,
}

/// The data key, wrapped with age for one recipient.
#[derive(Clone, Deserialize)]
pub(crate) struct Stanza {
    /// The public key it was made for, as the file claims.
    pub(crate) recipient: String,
    /// An armored age file.
    pub(crate) enc: String,
}

/// Which entries of a file are encrypted. At most one rule stands in a file.
pub(crate) enum Rule {
    /// All but those with a name that ends so.
    UnencryptedSuffix(String),
    /// Those with a name that ends so.
    EncryptedSuffix(String),
    /// All but those with a name that matches.
    UnencryptedRegex(String),
    /// Those with a name that matches.
    EncryptedRegex(String),
    /// All but those below a comment that matches.
    UnencryptedCommentRegex(String),
    /// Those below a comment that matches.
    EncryptedCommentRegex(String),
}

impl Rule {
    /// Whether comments decide what is encrypted.
    pub(crate) fn watches_comments(&self) -> bool {
        matches!(self, Self::UnencryptedCommentRegex(_) | Self::EncryptedCommentRegex(_))
    }
}

/// SOPS's own default.
pub(crate) const DEFAULT_UNENCRYPTED_SUFFIX: &str = "_unencrypted";

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    shamir_threshold: Lenient<usize>,
    #[serde(default)]
    key_groups: Option<Vec<RawGroup>>,
    #[serde(flatten)]
    group: RawGroup,
    lastmodified: String,
    mac: String,
    #[serde(default)]
    unencrypted_suffix: String,
    #[serde(default)]
    encrypted_suffix: String,
    #[serde(default)]
    unencrypted_regex: String,
    #[serde(default)]
    encrypted_regex: String,
    #[serde(default)]
    unencrypted_comment_regex: String,
    #[serde(default)]
    encrypted_comment_regex: String,
    #[serde(default)]
    mac_only_encrypted: Lenient<bool>,
}

#[derive(Default, Deserialize)]
struct RawGroup {
    #[serde(default)]
    age: Option<Vec<Stanza>>,
    #[serde(default)]
    kms: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    gcp_kms: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    azure_kv: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    hc_vault: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    hckms: Option<Vec<Map<String, Value>>>,
    #[serde(default)]
    pgp: Option<Vec<Map<String, Value>>>,
}

impl RawGroup {
    fn into_group(self) -> KeyGroup {
        let foreign = [
            ("kms", self.kms, "arn"),
            ("gcp_kms", self.gcp_kms, "resource_id"),
            ("azure_kv", self.azure_kv, "vault_url"),
            ("hc_vault", self.hc_vault, "vault_address"),
            ("hckms", self.hckms, "key_id"),
            ("pgp", self.pgp, "fp"),
        ];
        let name = |kind: &str, key: &Map<String, Value>, field: &str| {
            let id = key.get(field).and_then(Value::as_str).unwrap_or("without a name");
            format!("{kind} {}", id.chars().take(120).flat_map(char::escape_debug).collect::<String>())
        };
        let foreign = foreign
            .into_iter()
            .flat_map(|(kind, keys, field)| keys.into_iter().flatten().map(move |key| name(kind, &key, field)));
        KeyGroup { foreign: foreign.collect(), age: self.age.unwrap_or_default() }
    }
}

impl KeyGroup {
    fn is_empty(&self) -> bool {
        self.age.is_empty() && self.foreign.is_empty()
    }
}

/// A value that dotenv files, and we of YAML files, hold as text.
#[derive(Default)]
struct Lenient<T>(T);

impl<'de, T: std::str::FromStr + Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Typed(T),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Typed(value) => Ok(Self(value)),
            Either::Text(text) => text.parse().map(Self).map_err(|_| de::Error::custom("not of the right type")),
        }
    }
}

/// Reads the JSON object under `sops`, a slice of `file`.
pub(crate) fn from_json(file: &str, raw: &str) -> Result<Metadata, FormatError> {
    if !raw.starts_with('{') {
        return Err(FormatError::Metadata);
    }
    let items = json::map(file, raw, 0)?;
    let at = |name: &str| items.iter().find(|item| item.key == name).map(|item| item.span.clone());
    let is_text = |name: &str| items.iter().any(|item| item.key == name && matches!(item.node, Node::Text(_)));
    if !is_text("mac") || !is_text("lastmodified") {
        return Err(FormatError::Metadata);
    }
    let (mac_at, last_modified_at) = (at("mac"), at("lastmodified"));
    let parsed: Raw = serde_json::from_str(raw).map_err(|_| FormatError::Metadata)?;
    parsed.into_metadata(mac_at, last_modified_at)
}

/// Reads the mapping under `sops` of a YAML file.
pub(crate) fn from_yaml(node: &Node<'_>) -> Result<Metadata, FormatError> {
    let Node::Map(items) = node else { return Err(FormatError::Metadata) };
    let at = |name: &str| items.iter().find(|item| item.key == name).map(|item| item.span.clone());
    let (mac_at, last_modified_at) = (at("mac"), at("lastmodified"));
    let parsed: Raw = serde_json::from_value(plain_value(node)).map_err(|_| FormatError::Metadata)?;
    parsed.into_metadata(mac_at, last_modified_at)
}

/// A node with every scalar but `null` as the text that it is written as: what reads it knows the types.
fn plain_value(node: &Node<'_>) -> Value {
    let entries =
        |items: &'_ [Item<'_>]| items.iter().map(|item| (item.key.to_string(), plain_value(&item.node))).collect();
    match node {
        Node::Map(items) => Value::Object(entries(items)),
        Node::List(items) => Value::Array(items.iter().map(|item| plain_value(&item.node)).collect()),
        Node::Text(text) | Node::Typed { spelled: text, .. } => Value::String(text.to_string()),
        Node::Number(text) => Value::String((*text).to_owned()),
        Node::Bool(value) => Value::String(value.to_string()),
        Node::Null | Node::Comment => Value::Null,
    }
}

/// Reads flattened entries: `age__list_0__map_enc` and the like.
pub(crate) fn from_dotenv(entries: Vec<(&str, Cow<'_, str>, Range<usize>)>) -> Result<Metadata, FormatError> {
    let (mut mac_at, mut last_modified_at) = (None, None);
    let mut root = Value::Object(Map::new());
    for (key, value, span) in entries {
        match key {
            "mac" => mac_at = Some(span),
            "lastmodified" => last_modified_at = Some(span),
            _ => {}
        }
        if key.matches("__").count() > 2 * MAX_DEPTH {
            return Err(FormatError::TooDeep);
        }
        insert(&mut root, key, value.into_owned()).ok_or(FormatError::Metadata)?;
    }
    let parsed: Raw = serde_json::from_value(root).map_err(|_| FormatError::Metadata)?;
    parsed.into_metadata(mac_at, last_modified_at)
}

/// Puts `value` where the flattened `key` says; `None` where two keys contradict each other.
fn insert(root: &mut Value, key: &str, value: String) -> Option<()> {
    let mut here = root;
    let mut rest = key;
    let mut in_list = false;
    loop {
        let next_map = rest.find("__map_").map(|at| (at, false));
        let next_list = rest.find("__list_").map(|at| (at, true));
        let next = [next_map, next_list].into_iter().flatten().min();
        let part = next.map_or(rest, |(at, _)| rest.get(..at).unwrap_or_default());
        let empty = match next {
            None => Value::Null,
            Some((_, true)) => Value::Array(Vec::new()),
            Some((_, false)) => Value::Object(Map::new()),
        };
        here = if in_list {
            let list = here.as_array_mut()?;
            let index: usize = part.parse().ok()?;
            if index == list.len() {
                list.push(empty);
            }
            list.get_mut(index)?
        } else {
            here.as_object_mut()?.entry(part).or_insert(empty)
        };
        let Some((at, list)) = next else {
            let free = here.is_null();
            *here = Value::String(value);
            return free.then_some(());
        };
        in_list = list;
        rest = rest.get(at + if list { "__list_".len() } else { "__map_".len() }..)?;
    }
}

impl Raw {
    fn into_metadata(
        self,
        mac_at: Option<Range<usize>>,
        last_modified_at: Option<Range<usize>>,
    ) -> Result<Metadata, FormatError> {
        let rule = self.rule()?;
        let single = self.group.into_group();
        let groups: Vec<_> = if single.is_empty() {
            self.key_groups.into_iter().flatten().map(RawGroup::into_group).collect()
        } else {
            vec![single]
        };
        if groups.iter().all(KeyGroup::is_empty) {
            return Err(FormatError::NoKeys);
        }
        let threshold = match self.shamir_threshold.0 {
            0 => groups.len(),
            threshold => threshold,
        };
        Ok(Metadata {
            groups,
            threshold,
            rule,
            mac_only_encrypted: self.mac_only_encrypted.0,
            last_modified: self.lastmodified,
            mac: self.mac,
            mac_at: mac_at.ok_or(FormatError::Metadata)?,
            last_modified_at: last_modified_at.ok_or(FormatError::Metadata)?,
        })
    }

    fn rule(&self) -> Result<Rule, FormatError> {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        let rules = [
            text(&self.unencrypted_suffix).map(Rule::UnencryptedSuffix),
            text(&self.encrypted_suffix).map(Rule::EncryptedSuffix),
            text(&self.unencrypted_regex).map(Rule::UnencryptedRegex),
            text(&self.encrypted_regex).map(Rule::EncryptedRegex),
            text(&self.unencrypted_comment_regex).map(Rule::UnencryptedCommentRegex),
            text(&self.encrypted_comment_regex).map(Rule::EncryptedCommentRegex),
        ];
        let mut written = rules.into_iter().flatten();
        let rule = written.next();
        if written.next().is_some() {
            return Err(FormatError::TwoRules);
        }
        Ok(rule.unwrap_or_else(|| Rule::UnencryptedSuffix(DEFAULT_UNENCRYPTED_SUFFIX.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flattened_keys_become_the_tree_they_came_from() {
        let mut root = Value::Object(Map::new());
        for (key, value) in [("age__list_0__map_enc", "e"), ("age__list_0__map_recipient", "r"), ("mac", "m")] {
            insert(&mut root, key, value.to_owned()).unwrap();
        }
        assert_eq!(root, serde_json::json!({"age": [{"enc": "e", "recipient": "r"}], "mac": "m"}));
    }

    #[test]
    fn flattened_keys_that_contradict_each_other_are_refused() {
        let mut root = Value::Object(Map::new());
        insert(&mut root, "age", "x".to_owned()).unwrap();
        assert_eq!(insert(&mut root, "age__list_0__map_enc", "x".to_owned()), None);
        assert_eq!(insert(&mut root, "pgp__list_7__map_fp", "x".to_owned()), None);
    }
}
