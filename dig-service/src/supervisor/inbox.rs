//! What reaches a supervisor's loop.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::shutdown::ShutdownReason;
use crate::supervisor::engine::{Life, Steer};
use crate::supervisor::{Audit, ChildExit, ChildSpec, CommandError, Outcome, TreeReport};

/// Signs from children, and the stop: never refused, never waited for. There are two per attempt
/// at most, and the next attempt is not started before they are read.
#[derive(Debug)]
pub(crate) enum Signal {
    Exited(Life, ChildExit),
    Ready(Life),
    /// The work is done for good; the exit follows.
    Last(Life),
    Shut {
        deadline: Option<Instant>,
        reason: ShutdownReason,
        reply: Option<oneshot::Sender<Arc<TreeReport>>>,
    },
    Hurry,
}

/// The children's end of the loop's inbox.
#[derive(Clone, Debug)]
pub(crate) struct Inbox(mpsc::UnboundedSender<Signal>);

impl Inbox {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Signal>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    pub(crate) fn send(&self, signal: Signal) {
        // An error means that the loop is over, and nothing follows from the signal any more.
        let _ = self.0.send(signal);
    }
}

/// How many commands may wait; who gives one more waits to give it.
pub(crate) const COMMANDS: usize = 64;

/// What an operator wants.
#[derive(Debug)]
pub(crate) struct Request {
    /// The path or the name of a child.
    pub(crate) child: String,
    pub(crate) wish: Wish,
    pub(crate) audit: Audit,
    pub(crate) reply: oneshot::Sender<Result<Outcome, CommandError>>,
}

/// What is to be done with the child.
#[derive(Debug)]
pub(crate) enum Wish {
    Steer(Steer),
    /// The child is a group, which is to have one more.
    Add(Box<ChildSpec>),
    /// The whole tree is to stop; the report comes on its own way.
    /// Stop everything by the deadline; the report goes here.
    Shut {
        deadline: Option<Instant>,
        reply: oneshot::Sender<Arc<TreeReport>>,
    },
}

impl Wish {
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Steer(steer) => steer.label(),
            Self::Add(_) => "add",
            Self::Shut { .. } => "shutdown_tree",
        }
    }
}
