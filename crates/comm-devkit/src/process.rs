//! Child processes that die with this one, even when it is killed with SIGKILL.

use rustix::process::{Pid, kill_process};
use std::any::Any;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

/// A signal that asks a process to end, or halts it for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: PostgreSQL's fast, orderly shutdown.
    Int,
    /// SIGQUIT: PostgreSQL's immediate shutdown, without a checkpoint.
    Quit,
    /// SIGTERM: the usual request to end.
    Term,
    /// SIGKILL: no chance to tidy up.
    Kill,
    /// SIGSTOP: it is frozen until it gets `Cont`.
    Stop,
    /// SIGCONT: a frozen process goes on.
    Cont,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Term => "TERM",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        }
    }

    fn number(self) -> rustix::process::Signal {
        match self {
            Self::Int => rustix::process::Signal::INT,
            Self::Quit => rustix::process::Signal::QUIT,
            Self::Term => rustix::process::Signal::TERM,
            Self::Kill => rustix::process::Signal::KILL,
            Self::Stop => rustix::process::Signal::STOP,
            Self::Cont => rustix::process::Signal::CONT,
        }
    }
}

/// A command whose process gets `farewell` when its parent dies. It shares the parent's terminal.
///
/// `setpriv` sets the parent-death signal and then becomes the program.
pub fn mortal(program: impl AsRef<OsStr>, farewell: Signal) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", farewell.name(), "--"])
        .arg(program);
    command
}

/// The same for a server: without input, and in a process group of its own, so that Ctrl-C in a
/// terminal reaches only the parent, which ends its children in order.
pub fn command(program: impl AsRef<OsStr>, farewell: Signal) -> Command {
    let mut command = mortal(program, farewell);
    command.stdin(Stdio::null()).process_group(0);
    command
}

/// A running child; dropping it sends its farewell signal and does not wait.
#[derive(Debug)]
pub struct Guarded {
    pid: Pid,
    farewell: Signal,
    exit: watch::Receiver<Option<ExitStatus>>,
}

impl Guarded {
    /// Starts a command made by [`command`] or [`mortal`]. `keep` is dropped once the process is gone: a data
    /// folder that must not vanish under its server.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn spawn(
        command: Command,
        farewell: Signal,
        keep: impl Any + Send,
    ) -> Result<Self, io::Error> {
        let (started, start) = mpsc::sync_channel(1);
        let (ended, exit) = watch::channel(None);
        // The parent-death signal follows the spawning thread, so this one lives as long as the child.
        thread::Builder::new()
            .name("child".to_owned())
            .spawn(move || attend(command, &started, &ended, keep))?;
        let pid = start.recv().map_err(io::Error::other)??;
        Ok(Self {
            pid,
            farewell,
            exit,
        })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// How it ended, if it has.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it has ended. `None`: how it ended could not be learnt.
    pub async fn ended(&self) -> Option<ExitStatus> {
        let mut exit = self.exit.clone();
        exit.wait_for(Option::is_some).await.ok().and_then(|s| *s)
    }

    /// Sends a signal unless the process has ended.
    pub fn signal(&self, signal: Signal) {
        let running = self.exit_status().is_none() && self.exit.has_changed().is_ok();
        if running && let Err(error) = kill_process(self.pid, signal.number()) {
            tracing::debug!(%error, pid = self.pid(), "a child could not be signalled");
        }
    }

    /// Sends a signal, waits, and kills what has not ended after `patience`.
    pub async fn end(&self, signal: Signal, patience: Duration) -> Option<ExitStatus> {
        self.signal(signal);
        if let Ok(status) = tokio::time::timeout(patience, self.ended()).await {
            return status;
        }
        self.signal(Signal::Kill);
        self.ended().await
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.signal(self.farewell);
    }
}

fn attend(
    mut command: Command,
    started: &mpsc::SyncSender<io::Result<Pid>>,
    ended: &watch::Sender<Option<ExitStatus>>,
    keep: impl Any + Send,
) {
    let spawned = command
        .spawn()
        .and_then(|child| Ok((pid_of(&child)?, child)));
    let (report, child) = match spawned {
        Ok((pid, child)) => (Ok(pid), Some(child)),
        Err(error) => (Err(error), None),
    };
    let listened = started.send(report).is_ok();
    if let Some(mut child) = child {
        if !listened {
            drop(child.kill());
        }
        let status = child.wait().ok();
        // Whoever waits for the end may want the folder at once.
        drop(keep);
        ended.send_replace(status);
    }
}

fn pid_of(child: &Child) -> io::Result<Pid> {
    i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::other("a process id out of range"))
}
