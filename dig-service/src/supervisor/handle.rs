//! The handle through which children are looked at and steered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::phase::ChildPhase;
use crate::shutdown::ShutdownReason;
use crate::supervisor::directory::Directory;
use crate::supervisor::engine::Steer;
use crate::supervisor::inbox::{COMMANDS, Inbox, Request, Signal, Wish};
use crate::supervisor::supervisor::Factory;
use crate::supervisor::{
    Audit, ChildManifest, ChildSpec, ChildStatus, CommandError, Outcome, TreeReport, TreeState,
};

/// What the loop and its handles share.
#[derive(Clone)]
pub(crate) struct Wiring {
    pub(crate) directory: Arc<Directory>,
    pub(crate) inbox: Inbox,
    requests: mpsc::Sender<Request>,
    factories: Arc<OnceLock<BTreeMap<String, Factory>>>,
}

/// The loop's ends of the wires.
#[derive(Debug)]
pub(crate) struct Receivers {
    pub(crate) signals: mpsc::UnboundedReceiver<Signal>,
    pub(crate) requests: mpsc::Receiver<Request>,
    directory: Arc<Directory>,
}

/// Over, refused, or dropped with its runtime or before its start: whoever waits is let go.
impl Drop for Receivers {
    fn drop(&mut self) {
        self.directory.end();
    }
}

impl Wiring {
    pub(crate) fn new() -> (Self, Receivers) {
        let (inbox, signals) = Inbox::new();
        let (requests, receiver) = mpsc::channel(COMMANDS);
        let wiring = Self {
            directory: Arc::default(),
            inbox,
            requests,
            factories: Arc::default(),
        };
        let receivers = Receivers {
            signals,
            requests: receiver,
            directory: Arc::clone(&wiring.directory),
        };
        (wiring, receivers)
    }

    /// Makes the factories known.
    pub(crate) fn know(&self, factories: BTreeMap<String, Factory>) {
        // Once per tree.
        let _ = self.factories.set(factories);
    }
}

/// Looks at the children of a supervisor, and steers them.
///
/// Cheap to clone. A child is named by its path, as `/feed` or `/group/feed`, or by its name alone
/// if only one child in the tree has it.
///
/// | when this returns `Ok` | that confirms |
/// |---|---|
/// | [`add`](Self::add), [`add_to`](Self::add_to), [`add_manifest`](Self::add_manifest) | the child is known, and was started or waits for its turn |
/// | [`restart`](Self::restart), [`resume`](Self::resume) | it is decided that the child starts in a new generation; [`Decision::Queued`](crate::supervisor::Decision::Queued): its old attempt is told to end first |
/// | [`pause`](Self::pause), [`quarantine`](Self::quarantine) | the child will not be started again; [`Decision::Stopping`](crate::supervisor::Decision::Stopping): it was told to end, and may still run |
/// | [`remove`](Self::remove) | as for `pause`; the name is free once the child has ended |
/// | [`wait_for`](Self::wait_for) | the child was in the phase at some moment after the call |
/// | [`shutdown_tree`](Self::shutdown_tree) | every child has ended, or is named in the report as stuck |
///
/// Commands are idempotent, carried out one after the other, and never wait for a child. Each is
/// written into the journal, with who asked and why, before it is carried out. If 64 commands wait,
/// a further one waits to be taken.
#[derive(Clone)]
pub struct SupervisorHandle {
    wiring: Wiring,
}

impl SupervisorHandle {
    pub(crate) const fn new(wiring: Wiring) -> Self {
        Self { wiring }
    }

    /// Returns how all children stand at one moment. Never waits, and does not hold up the
    /// supervisor; `None` before the tree is checked.
    #[must_use]
    pub fn state(&self) -> Option<TreeState> {
        self.wiring.directory.state()
    }

    /// As above, with what `look` sees while nothing can happen to a child.
    pub(crate) fn state_with<T>(&self, look: impl FnOnce() -> T) -> Option<(TreeState, T)> {
        self.wiring.directory.state_with(look)
    }

