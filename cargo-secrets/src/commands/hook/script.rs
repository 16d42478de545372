//! What a shell evaluates: the hook itself, and the steps that it asks for before each prompt.
//!
//! **What was set before comes back**: a variable of the environment is kept in one beside it, which children inherit with
//! the rest; one that only the shell knows is kept in the shell. Values are quoted as `export` quotes them.

use clap::ValueEnum;
use serde_json::{Map, Value};

use super::situation::STATE;
use crate::error::Error;
use crate::exchange::Text;
use crate::exchange::export::{self, Format, Unfit};
use crate::secret::{SecretName, SecretValue, quoted};

/// Where the value of NAME from before is kept.
const FORMER: &str = "CARGO_SECRETS_FORMER_";

/// The same for a variable that is not in the environment.
const LOCAL: &str = "__cargo_secrets_local_";

/// A shell's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Dialect {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// nushell: a JSON object for `load-env` and `hide-env`.
    Nu,
}

/// What one step changes.
pub(super) struct Script {
    dialect: Dialect,
    /// **The first line**: a shell that ends at a later one still knows what to take out.
    state: String,
    text: Text,
    set: Map<String, Value>,
    unset: Vec<String>,
}

/// What a step gives to the shell.
#[derive(Default)]
pub(super) struct Entered {
    /// The names that it sets.
    pub(super) names: Vec<String>,
    /// Those that the shell cannot have, and why.
    pub(super) left_out: Vec<(String, Unfit)>,
}

impl Script {
    /// Nothing yet.
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, state: String::new(), text: Text::default(), set: Map::new(), unset: Vec::new() }
    }

    /// Takes `names` out of the shell, and puts back what they were.
    pub(super) fn leave(&mut self, names: &[String]) {
        for name in names {
            let lines = match self.dialect {
                Dialect::Bash | Dialect::Zsh => LEAVE,
                Dialect::Fish => LEAVE_FISH,
                Dialect::Nu => {
                    match former(name) {
                        Some(value) => drop(self.set.insert(name.clone(), value.into())),
                        None => self.unset.push(name.clone()),
                    }
                    self.unset.push(format!("{FORMER}{name}"));
                    continue;
                }
            };
            self.text.push_str(&lines.replace("FORMER", FORMER).replace("LOCAL", LOCAL).replace("NAME", name));
        }
    }

    /// Sets `values`, where `left` are the names that this step takes out before; tells the names, and those that the
    /// shell cannot have.
    pub(super) fn enter(&mut self, values: &[(SecretName, SecretValue)], left: &[String]) -> Result<Entered, Error> {
        let format = match self.dialect {
            Dialect::Bash | Dialect::Zsh => "shell",
            Dialect::Fish => "fish",
            Dialect::Nu => "json",
        };
        let mut pairs: Vec<_> = values.iter().map(|(name, value)| (name, value)).collect();
        let Some(format) = Format::named(format) else { return Ok(Entered::default()) };
        let (exported, left_out) = match format.export(&pairs, "") {
            Err(export::Error::Unfit { names, .. }) => {
                pairs.retain(|(name, _)| names.iter().all(|(unfit, _)| unfit != name.as_str()));
                (format.export(&pairs, "")?.text, names)
            }
            exported => (exported?.text, Vec::new()),
        };
        for (name, _) in &pairs {
            self.keep(name.as_str(), left.iter().any(|left| left == name.as_str()));
        }
        if self.dialect == Dialect::Nu {
            if let Ok(Value::Object(values)) = serde_json::from_str(exported.as_str()) {
                self.unset.retain(|name| !values.contains_key(name));
                self.set.extend(values);
            }
        } else {
            self.text.push_str(exported.as_str());
        }
        Ok(Entered { names: pairs.iter().map(|(name, _)| name.to_string()).collect(), left_out })
    }

    /// Keeps what `name` is now; where it `was_left` in this step, that is what it was before.
    fn keep(&mut self, name: &str, was_left: bool) {
        let is_exported = if was_left { former_is_set(name) } else { std::env::var_os(name).is_some() };
        let lines = match (self.dialect, is_exported) {
            (Dialect::Bash | Dialect::Zsh, true) => KEEP,
            (Dialect::Bash | Dialect::Zsh, false) => KEEP_LOCAL,
            (Dialect::Fish, true) => KEEP_FISH,
            (Dialect::Fish, false) => KEEP_LOCAL_FISH,
            (Dialect::Nu, _) => {
                let before = if was_left { former(name) } else { std::env::var(name).ok() };
                if let Some(before) = before {
                    let kept = format!("{FORMER}{name}");
                    self.unset.retain(|unset| *unset != kept);
                    self.set.insert(kept, before.into());
                }
                return;
            }
        };
        self.text.push_str(&lines.replace("FORMER", FORMER).replace("LOCAL", LOCAL).replace("NAME", name));
    }

    /// Has the shell remember what it has.
    pub(super) fn state(&mut self, stamp: &str, names: &[String]) {
        let state = std::iter::once(stamp).chain(names.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        let line = match (self.dialect, stamp.is_empty()) {
            (Dialect::Bash | Dialect::Zsh, false) => format!("export {STATE}='{state}'\n"),
            (Dialect::Bash | Dialect::Zsh, true) => format!("unset {STATE}\n"),
            (Dialect::Fish, false) => format!("set --global --export {STATE} '{state}'\n"),
            (Dialect::Fish, true) => format!("set --erase {STATE}\n"),
            (Dialect::Nu, false) => return drop(self.set.insert(STATE.to_owned(), state.into())),
            (Dialect::Nu, true) => return self.unset.push(STATE.to_owned()),
        };
        self.state = line;
    }

    /// The whole of it.
    pub(super) fn finish(mut self) -> Text {
        if self.dialect == Dialect::Nu {
            let step = serde_json::json!({ "set": self.set, "unset": self.unset });
            // A map of texts is always JSON.
            let _ = serde_json::to_writer(&mut self.text, &step);
            return self.text;
        }
        let mut all = Text::default();
        all.push_str(&self.state);
        all.push_str(self.text.as_str());
        all
    }
}

