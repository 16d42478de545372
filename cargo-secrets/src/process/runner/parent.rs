//! The parent's loop: runners call, programs run and end, signals come, the supervisor reports.
//!
//! **One thread**, which stands still while a program is started. **No caller can hold the others up**: what has not said
//! all it has to say is waited for beside the rest.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};

use nix::sys::signal::{SigSet, Signal as Caught};
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, WaitOptions};

use super::message::{Answer, DESCRIPTORS, HEAD, Request};
use super::program::{Programs, Running};
use super::signals::{SIGNAL, Sent, Signals};
use super::supervisor::{Report, Supervisor};
use super::{Ended, Exposed, channel};

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// How what we started ended.
    pub(crate) ended: Ended,
    /// How many processes it left behind, which were killed.
    pub(crate) killed: u32,
    /// How many programs failed.
    pub(crate) failed: usize,
    /// How many of these were in the program domain.
    pub(crate) failed_confined: usize,
    /// Whether we were told to end.
    pub(crate) interrupted: bool,
}

/// The parent of a run's programs.
pub(crate) struct Parent {
    programs: Programs,
    supervisor: Supervisor,
    signals: Signals,
    clients: Vec<Client>,
    outcome: Option<Outcome>,
    failed: usize,
    failed_confined: usize,
    interrupted: bool,
    is_shut: bool,
}

/// A runner that called.
struct Client {
    connection: OwnedFd,
    pid: Pid,
    state: State,
}

/// Who has something to say.
struct Ready {
    report: bool,
    call: bool,
    clients: Vec<usize>,
}

enum State {
    /// It has not said anything.
    Called,
    /// It is telling what to start.
    Telling { descriptors: [OwnedFd; DESCRIPTORS], words: usize, length: usize, body: Vec<u8> },
    /// Its program runs.
    Runs(Running),
    /// It is gone, its program is being killed.
    Gone(Running),
    /// There is nothing more to do for it.
    Over,
}

impl Parent {
    /// Takes the signals of this process over.
    pub(crate) fn new(programs: Programs, supervisor: Supervisor) -> io::Result<Self> {
        let signals = Signals::take()?;
        Ok(Self {
            programs,
            supervisor,
            signals,
            clients: Vec::new(),
            outcome: None,
            failed: 0,
            failed_confined: 0,
            interrupted: false,
            is_shut: false,
        })
    }

    /// Serves the runners until the supervisor says that all is over. `exposed` is added to what cargo inherited.
    pub(crate) fn run(mut self, exposed: &Exposed<'_>) -> io::Result<Outcome> {
        self.supervisor.go(&self.programs.vault.for_cargo(exposed))?;
        let ended = loop {
            self.wait()?;
            if let Some(outcome) = self.outcome.take() {
                break Ok(outcome);
            }
            if self.supervisor.is_gone() {
                break Err(io::ErrorKind::BrokenPipe.into());
            }
        };
        self.end_programs();
        ended
    }

    /// Waits for something to happen, and does what it asks for.
    fn wait(&mut self) -> io::Result<()> {
        let ready = self.ready()?;
        for at in ready.clients {
            self.listen(at);
        }
        if ready.call {
            self.answer_call();
        }
        // Whatever was ready: the runners were listened to, and for that the signals were looked at.
        self.take_signals();
        if ready.report {
            self.take_report()?;
        }
        self.clients.retain(|client| !matches!(client.state, State::Over));
        Ok(())
    }

    /// Who has something to say. What has ended its connection is not asked: it would be ready for ever.
    fn ready(&self) -> io::Result<Ready> {
        let talks = |client: &Client| !matches!(client.state, State::Gone(_) | State::Over);
        let talking: Vec<usize> =
            self.clients.iter().enumerate().filter(|(_, client)| talks(client)).map(|(at, _)| at).collect();
        let fixed = [self.signals.descriptor(), self.supervisor.socket()];
        let door = (!self.is_shut).then(|| self.supervisor.door());
        let clients = talking.iter().filter_map(|at| Some(self.clients.get(*at)?.connection.as_fd()));
        let descriptors = fixed.into_iter().chain(door).chain(clients);
        let mut polled: Vec<_> = descriptors.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        match rustix::event::poll(&mut polled, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ready = polled.iter().map(|entry| !entry.revents().is_empty());
        let mut next = || ready.next().unwrap_or_default();
        let (_, report, call) = (next(), next(), !self.is_shut && next());
        let clients = talking.into_iter().zip(ready).filter(|(_, ready)| *ready).map(|(at, _)| at).collect();
        Ok(Ready { report, call, clients })
    }

    /// Signals of this process, and children that ended.
    fn take_signals(&mut self) {
        while let Some(sent) = self.signals.read() {
            self.handle(sent);
        }
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if let Some(ended) = Ended::from_status(status) {
                self.ended(pid, ended);
            }
        }
    }

    fn handle(&mut self, sent: Sent) {
        self.interrupted |= [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT].contains(&sent.number);
        if !sent.is_from_terminal() {
            self.supervisor.hand_on(sent);
        }
        if sent.number == libc::SIGTSTP {
            // What has a group of its own is stopped by us: we cannot hand it on while we are stopped ourselves.
            self.signal_groups(Signal::TSTP);
            stop();
            self.signal_groups(Signal::CONT);
        }
    }

    fn signal_groups(&self, signal: Signal) {
        for client in &self.clients {
            if let State::Runs(running) = &client.state
                && !running.shared
            {
                let _ = rustix::process::kill_process_group(running.pid, signal);
            }
        }
    }

