//! Every mistake in a secrets table is an error that shows its line and says what to write instead; no value is shown.

use crate::fixture::has;
use crate::support::Project;

/// What must be nowhere in a message.
const PASTED: &str = "hunter2-hunter2";

struct Mistake {
    /// Lines of the table, the first one in line 6 of Cargo.toml.
    lines: &'static str,
    /// The line of Cargo.toml that is shown.
    line: usize,
    /// Parts of the message and the help.
    says: &'static [&'static str],
}

const fn mistake(lines: &'static str, line: usize, says: &'static [&'static str]) -> Mistake {
    Mistake { lines, line, says }
}

const MISTAKES: &[Mistake] = &[
    mistake("enviroments = {}", 6, &["unknown key `enviroments`", "did you mean `environments`?"]),
    mistake("zzzzzzzz = 1", 6, &["unknown key `zzzzzzzz`", "the keys here are `requires`"]),
    mistake("environments.dev = {}\nenvironments.prod.source = []", 7, &["unknown key `source`", "`sources`"]),
    mistake("variables.A.fromat = 'url'", 6, &["unknown key `fromat`", "did you mean `format`?"]),
    mistake("environments.dev.sources = [{ path = 'a', flaten = true }]", 6, &["`flaten`", "did you mean `flatten`?"]),
    mistake("trust = 'a'", 6, &["`trust` is not supported by cargo-secrets", "remove the key"]),
    mistake("sandbox = 'on'", 6, &["unknown mode `on`", "`require`"]),
    mistake(
        "sandbox.unhide = ['~/.aws']",
        6,
        &["unknown key `unhide`", "your own `~/.config/cargo-secrets/config.toml`"],
    ),
    mistake("sandbox.network = 'http'", 6, &["unknown network `http`", "did you mean `https`?"]),
    mistake("run.just = 'evn'", 6, &["unknown way `evn`", "did you mean `env`?"]),
    mistake("variables.A.deliver = 'biuld'", 6, &["unknown delivery `biuld`", "did you mean `build`?"]),
    mistake("variables.A.rotate-every = '30d'", 6, &["`rotate-every` is not supported", "remove the key"]),
    mistake("environments.dev.sources = ['vault://kv/app']", 6, &["`vault://` is not supported", "remove the source"]),
    mistake("requires = '9.0'\ntrust = 'a'", 7, &["requires cargo-secrets 9.0", "upgrade", "cargo install"]),
    mistake("requires = 'soon'", 6, &["`requires` is not a version", "write `requires = \""]),
    mistake("requires = 1", 6, &["`requires` must be a string"]),
    mistake("variables.A = 'hunter2-hunter2'", 6, &["`A` must be a table"]),
    mistake("environments.dev.sources = 'a.json'", 6, &["`sources` must be a list"]),
    mistake("environments.dev.protected = 'yes'", 6, &["`protected` must be true or false"]),
    mistake("variables.A.required = 'dev'", 6, &["true, false or a list of environments"]),
    mistake(
        "environments.prod = {}\nvariables.A.required = ['prdo']",
        7,
        &["unknown environment `prdo`", "did you mean `prod`?"],
    ),
    mistake(
        "environments.dev.recipients = ['alcie']\nrecipients.alice = 'age1x'",
        6,
        &["unknown recipient `alcie`", "`alice`"],
    ),
    mistake(
        "recipients.alice = 'age1x'\nenvironments.dev.recipients = ['alice', 'alice']",
        7,
        &["listed twice", "remove one"],
    ),
    mistake("recipients.bob = 'hunter2-hunter2'", 6, &["recipient `bob` has no public key"]),
    mistake("recipients.bob = 'AGE-SECRET-KEY-1hunter2-hunter2'", 6, &["a PRIVATE key was pasted", "`bob`"]),
    mistake(
        "default-environment = 'dve'\nenvironments.dev = {}",
        6,
        &["unknown environment `dve`", "did you mean `dev`?"],
    ),
    mistake(
        "default-environment = 'p'\nenvironments.p.protected = true",
        6,
        &["is protected and cannot be the default"],
    ),
    mistake("environments.Dev = {}", 6, &["`Dev` is not an environment name"]),
    mistake("environments.a.inherits = 'b'", 6, &["unknown environment `b`"]),
    mistake(
        "environments.a.inherits = 'b'\nenvironments.b.inherits = 'a'",
        6,
        &["in a circle: a -> b -> a", "`inherits`"],
    ),
    mistake("environments.a.sources = ['../b.json']", 6, &["`../b.json` is outside the project"]),
    mistake("environments.a.sources = ['/b.json']", 6, &["`/b.json` is outside the project"]),
    mistake("environments.a.sources = ['[.json']", 6, &["is not a valid pattern"]),
    mistake("environments.a.sources = ['b', 'b']", 6, &["source `b` is listed twice"]),
    mistake("variables.1A = {}", 6, &["`1A` is not a variable name"]),
    mistake("variables.A.kind = 'sercet'", 6, &["unknown kind `sercet`", "did you mean `secret`?"]),
    mistake("variables.A.format = 'urll'", 6, &["unknown format `urll`", "did you mean `url`?"]),
    mistake(
        "variables.A.default = 'hunter2-hunter2'",
        6,
        &["a `default` of a secret would be plaintext", "kind = \"key\""],
    ),
    mistake("variables.A.value = 'hunter2-hunter2'", 6, &["would be a plaintext secret", "cargo secrets set"]),
    mistake("variables.A = { kind = 'key', default = 'x', value = 'y' }", 6, &["exclude each other", "remove one"]),
    mistake("variables.A.value = '${B}'", 6, &["unknown variable `B`"]),
    mistake("variables.A.value = 'hunter2-hunter2${B'", 6, &["is not closed", "${NAME}"]),
    mistake("variables.A.value = '${A:ulr}'", 6, &["unknown escape `ulr`", "did you mean `url`?"]),
    mistake(
        "variables.A.value = '${B}'\nvariables.B.value = '${A}'",
        6,
        &["variables refer to each other in a circle"],
    ),
    mistake("variables.PATH = {}", 6, &["`PATH` is a reserved name", "allow-unsafe-name = true"]),
    mistake("variables.SOPS_AGE_KEY.allow-unsafe-name = true", 6, &["holds an identity", "remove the declaration"]),
    mistake("variables.A = { packages = ['x', 'x'] }", 6, &["package `x` is listed twice"]),
    mistake("variables.A.default = \"hunter2-hunter2", 6, &["invalid `Cargo.toml`"]),
];

#[test]
fn every_mistake_shows_its_line_and_what_to_write_instead() {
    let project = Project::bare();
    for Mistake { lines, line, says } in MISTAKES {
        let head = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
        project.write("Cargo.toml", format!("{head}[package.metadata.secrets]\n{lines}\n"));
        // The table's header is line 5, so its first line is line 6.
        for (code, command) in [(125, &["run", "--", "touch", "started"][..]), (2, &["list"]), (2, &["check"])] {
            let stderr = project.fails(code, command);
            has(&stderr, &[&format!("Cargo.toml:{line}:"), &format!("\n{line} | ")]);
            has(&stderr, says);
            assert!(!stderr.contains(PASTED), "{stderr}");
        }
        assert!(!project.root().join("started").exists(), "{lines}");
    }
}

#[test]
fn a_mistake_in_a_members_table_names_the_members_file() {
    let project = Project::bare();
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"api\"]\nresolver = \"3\"\n[workspace.metadata.secrets.variables]\nTWICE = {}\n",
    );
    for (lines, says) in [
        ("environments.dev = {}", "belongs in `[workspace.metadata.secrets]`"),
        ("variables.A.kidn = 'key'", "did you mean `kind`?"),
        ("variables.TWICE = { kind = 'key' }", "`TWICE` is also declared in"),
    ] {
        let table = format!("[package]\nname = \"api\"\nversion = \"0.1.0\"\n[package.metadata.secrets]\n{lines}\n");
        project.write("api/Cargo.toml", table);
        has(&project.fails(2, &["list"]), &["api/Cargo.toml:5:", says]);
    }
}
