//! `shell` and `hook` with the real shells, at a terminal where they would be at one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rexpect::session::PtySession;

use crate::fixture::{declare, ends, has, terminal, texts, tree};
use crate::support::{Project, feed, program, shown, tools};

/// A value that no shell may read as anything but itself.
const HARD: &str = "a'b\"c$HOME`id`\\n!! \\ é\nsecond line\n";

fn project() -> Project {
    let project = Project::new();
    project.set("TOKEN", "one");
    project.set("HARD", HARD);
    project
}

fn at_terminal(mut command: Command) -> PtySession {
    command
        .env("TERM", "dumb")
        .env("NO_COLOR", "1")
        .env_remove("PROMPT_COMMAND")
        .env_remove("ENV")
        .env_remove("ZDOTDIR");
    terminal(&command)
}

/// The shells that there are, with the file of their settings.
fn shells() -> Vec<(&'static str, PathBuf, &'static str)> {
    let bash = which("bash").map(|path| ("bash", path, ".bashrc"));
    let zsh = tools::zsh().map(|path| ("zsh", path, ".zshrc"));
    let fish = tools::fish().map(|path| ("fish", path, ".config/fish/config.fish"));
    bash.into_iter().chain(zsh).chain(fish).collect()
}

fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn settings(project: &Project, file: &str, text: &str) {
    let path = project.home().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn shell(project: &Project, shell: &Path) -> Command {
    let mut command = project.secrets(&["shell"]);
    command.env("SHELL", shell);
    command
}

#[test]
fn a_shell_has_the_values_its_own_settings_and_a_mark_in_its_prompt() {
    let project = project();
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    for (name, path, file) in shells() {
        settings(&project, file, "export MINE=settings\n");
        settings(&project, ".zshenv", "export MINE_TOO=zshenv\n");
        if name == "fish" {
            settings(&project, file, "set -gx MINE settings\n");
        }
        let mut command = shell(&project, &path);
        command.env("XDG_RUNTIME_DIR", runtime.path());
        let mut session = at_terminal(command);
        session.exp_string("Entering").unwrap();
        session.exp_string("(dev) ").unwrap();
        session.send_line("printf '%s=' got; printf '%s.' \"$TOKEN\" \"$MINE\" \"$CARGO_SECRETS_SHELL\"").unwrap();
        session.exp_string("got=one.settings.dev.").unwrap();
        session.send_line("printf '%s=' dirs; printf '%s.' \"$ZDOTDIR\" \"$ENV\"").unwrap();
        session.exp_string("dirs=..").unwrap();
        session.exp_string("(dev) ").unwrap();
        // A second mark would be one too many.
        session.send_line("printf '%s=' again").unwrap();
        let between = session.exp_string("again=").unwrap();
        assert!(!between.contains("(dev) (dev)"), "{name}: {between}");
        if name == "zsh" {
            session.send_line("printf '%s=' env; printf '%s.' \"$MINE_TOO\"").unwrap();
            session.exp_string("env=zshenv.").unwrap();
        }
        session.send_line("exit 7").unwrap();
        crate::fixture::closes(session, 7);
        assert!(tree(runtime.path()).is_empty(), "{name}");
    }
}

#[test]
fn a_prompt_that_is_made_anew_is_marked_anew() {
    let project = project();
    for (name, path, file) in shells() {
        let text = match name {
            "bash" => "PROMPT_COMMAND='PS1=\"new> \"'\n",
            "zsh" => "precmd() { PROMPT='new> ' }\n",
            _ => "function fish_prompt; printf 'new> '; end\n",
        };
        settings(&project, file, text);
        let mut session = at_terminal(shell(&project, &path));
        for _ in 0..2 {
            session.exp_string("(dev) new> ").unwrap();
            session.send_line("true").unwrap();
        }
        session.send_line("exit").unwrap();
        session.exp_eof().unwrap();
    }
}

#[test]
fn a_posix_shell_reads_its_own_file_too() {
    let project = project();
    for name in ["dash", "sh"] {
        let Some(path) = which(name) else { continue };
        let own = project.home().join("env file");
        fs::write(&own, "MINE=settings\nPS1='own '\n").unwrap();
        let mut command = shell(&project, &path);
        command.env("TERM", "dumb").env("NO_COLOR", "1").env("ENV", &own);
        let mut session = terminal(&command);
        session.exp_string("(dev) own ").unwrap();
        session.send_line("printf '%s=' got; printf '%s.' \"$TOKEN\" \"$MINE\" \"$ENV\"").unwrap();
        session.exp_string(&format!("got=one.settings.{}.", own.display())).unwrap();
        session.send_line("exit").unwrap();
        session.exp_eof().unwrap();
    }
}

#[test]
fn a_shell_that_is_not_known_starts_as_it_is_and_one_in_another_is_refused() {
    let project = project();
    let (stdout, stderr) =
        texts(&feed(shell(&project, Path::new("/usr/bin/python3")), b"import os; print(os.environ['TOKEN'])\n"));
    assert_eq!(stdout, "one\n");
    has(&stderr, &["prompt is marked is not known", "all that is started in it sees them"]);
    let output = feed(shell(&project, &which("bash").unwrap()), b"\"$P\" shell; exit 4\n");
    assert_eq!(output.status.code(), Some(4), "{}", shown(&output));
    let mut nested = shell(&project, &which("bash").unwrap());
    nested.env("CARGO_SECRETS_SHELL", "staging");
    has(&ends(nested, 125).1, &["a shell with the values of `staging` already", "`exit` leaves it"]);
    has(&ends(shell(&project, Path::new("/no/shell")), 127).1, &["`/no/shell` was not found"]);
}

/// An interactive shell with the hook in its settings, in the home.
fn hooked(project: &Project, name: &str, path: &Path, file: &str) -> PtySession {
    let us = program().display().to_string();
    let line = match name {
        "fish" => format!("{us} hook fish | source\nset -gx TOKEN before\nset -g LOCAL here\n"),
        _ => format!("eval \"$({us} hook {name})\"\nexport TOKEN=before\nLOCAL=here\n"),
    };
    settings(project, file, &line);
    let mut command = project.command(path);
    command.current_dir(project.home());
    if name == "bash" {
        command.arg("-i");
    }
    at_terminal(command)
}

/// Has the shell print, and expects it.
fn prints(session: &mut PtySession, label: &str, variables: &str, expected: &str) {
    let words: Vec<_> = variables.split(' ').map(|name| format!("\"${name}\"")).collect();
    session.send_line(&format!("printf '%s=' {label}; printf '%s.' {}", words.join(" "))).unwrap();
    session.exp_string(&format!("{label}={expected}")).unwrap();
}

#[test]
fn entering_a_folder_sets_its_values_and_leaving_it_puts_back_what_was() {
    for (name, path, file) in shells() {
        let project = project();
        project.set("LOCAL", "theirs");
        let root = project.root().display().to_string();
        let mut session = hooked(&project, name, &path, file);
        prints(&mut session, "home", "TOKEN LOCAL", "before.here.");
        // Nobody allowed it yet.
        session.send_line(&format!("cd {root}")).unwrap();
        session.exp_string("`cargo secrets hook allow` gives them to your shells").unwrap();
        prints(&mut session, "refused", "TOKEN LOCAL", "before.here.");
        session.send_line(&format!("{} hook allow", program().display())).unwrap();
        session.exp_string("Allowed").unwrap();
        session.exp_string("Entered HARD, LOCAL, TOKEN").unwrap();
        prints(&mut session, "in", "TOKEN LOCAL", "one.theirs.");
        session.send_line("sh -c 'printf %s \"$HARD\"' > ../hard").unwrap();
        // A value that changes is taken over at the next prompt.
        session.send_line(&format!("printf two | {} set TOKEN --quiet", program().display())).unwrap();
        session.exp_string("Entered HARD, LOCAL, TOKEN").unwrap();
        prints(&mut session, "new", "TOKEN LOCAL", "two.theirs.");
        assert_eq!(fs::read_to_string(project.home().parent().unwrap().join("hard")).unwrap(), HARD, "{name}");
        session.send_line("cd src").unwrap();
        prints(&mut session, "below", "TOKEN", "two.");
        session.send_line("cd ../..").unwrap();
        session.exp_string("Left HARD, LOCAL, TOKEN").unwrap();
        prints(&mut session, "out", "TOKEN LOCAL HARD CARGO_SECRETS_HOOK", "before.here...");
        session.send_line("sh -c 'printf %s= child; printf %s. \"$TOKEN\" \"$LOCAL\"'").unwrap();
        session.exp_string("child=before..").unwrap();
        session.send_line("exit 3").unwrap();
        crate::fixture::closes(session, 3);
    }
}

fn step(project: &Project) -> Command {
    project.secrets(&["hook", "step", "bash"])
}

#[test]
fn what_cargo_toml_changes_has_to_be_allowed_again_and_a_value_has_not() {
    let project = project();
    project.ok(&["hook", "allow"]);
    let loads = || {
        let (stdout, stderr) = ends(step(&project), 0);
        (stdout.contains("export TOKEN="), stderr)
    };
    assert!(loads().0);
    project.set("TOKEN", "two");
    assert!(loads().0);
    declare(&project, "[workspace.metadata.secrets.variables]\nURL = { kind = 'key', default = 'a' }\n");
    let (loaded, stderr) = loads();
    assert!(!loaded);
    has(&stderr, &["cargo secrets hook allow"]);
    project.ok(&["hook", "allow"]);
    assert!(loads().0);
    project.set("NEW", "x");
    assert!(!loads().0, "a new name");
    project.ok(&["hook", "allow"]);
    declare(&project, "[workspace.metadata.secrets.variables.URL]\ndefault = 'b'\n");
    assert!(!loads().0, "another default");
    project.ok(&["hook", "allow"]);
    // Somebody else's clone of it is another folder.
    let moved = project.root().with_file_name("moved");
    fs::rename(project.root(), &moved).unwrap();
    let mut elsewhere = step(&project);
    elsewhere.current_dir(&moved);
    assert!(!ends(elsewhere, 0).0.contains("TOKEN="));
    fs::rename(&moved, project.root()).unwrap();
    assert!(loads().0);
    project.ok(&["hook", "deny"]);
    assert!(!loads().0, "denied");
}

#[test]
fn a_protected_environment_is_never_taken_and_a_broken_project_is_told_once() {
    let project = project();
    let key = project.recipient();
    let lines = format!(
        "[workspace.metadata.secrets.environments.prod]\nsources = ['secrets/prod.json']\nrecipients = ['alice']\nprotected = true\n# {key}\n"
    );
    declare(&project, &lines);
    project.ok(&["hook", "allow"]);
    let refused = project.fails(2, &["hook", "allow", "-e", "prod"]);
    has(&refused, &["`prod` is protected", "cargo secrets run -e prod -- COMMAND"]);
    let mut protected = step(&project);
    protected.env("CARGO_SECRETS_ENVIRONMENT", "prod");
    let (stdout, stderr) = ends(protected, 0);
    has(&stderr, &["`prod` is protected: a shell does not get it by a hook"]);
    assert!(!stdout.contains("TOKEN="), "{stdout}");
    let text = project.read("secrets/dev.json");
    project.write("secrets/dev.json", "{");
    let (stdout, stderr) = ends(step(&project), 0);
    has(&stderr, &["secrets/dev.json"]);
    let state = stdout.lines().find_map(|line| line.strip_prefix("export CARGO_SECRETS_HOOK='")).unwrap();
    let mut again = step(&project);
    again.env("CARGO_SECRETS_HOOK", state.trim_end_matches('\''));
    assert_eq!(ends(again, 0), (String::new(), String::new()));
    project.write("secrets/dev.json", text);
    // A hostile state names what is not to be touched, and breaks out of nothing.
    let mut hostile = step(&project);
    hostile.env("CARGO_SECRETS_HOOK", "x'; touch broken; ' A;id TOKEN");
    let (stdout, _) = ends(hostile, 0);
    assert!(!stdout.contains("touch broken") && !stdout.contains(";id"), "{stdout}");
}

#[test]
fn of_a_project_that_nobody_allowed_only_the_root_is_looked_for() {
    let project = project();
    let manifest = project.read("Cargo.toml");
    // Neither an environment nor a member is looked at, and nothing that could be wrong with them is said.
    project.write("Cargo.toml", format!("{manifest}\n[workspace.metadata.secrets.nonsense]\n"));
    let (stdout, stderr) = ends(step(&project), 0);
    assert!(!stdout.contains("TOKEN="), "{stdout}");
    has(&stderr, &["note: this project has secrets; `cargo secrets hook allow` gives them to your shells"]);
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    // What never ends is not read, by any command.
    fs::remove_file(project.root().join("Cargo.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", project.root().join("Cargo.toml")).unwrap();
    assert_eq!(ends(step(&project), 0), (String::new(), String::new()));
    has(&project.fails(2, &["list"]), &["Cargo.toml`", "it is no regular file"]);
}

#[test]
fn allow_tells_the_names_and_deny_needs_no_cargo_toml() {
    let project = project();
    let root = project.root().display().to_string();
    let (_, stderr) = ends(project.secrets(&["hook", "allow"]), 0);
    has(&stderr, &[&format!("`dev` in {root}: "), "HARD", "TOKEN"]);
    let manifest = project.read("Cargo.toml");
    project.write("Cargo.toml", "[workspace\n");
    let (_, stderr) = ends(project.secrets(&["hook", "deny"]), 0);
    has(&stderr, &["Denied", &root]);
    project.fails(2, &["hook", "deny"]);
    project.write("Cargo.toml", manifest);
    assert!(!ends(step(&project), 0).0.contains("TOKEN="));
    let (_, stderr) = ends(project.secrets(&["hook", "deny"]), 0);
    has(&stderr, &["Unchanged"]);
}

#[test]
fn a_name_that_the_shell_keeps_for_itself_is_left_out_and_the_others_are_set() {
    let project = project();
    let declared = ["status", "argv", "options"].map(|name| format!("{name} = {{ kind = 'key' }}\n")).concat();
    declare(&project, &format!("[workspace.metadata.secrets.variables]\n{declared}"));
    for name in ["status", "argv", "options"] {
        project.set(name, "x");
    }
    project.ok(&["hook", "allow"]);
    let (stdout, stderr) = ends(step(&project), 0);
    has(
        &stderr,
        &["warning: this shell cannot have `argv` (the name is taken there), `options`", "Entered HARD, TOKEN"],
    );
    assert!(stdout.starts_with("export CARGO_SECRETS_HOOK="), "{stdout}");
    assert!(!stdout.contains("argv=") && stdout.contains("export TOKEN="), "{stdout}");
    if let Some(zsh) = tools::zsh() {
        let mut command = project.command(zsh);
        let (stdout, _) = ends(project.secrets(&["hook", "step", "zsh"]), 0);
        command.args(["-f", "-c", "eval \"$(cat)\"; printf %s. $TOKEN ${CARGO_SECRETS_HOOK#* }"]);
        let (stdout, stderr) = texts(&feed(command, stdout.as_bytes()));
        assert_eq!(stdout, "one.HARD TOKEN.", "{stderr}");
    }
    let refused = project.fails(2, &["export", "--format", "shell"]);
    has(&refused, &["`status` (the name is taken there)", "`json` holds every name"]);
}

#[test]
fn the_hook_leaves_alone_the_shell_that_somebody_asked_for() {
    let project = project();
    project.ok(&["hook", "allow"]);
    settings(&project, ".bashrc", &format!("eval \"$({} hook bash)\"\n", program().display()));
    let mut command = project.secrets(&["shell", "--only", "TOKEN"]);
    command.env("SHELL", which("bash").unwrap());
    let mut session = at_terminal(command);
    session.exp_string("(dev) ").unwrap();
    prints(&mut session, "in", "TOKEN HARD", "one..");
    session.send_line("exit").unwrap();
    session.exp_eof().unwrap();
}

#[test]
fn nushell_loads_and_hides() {
    let Some(nu) = tools::nu() else { return };
    let project = project();
    project.ok(&["hook", "allow"]);
    let hook = project.home().join("hook.nu");
    fs::write(&hook, project.ok(&["hook", "nu"])).unwrap();
    let root = project.root();
    // Without a terminal there is no prompt: the hook is called as the prompt would.
    let script = format!(
        "source '{}'\n$env.TOKEN = 'before'\ndo --env ($env.config.hooks.pre_prompt | last)\nprint $'home=($env.TOKEN).'\n\
         cd '{}'\ndo --env ($env.config.hooks.pre_prompt | last)\nprint $'in=($env.TOKEN).($env.HARD == (open --raw ../hard)).'\n\
         do --env ($env.config.hooks.pre_prompt | last)\ncd /\ndo --env ($env.config.hooks.pre_prompt | last)\n\
         print $'out=($env.TOKEN).($env.HARD? | default none).($env.CARGO_SECRETS_HOOK? | default none).'\n",
        hook.display(),
        root.display()
    );
    fs::write(root.with_file_name("hard"), HARD).unwrap();
    let path = project.home().join("script.nu");
    fs::write(&path, script).unwrap();
    let mut command = project.command(nu);
    let output = command.args(["--no-config-file"]).arg(path).current_dir(project.home()).output().unwrap();
    let (stdout, stderr) = texts(&output);
    assert!(output.status.success(), "{}", shown(&output));
    assert_eq!(stdout, "home=before.\nin=one.true.\nout=before.none.none.\n", "{stderr}");
}