fn former(name: &str) -> Option<String> {
    std::env::var(format!("{FORMER}{name}")).ok()
}

fn former_is_set(name: &str) -> bool {
    std::env::var_os(format!("{FORMER}{name}")).is_some()
}

/// The hook, to be evaluated once; `us` is this program.
pub(super) fn hook(dialect: Dialect, us: &str) -> String {
    match dialect {
        Dialect::Bash => HOOK_BASH.replace("PROGRAM", &quoted(us)),
        Dialect::Zsh => HOOK_ZSH.replace("PROGRAM", &quoted(us)),
        Dialect::Fish => HOOK_FISH.replace("PROGRAM", &format!("'{}'", us.replace('\\', "\\\\").replace('\'', "\\'"))),
        Dialect::Nu => HOOK_NU.replace("PROGRAM", &format!("{us:?}")),
    }
}

const LEAVE: &str = r#"if [ "${FORMERNAME+x}" ]; then export NAME="$FORMERNAME"; unset FORMERNAME
elif [ "${LOCALNAME+x}" ]; then unset NAME; NAME="$LOCALNAME"; unset LOCALNAME
else unset NAME; fi
"#;

const KEEP: &str = "export FORMERNAME=\"$NAME\"\n";

const KEEP_LOCAL: &str = "if [ \"${NAME+x}\" ]; then LOCALNAME=\"$NAME\"; fi\n";

const LEAVE_FISH: &str = r"if set --query FORMERNAME
    set --global --export --unpath NAME $FORMERNAME; set --erase --global FORMERNAME
else if set --query LOCALNAME
    set --erase --global NAME; set --global --unexport NAME $LOCALNAME; set --erase --global LOCALNAME
else
    set --erase --global NAME
end
";

const KEEP_FISH: &str = "set --global --export --unpath FORMERNAME $NAME\n";

const KEEP_LOCAL_FISH: &str = "set --query NAME; and set --global LOCALNAME $NAME\n";

const HOOK_BASH: &str = r#"_cargo_secrets_hook() {
    local status=$?
    eval "$(PROGRAM hook step bash)"
    return $status
}
if [[ ";${PROMPT_COMMAND[*]:-};" != *_cargo_secrets_hook* ]]; then
    if [[ "$(declare -p PROMPT_COMMAND 2> /dev/null)" == 'declare -a'* ]]; then
        PROMPT_COMMAND=(_cargo_secrets_hook "${PROMPT_COMMAND[@]}")
    else
        PROMPT_COMMAND="_cargo_secrets_hook${PROMPT_COMMAND:+
$PROMPT_COMMAND}"
    fi
fi
"#;

const HOOK_ZSH: &str = r#"_cargo_secrets_hook() {
    eval "$(PROGRAM hook step zsh)"
}
typeset -ag precmd_functions
if (( ! ${precmd_functions[(I)_cargo_secrets_hook]} )); then
    precmd_functions=(_cargo_secrets_hook $precmd_functions)
fi
"#;

const HOOK_FISH: &str = r"function _cargo_secrets_hook --on-event fish_prompt
    PROGRAM hook step fish | source
end
";

const HOOK_NU: &str = r"$env.config.hooks.pre_prompt = (
    $env.config.hooks.pre_prompt? | default [] | append {||
        let step = (^PROGRAM hook step nu | from json | default { set: {}, unset: [] })
        hide-env --ignore-errors ...$step.unset
        load-env $step.set
    }
)
";
