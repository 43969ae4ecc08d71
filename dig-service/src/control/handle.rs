//! The handle that outlives the service.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::control::{Command, Control, ExitReport, Reply, StatusReport, Supervised};
use crate::event::{Audit, EventKind, EventSubscription, Reading};
use crate::phase::Phase;
use crate::shutdown::{ShutdownReason, ShutdownToken};
use crate::tasks::{Heartbeat, TaskCounts, TaskSummary};

/// Looks at a service and steers it from outside.
///
/// Cheap to clone. It may outlive the service; then requests do nothing, listings are empty, and
/// nothing panics.
///
/// # Examples
///
/// ```
/// use dig_service::{Service, ShutdownReason};
/// # use dig_service::NodeLifecycle;
/// # struct Node;
/// # impl NodeLifecycle for Node {}
///
/// let service = Service::new(Node, (), ());
/// let handle = service.handle();
/// assert!(handle.is_running());
///
/// handle.request_shutdown(ShutdownReason::RpcRequested);
/// assert!(!handle.is_running());
/// ```
#[derive(Clone)]
pub struct ServiceHandle {
    control: Arc<Control>,
}

impl ServiceHandle {
    pub(crate) const fn new(control: Arc<Control>) -> Self {
        Self { control }
    }

    #[cfg(feature = "structured-panic")]
    pub(crate) fn is_of_same_service(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.control, &other.control)
    }

    /// Returns the node's `NAME`, or `""`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.control.name
    }

    /// Sends a command.
    ///
    /// Returns at once: [`Reply::Accepted`] confirms that the command was taken, not that it is
    /// done.
    #[expect(clippy::must_use_candidate, reason = "most commands need no answer")]
    pub fn send(&self, command: Command) -> Reply {
        self.control.carry_out(command, None)
    }

    /// Sends a command on behalf of somebody: who asks and why is in the journal before the command
    /// is carried out, and what follows from it carries the audit's
    /// [correlation id](crate::supervisor::Audit::with_correlation).
    ///
    /// Returns at once, as [`send`](Self::send).
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::{Command, Service, ShutdownReason};
    /// use dig_service::supervisor::Audit;
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let handle = Service::new(Node, (), ()).handle();
    /// let audit = Audit::new("alice", "moving to another disk")?;
    /// handle.send_audited(Command::Shutdown(ShutdownReason::UserRequested), audit);
    /// assert!(!handle.is_running());
    /// # Ok::<(), dig_service::supervisor::InvalidAudit>(())
    /// ```
    #[expect(clippy::must_use_candidate, reason = "most commands need no answer")]
    pub fn send_audited(&self, command: Command, audit: Audit) -> Reply {
        self.control.carry_out(command, Some(audit))
    }

    /// Writes down that a signal arrived.
    pub(crate) fn note_signal(&self, name: &'static str) {
        self.control.journal.record(EventKind::Signal { name });
    }

    /// Reads what the events so far add up to.
    pub(crate) fn read_journal(&self) -> Reading {
        self.control.journal.read(0, 0)
    }

    /// As above, with the latest events, as far as they come after `known`.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn read_journal_after(&self, recent: usize, known: u64) -> Reading {
        self.control.journal.read(recent, known)
    }

    /// Asks the service to stop; the first reason wins.
    ///
    /// Returns at once. The stop is over when [`phase`](Self::phase) shows `Stopped`.
    pub fn request_shutdown(&self, reason: ShutdownReason) {
        self.send(Command::Shutdown(reason));
    }

    /// Asks a stop that is under way to skip its graces: `run` and the tasks are aborted now,
    /// `on_stop` and `post_stop` keep their budgets.
    ///
    /// Requests the stop if nobody has. This is what a second Ctrl-C does.
    pub fn hurry_shutdown(&self, reason: ShutdownReason) {
        self.send(Command::Hurry(reason));
    }

    /// Asks for a reload.
    ///
    /// The [providers](crate::ServiceBuilder::providers) are reloaded in place, one reload at a
    /// time; requests that come meanwhile become one more, and one that comes before the service
    /// runs is done then. Returns at once: the events `ReloadBegan` and `ReloadEnded` tell.
    ///
    /// A service that has nothing to reload in place is asked to stop with
    /// [`ShutdownReason::ReloadRequested`], to be spawned again by its supervisor.
    pub fn reload(&self) {
        self.send(Command::Reload);
    }

    /// Returns `true` until a stop has been requested.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !self.control.is_stop_requested()
    }

    /// Returns the service's token.
    #[must_use]
    pub fn shutdown_token(&self) -> &ShutdownToken {
        &self.control.shutdown
    }

    /// Lists the live tasks that user code spawned.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskSummary> {
        self.control.tasks.snapshot()
    }

    /// Lists all live tasks, the framework's own (`run`, transports) included.
    #[must_use]
    pub fn all_tasks(&self) -> Vec<TaskSummary> {
        self.control.tasks.snapshot_all()
    }

    /// Counts the service's tasks since it was built.
    #[must_use]
    pub fn task_counts(&self) -> TaskCounts {
        self.control.tasks.counts()
    }

    /// Tells where the service stands: phase, reason, what is awaited, live tasks.
    #[must_use]
    pub fn status(&self) -> StatusReport {
        self.control.status()
    }

    /// Watches the service's phase.
    ///
    /// The receiver's present value is the present phase; phases that come in quick succession may
    /// be seen as one change. The service cannot go on to its next phase while somebody holds a
    /// value that was borrowed from the receiver: copy the phase out of it.
    #[must_use]
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.control.watch_phase()
    }

    /// Returns whether the service is running and none of its best-effort tasks has failed.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.control.phase() == Phase::Running && self.is_running() && !self.control.is_degraded()
    }

    /// Returns whether all heartbeats are fresh, that of the control loop among them: a task of
    /// every started service that must have been scheduled within the last 5 s; and no supervised
    /// child is stuck.
    ///
    /// Once a stop is requested only the control loop counts, as loops that end beat no more. May
    /// be asked from any thread, also when the runtime is stuck.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.stuck_children().is_empty() && self.stale_heartbeats().is_empty()
    }

    /// Returns the names of the heartbeats that have been silent for longer than their limit.
    #[must_use]
    pub fn stale_heartbeats(&self) -> Vec<&'static str> {
        let heartbeats = self.control.tasks.heartbeats();
        heartbeats.stale(self.control.judged())
    }

    /// Returns the paths of the supervised children that were aborted and do not end: they have
    /// blocked their threads, and nothing in the process can end them. Once a stop is requested they
    /// are the exit report's to tell.
    #[must_use]
    pub fn stuck_children(&self) -> Vec<String> {
        match self.is_running() {
            true => self.control.supervised.stuck(),
            false => Vec::new(),
        }
    }

    /// Registers a heartbeat: a loop that holds it promises to beat at least once per `limit`.
    ///
    /// One that is late makes the service not [alive](Self::is_alive), once it is found by the
    /// control loop it is told in the log and as an event, and a watchdog outside is not fed. The
    /// first limit counts from now.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// use std::time::Duration;
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let service = dig_service::Service::new(Node, (), ());
    /// let handle = service.handle();
    /// let heartbeat = handle.heartbeat("sync", Duration::from_secs(10));
    /// tokio::time::sleep(Duration::from_secs(11)).await;
    /// assert_eq!(handle.stale_heartbeats(), ["sync"]);
    ///
    /// heartbeat.beat();
    /// assert!(handle.is_alive());
    /// # }
    /// ```
    pub fn heartbeat(&self, name: &'static str, limit: Duration) -> Heartbeat {
        self.control.tasks.heartbeat(name, limit)
    }

    pub(crate) fn supervised(&self) -> &dyn Supervised {
        &*self.control.supervised
    }

    /// How long a supervisor must go on waiting for what is under way.
    #[cfg(all(unix, feature = "systemd"))]
    pub(crate) fn time_left(&self) -> Duration {
        self.control.tasks.progress().left()
    }

    /// How long is left of the stop, once it has begun and if it is limited.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn stop_left(&self) -> Option<Duration> {
        self.control.tasks.progress().stop_left()
    }

    /// Writes down where a view listens.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn note_bound(&self, name: &'static str, address: &str) {
        let address = address.to_owned();
        let event = EventKind::TransportBound { name, address };
        self.control.journal.record(event);
    }

    /// Writes down what became of the registration with a relay.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn note_relay(&self, state: &'static str, why: &str) {
        let why = why.to_owned();
        let event = EventKind::Relay { state, why };
        self.control.journal.record(event);
    }

    /// Where tasks of views and transports live: their token fires last.
    #[cfg(all(unix, feature = "dashboard"))]
    pub(crate) fn transport_tasks(&self) -> &crate::tasks::TaskRegistry {
        &self.control.transport_tasks
    }

    /// Whether there is something to reload in place.
    pub(crate) fn has_reload(&self) -> bool {
        self.control.has_reload()
    }

    /// Returns for how long the service has been there: since it was built.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.control.built_at.elapsed()
    }

    /// Returns how the service ended, once it has.
    #[must_use]
    pub fn exit_report(&self) -> Option<ExitReport> {
        self.control.exit_report.get().cloned()
    }

    /// Subscribes to the journal, from now on.
    #[must_use]
    pub fn subscribe(&self) -> EventSubscription {
        self.control.journal.subscribe()
    }

    /// Subscribes to the journal after a sequence number: first what is remembered (the last 1024
    /// events), then what comes, without gap or repetition. Use 0 for the beginning.
    #[must_use]
    pub fn subscribe_after(&self, sequence: u64) -> EventSubscription {
        self.control.journal.subscribe_after(sequence)
    }

    /// Returns where the JSON-RPC server listens, once it does.
    #[must_use]
    pub fn rpc_http_addr(&self) -> Option<SocketAddr> {
        self.control.rpc_http_addr.get().copied()
    }
}

impl fmt::Debug for ServiceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceHandle")
            .field("name", &self.control.name)
            .field("phase", &self.control.phase())
            .finish_non_exhaustive()
    }
}