    fn ended(&mut self, pid: Pid, ended: Ended) {
        let found = self.clients.iter_mut().find_map(|client| match &client.state {
            State::Runs(running) | State::Gone(running) if running.pid == pid => Some((running.confined, client)),
            _ => None,
        });
        let Some((confined, client)) = found else { return };
        self.failed += usize::from(!ended.is_success());
        self.failed_confined += usize::from(confined && !ended.is_success());
        client.answer(&Answer::Ended(ended, 0));
        client.state = State::Over;
    }

    /// A runner calls: it sends one end of a connection of its own.
    fn answer_call(&mut self) {
        let mut nothing = [0; 8];
        let Ok(mut received) = channel::receive(self.supervisor.door(), &mut nothing) else { return };
        if received.length == 0 && received.sender.is_none() {
            // Somebody shut it: nothing will come through it any more, and it would be ready for ever.
            self.is_shut = true;
        }
        let Some(sender) = received.sender.filter(|sender| sender.uid == rustix::process::geteuid()) else { return };
        let (Some(connection), true) = (received.descriptors.pop(), received.descriptors.is_empty()) else { return };
        self.clients.push(Client { connection, pid: sender.pid, state: State::Called });
    }

    /// Hears what a runner has to say.
    fn listen(&mut self, at: usize) {
        let Some(client) = self.clients.get_mut(at) else { return };
        let heard = match &client.state {
            State::Called => client.head(),
            State::Telling { .. } => client.body(),
            State::Runs(_) => client.signal(&mut self.signals),
            State::Gone(_) | State::Over => return,
        };
        match heard {
            Heard::More => {}
            Heard::Request(request, descriptors) => match self.programs.start(&request, &descriptors, client.pid) {
                Ok(running) => {
                    client.answer(&Answer::Started { shared: running.shared });
                    client.state = State::Runs(running);
                }
                Err(answer) => {
                    client.answer(&answer);
                    client.state = State::Over;
                }
            },
            Heard::Nothing => client.leave(),
        }
    }

    fn take_report(&mut self) -> io::Result<()> {
        if let Some(Report { ended, killed }) = self.supervisor.report()? {
            let Self { failed, failed_confined, interrupted, .. } = *self;
            self.outcome = Some(Outcome { ended, killed, failed, failed_confined, interrupted });
        }
        Ok(())
    }

    /// Programs that cargo no longer waits for end with it.
    fn end_programs(&mut self) {
        for client in &mut self.clients {
            client.leave();
        }
        for client in &self.clients {
            if let State::Gone(running) = &client.state {
                let _ = rustix::process::waitpid(Some(running.pid), WaitOptions::empty());
            }
        }
    }
}

/// What a runner said.
enum Heard {
    /// Not all of it yet.
    More,
    /// All of it.
    Request(Request, [OwnedFd; DESCRIPTORS]),
    /// It is gone, or no runner of ours.
    Nothing,
}

impl Client {
    fn head(&mut self) -> Heard {
        let mut head = [0; HEAD];
        let Ok(received) = channel::receive(&self.connection, &mut head) else { return Heard::Nothing };
        let descriptors = <[OwnedFd; DESCRIPTORS]>::try_from(received.descriptors);
        let announced = Request::announced(head).filter(|_| received.length == HEAD);
        let (Ok(descriptors), Some((length, words))) = (descriptors, announced) else { return Heard::Nothing };
        self.state = State::Telling { descriptors, words, length, body: Vec::new() };
        self.body()
    }

    fn body(&mut self) -> Heard {
        let State::Telling { length, body, .. } = &mut self.state else { return Heard::More };
        let mut piece = [0; 16 << 10];
        while body.len() < *length {
            let wanted = (*length - body.len()).min(piece.len());
            match channel::read(&self.connection, piece.get_mut(..wanted).unwrap_or_default()) {
                Ok(0) => return Heard::Nothing,
                Ok(count) => body.extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Heard::More,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Heard::Nothing,
            }
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Telling { descriptors, words, body, .. } => {
                Request::new(body, words).map_or(Heard::Nothing, |request| Heard::Request(request, descriptors))
            }
            _ => Heard::Nothing,
        }
    }

    /// Hands a signal on to the program; to its whole group where it has one of its own.
    fn signal(&mut self, signals: &mut Signals) -> Heard {
        let mut bytes = [0; SIGNAL];
        match channel::read(&self.connection, &mut bytes) {
            Ok(SIGNAL) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                return Heard::More;
            }
            _ => return Heard::Nothing,
        }
        let State::Runs(running) = &self.state else { return Heard::More };
        if let Some(sent) = Sent::decode(bytes)
            && let Some(signal) = Signal::from_named_raw(sent.number)
        {
            let _ = if !running.shared {
                rustix::process::kill_process_group(running.pid, signal)
            } else if signals.got_too(sent) {
                Ok(())
            } else {
                rustix::process::kill_process(running.pid, signal)
            };
        }
        Heard::More
    }

    fn answer(&mut self, answer: &Answer) {
        // A runner that is gone needs no answer.
        let _ = channel::write(&self.connection, &answer.encode());
    }

    /// The runner is gone: so must be its program.
    fn leave(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Over) {
            State::Runs(running) => {
                if !running.shared {
                    let _ = rustix::process::kill_process_group(running.pid, Signal::KILL);
                }
                let _ = rustix::process::kill_process(running.pid, Signal::KILL);
                State::Gone(running)
            }
            State::Gone(running) => State::Gone(running),
            _ => State::Over,
        };
    }
}

/// Stops this process as the terminal's stop does: not at all where nobody could continue it.
pub(in crate::process) fn stop() {
    let mut set = SigSet::empty();
    set.add(Caught::SIGTSTP);
    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::TSTP);
    let _ = set.thread_unblock();
    let _ = set.thread_block();
}
