//! The small runner: what cargo starts in place of every program, where `run` starts cargo itself.
//!
//! It asks the parent to start the program and is its shadow, as `process/runner/client.rs` describes: signals go to the
//! program, its status comes back. **It knows the usual way alone. Whatever else happens, it becomes the whole runner**,
//! which begins again, and says what is wrong. That one is named by the first argument, and given the rest.
//!
//! **No standard library, no C library, no loader**: to load those takes ten times as long as to start this. It allocates
//! nothing, and holds nothing secret.

#![no_std]
#![no_main]
// Or the loops in `memory` would be made into calls of themselves.
#![no_builtins]

mod memory;
mod system;
#[path = "../src/process/runner/wire.rs"]
#[allow(dead_code, clippy::allow_attributes, reason = "the parent uses the rest")]
mod wire;

use system::Started;

/// Our own exit code when nothing was started.
const FAILED: i32 = 125;

/// The words before those for the parent: ourselves, the whole runner, and its name for a runner.
const OURS: usize = 3;

/// What a target's name comes after.
const TARGET: &[u8] = b"--target=";

/// Begins; the kernel has put the words and the environment on the stack.
fn main(started: Started) -> ! {
    system::set_name(c"cargo-secrets");
    let mask = system::block(wire::HANDED_ON);
    if let Some(ended) = ask(started) {
        ended.mirror();
    }
    system::set_mask(mask);
    started.become_whole();
    system::say("error: failed to start the runner of `cargo secrets`: the program may have been replaced\n");
    system::exit(FAILED)
}

/// How the program ended.
enum Ended {
    Exited(u8),
    Signaled(i32),
}

impl Ended {
    fn mirror(self) -> ! {
        match self {
            Self::Exited(code) => system::exit(i32::from(code)),
            Self::Signaled(signal) => system::die_by(signal),
        }
    }
}

/// Has the parent start the program, and waits for its end.
fn ask(started: Started) -> Option<Ended> {
    let parent = started.variable(wire::PARENT_VARIABLE.as_bytes()).and_then(number)?;
    let signals = system::signal_descriptor(wire::HANDED_ON)?;
    let connection = call(parent, started)?;
    let mut shared = true;
    loop {
        let [signaled, answered] = system::wait([signals, connection])?;
        while signaled && let Some(sent) = system::next_signal(signals) {
            let has_it = shared && (sent.is_from_terminal || system::is_job_control(sent.number));
            if !has_it {
                let sender = if sent.is_from_terminal { wire::KERNEL } else { sent.sender };
                system::send_all(connection, &wire::joined(sent.number.cast_unsigned(), sender));
            }
        }
        if !answered {
            continue;
        }
        let [kind, flag, numbers @ ..] = system::read::<{ wire::ANSWER }>(connection)?;
        match kind {
            wire::STARTED => shared = flag == 1,
            wire::EXITED => return Some(Ended::Exited(flag)),
            wire::SIGNALED => return Some(Ended::Signaled(wire::halves(numbers).0.cast_signed())),
            _ => return None,
        }
    }
}

/// Says what is to be started; the connection carries the answers.
fn call(parent: i32, started: Started) -> Option<i32> {
    let request = started.text_from(OURS, TARGET)?;
    let length = u32::try_from(request.len()).ok()?;
    let words = u32::try_from(started.count() - OURS).ok()?;
    let [ours, theirs] = system::socket_pair()?;
    system::send(parent, [&[0], &[]], &[theirs])?;
    system::close(theirs);
    let folder = system::open_folder()?;
    let sent = system::send(ours, [&wire::joined(length, words), request], &[0, 1, 2, folder])?;
    system::send_all(ours, request.get(sent.checked_sub(wire::HEAD)?..)?);
    Some(ours)
}

/// A number as it is written; nothing is none.
fn number(text: &[u8]) -> Option<i32> {
    if text.is_empty() {
        return None;
    }
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i32::from(byte - b'0'));
    text.iter().try_fold(0_i32, |sum, byte| sum.checked_mul(10)?.checked_add(digit(byte)?))
}