    /// Returns how one child stands.
    ///
    /// # Errors
    ///
    /// A child that is not there, or a name that several have.
    pub fn child(&self, child: &str) -> Result<ChildStatus, CommandError> {
        let id = self.wiring.directory.find(child)?;
        let status = self.wiring.directory.status(id);
        status.ok_or_else(|| CommandError::UnknownChild(child.to_owned()))
    }

    /// Waits until a child is in a phase; returns at once if it is. No phase is too short to be
    /// noticed. Before the service starts, it waits for that first.
    ///
    /// # Errors
    ///
    /// A child that is not there, or is removed meanwhile; a supervisor that is over.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn wait_for(
        &self,
        child: &str,
        phase: ChildPhase,
    ) -> Result<ChildStatus, CommandError> {
        let directory = &self.wiring.directory;
        directory.opened().await;
        let id = directory.find(child)?;
        let gone = |_| match directory.status(id) {
            Some(_) => CommandError::Stopping,
            None => CommandError::UnknownChild(child.to_owned()),
        };
        directory.wait(id, phase).await.map_err(gone)
    }

    /// Adds a child to the supervisor.
    ///
    /// # Errors
    ///
    /// A declaration that is not in order, a name that is taken (that of a child which is being
    /// removed is, until it has ended), a supervisor that stops.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it returns, the command may have been taken, and is then carried out; this
    /// holds for all commands.
    pub async fn add(&self, child: ChildSpec, audit: Audit) -> Result<Outcome, CommandError> {
        self.add_to("/", child, audit).await
    }

    /// Adds a child to a supervisor that is a child itself.
    ///
    /// # Errors
    ///
    /// As for [`add`](Self::add); a child that is no supervisor.
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn add_to(
        &self,
        group: &str,
        child: ChildSpec,
        audit: Audit,
    ) -> Result<Outcome, CommandError> {
        self.request(group, Wish::Add(Box::new(child)), audit).await
    }

    /// Adds a child whose work comes from a [factory](crate::supervisor::Supervisor::factory).
    ///
    /// # Errors
    ///
    /// As for [`add_to`](Self::add_to); a key that no factory has.
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn add_manifest(
        &self,
        manifest: ChildManifest,
        audit: Audit,
    ) -> Result<Outcome, CommandError> {
        let factories = self.wiring.factories.get();
        let found = factories.and_then(|all| all.get(&manifest.factory_key));
        let Some(factory) = found.cloned() else {
            let known = factories.into_iter().flat_map(BTreeMap::keys);
            let known: Vec<_> = known.map(|key| format!("`{key}`")).collect();
            return Err(CommandError::UnknownFactory {
                key: manifest.factory_key,
                known: match known.is_empty() {
                    true => "none".to_owned(),
                    false => known.join(", "),
                },
            });
        };
        let group = manifest.group.clone();
        let params: Value = manifest.params.clone();
        let spec = ChildSpec::factory(manifest.name.clone(), move |cx| factory(cx, params.clone()));
        self.add_to(&group, manifest.apply_to(spec), audit).await
    }

    /// Restarts a child: it is told to stop, and started in a new generation once it has. A child at
    /// rest is started.
    ///
    /// One whose restart is pending, in its backoff or otherwise, keeps that:
    /// [`Decision::AlreadyPending`](crate::supervisor::Decision::AlreadyPending).
    ///
    /// # Errors
    ///
    /// A child that is not there or is being removed, a supervisor that stops.
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn restart(&self, child: &str, audit: Audit) -> Result<Outcome, CommandError> {
        self.steer(child, Steer::Restart, audit).await
    }

    /// Stops a child, and does not start it again until it is [resumed](Self::resume).
    ///
    /// # Errors
    ///
    /// As for [`restart`](Self::restart).
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn pause(&self, child: &str, audit: Audit) -> Result<Outcome, CommandError> {
        self.steer(child, Steer::Pause, audit).await
    }

    /// Starts a child that is paused or quarantined, in a new generation and without its history.
    ///
    /// # Errors
    ///
    /// As for [`restart`](Self::restart).
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn resume(&self, child: &str, audit: Audit) -> Result<Outcome, CommandError> {
        self.steer(child, Steer::Resume, audit).await
    }

    /// Stops a child and marks it as not fit to run, until it is [resumed](Self::resume).
    ///
    /// # Errors
    ///
    /// As for [`restart`](Self::restart).
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn quarantine(&self, child: &str, audit: Audit) -> Result<Outcome, CommandError> {
        self.steer(child, Steer::Quarantine, audit).await
    }

    /// Stops a child, with its own if it has any, and forgets it.
    ///
    /// # Errors
    ///
    /// As for [`restart`](Self::restart); a child that others depend on.
    ///
    /// # Cancel safety
    ///
    /// As for [`add`](Self::add).
    pub async fn remove(&self, child: &str, audit: Audit) -> Result<Outcome, CommandError> {
        self.steer(child, Steer::Remove, audit).await
    }

    /// Stops everything within `budget`: side by side, those that others depend on after them. What
    /// is left at the end is aborted, and named.
    ///
    /// A second call returns the same report. Ends no process, and no service.
    ///
    /// # Errors
    ///
    /// A supervisor whose loop is gone without a report, as its runtime was.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the stop goes on; call it again for the report.
    pub async fn shutdown_tree(
        &self,
        budget: Duration,
        audit: Audit,
    ) -> Result<Arc<TreeReport>, CommandError> {
        if let Some(report) = self.wiring.directory.report.get() {
            return Ok(Arc::clone(report));
        }
        let deadline = Instant::now().checked_add(budget);
        let (reply, report) = oneshot::channel();
        let wish = Wish::Shut { deadline, reply };
        // Refused, it is over, or there is no loop: then the report of that stop is the answer.
        let report = match self.request("/", wish, audit).await {
            Ok(_) => report.await.ok(),
            Err(_) => None,
        };
        let report = report.or_else(|| self.wiring.directory.report.get().cloned());
        report.ok_or(CommandError::Stopping)
    }

    /// Begins to stop everything, and returns where the report comes.
    pub(crate) fn begin_shutdown(
        &self,
        deadline: Option<Instant>,
        reason: ShutdownReason,
    ) -> oneshot::Receiver<Arc<TreeReport>> {
        let (reply, report) = oneshot::channel();
        self.wiring.inbox.send(Signal::Shut {
            deadline,
            reason,
            reply: Some(reply),
        });
        report
    }

    /// Aborts all that is still to stop.
    pub(crate) fn hurry(&self) {
        self.wiring.inbox.send(Signal::Hurry);
    }

    /// How many children were aborted and do not end.
    pub(crate) fn stuck_children(&self) -> usize {
        self.wiring.directory.stuck()
    }

    /// How often children that are gone were started again.
    pub(crate) fn restarts_of_removed(&self) -> u64 {
        self.wiring.directory.restarts_of_removed()
    }

    async fn steer(
        &self,
        child: &str,
        steer: Steer,
        audit: Audit,
    ) -> Result<Outcome, CommandError> {
        self.request(child, Wish::Steer(steer), audit).await
    }

    async fn request(
        &self,
        child: &str,
        wish: Wish,
        audit: Audit,
    ) -> Result<Outcome, CommandError> {
        let (reply, answer) = oneshot::channel();
        let request = Request {
            child: child.to_owned(),
            wish,
            audit,
            reply,
        };
        let sent = self.wiring.requests.send(request).await;
        sent.map_err(|_| CommandError::Stopping)?;
        // A loop that is over drops what it has not answered.
        answer.await.unwrap_or(Err(CommandError::Stopping))
    }
}

impl fmt::Debug for SupervisorHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorHandle").finish_non_exhaustive()
    }
}
