//! A whole life of a service in one test, on a paused clock.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::Instant;

use crate::control::{ExitReport, ServiceHandle};
use crate::error::Result;
use crate::lifecycle::{Deadlines, NodeLifecycle};
use crate::phase::Phase;
use crate::service::Service;
use crate::shutdown::{ExitStatus, ShutdownReason};
use crate::testing::{Fault, FaultPlan, Faulty, Place, Transcript};

/// How much virtual time a life may take before the trial gives up.
const LIMIT: Duration = Duration::from_secs(3600);

/// Lives the life of a node in a test, from `pre_start` to the exit report.
///
/// The runtime is the trial's own: one thread, its clock paused. When all are waiting, the clock
/// jumps to the next moment at which something is due; so a life takes microseconds, and takes the
/// same course each time.
///
/// # Examples
///
/// A flush that hangs is given its time, and no more:
///
/// ```
/// use std::time::Duration;
/// use dig_service::testing::{Fault, Place, TestNode, Trial};
/// use dig_service::{Deadlines, Phase, ServiceError};
///
/// let outcome = Trial::new(TestNode::default())
///     .fault(Place::OnStop, Fault::Hang)
///     .deadlines(Deadlines::default().with_total(Duration::from_secs(10)))
///     .run(async |life| {
///         life.reach(Phase::Running).await;
///         life.advance(Duration::from_secs(60)).await;
///         life.stop();
///     });
///
/// assert!(matches!(outcome.result, Err(ServiceError::OnStopFailed(_))));
/// assert!(outcome.elapsed < Duration::from_secs(70));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a trial does nothing until it is run"]
pub struct Trial<N> {
    node: N,
    plan: FaultPlan,
    deadlines: Deadlines,
}

impl<N: NodeLifecycle> Trial<N> {
    /// Prepares the life of a node with which nothing is wrong.
    pub fn new(node: N) -> Self {
        Self {
            node,
            plan: FaultPlan::new(),
            deadlines: Deadlines::default(),
        }
    }

    /// Lets something go wrong at a place.
    pub fn fault(mut self, place: Place, fault: Fault) -> Self {
        self.plan = self.plan.with(place, fault);
        self
    }

    /// Lets go wrong what the plan says.
    pub fn faults(mut self, plan: FaultPlan) -> Self {
        self.plan = plan;
        self
    }

    /// Sets how long the steps of the stop may take.
    pub const fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// Starts the service and runs the script beside it, until the service is over.
    ///
    /// A script that still waits when the service is over is dropped.
    ///
    /// # Panics
    ///
    /// - If the service is not over after an hour of virtual time.
    /// - If the plan holds a fault that keeps a thread, which no clock can wait for: any
    ///   [`Fault::Block`], and every fault of a [`Place::BlockingTask`] but an error and a panic.
    /// - Inside a runtime: the test is a plain `#[test]`.
    pub fn run(self, script: impl AsyncFnOnce(&Life)) -> TrialOutcome {
        if let Some((place, fault)) = self.plan.keeps_a_thread() {
            panic!("`{fault}` at `{place}` keeps a thread: try it in a program");
        }
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build();
        let runtime = runtime.unwrap_or_else(|error| panic!("no runtime: {error}"));
        let outcome = runtime.block_on(self.live(script));
        // What is left of a blocking task cannot hold the test.
        runtime.shutdown_background();
        outcome
    }

    async fn live(self, script: impl AsyncFnOnce(&Life)) -> TrialOutcome {
        let node = Faulty::new(self.node, self.plan);
        let transcript = node.transcript().clone();
        let service = Service::builder(node).deadlines(self.deadlines).build();
        let handle = service.handle();
        let life = Life {
            handle: handle.clone(),
            transcript: transcript.clone(),
        };
        let began = Instant::now();
        let script = async {
            script(&life).await;
            std::future::pending::<()>().await;
        };
        // It panics before the service is dropped, so that it can tell the phase.
        let give_up = async {
            tokio::time::sleep(LIMIT).await;
            let phase = *handle.phase().borrow();
            panic!("the service is in phase {phase} after {LIMIT:?}; so far:\n{transcript}")
        };
        let result = tokio::select! {
            // The script first: what it asks for before it waits, it asks before the start.
            biased;
            () = script => unreachable!("the script waits for ever"),
            result = service.start() => result,
            () = give_up => unreachable!("it panics"),
        };
        let report = handle.exit_report();
        TrialOutcome {
            result,
            transcript,
            report: report.unwrap_or_else(|| panic!("a service that is over has a report")),
            elapsed: began.elapsed(),
        }
    }
}

/// What the script of a [`Trial`] steers the service with.
#[derive(Clone, Debug)]
pub struct Life {
    handle: ServiceHandle,
    transcript: Transcript,
}

impl Life {
    /// Waits until the service is in this phase or in a later one.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future loses nothing.
    pub async fn reach(&self, phase: Phase) {
        // An error is a service that is gone, and then its phase is the last one.
        let _ = self.handle.phase().wait_for(|now| *now >= phase).await;
    }

    /// Asks the service to stop, as one TERM does.
    pub fn stop(&self) {
        self.handle.request_shutdown(ShutdownReason::UserRequested);
    }

    /// Asks the stop to hurry, as a second TERM does.
    pub fn hurry(&self) {
        self.handle.hurry_shutdown(ShutdownReason::UserRequested);
    }

    /// Lets virtual time pass, with all that is due meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future loses nothing.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// Returns the service's handle, for everything else.
    #[must_use]
    pub const fn handle(&self) -> &ServiceHandle {
        &self.handle
    }

    /// Returns the transcript, to look at it or to add a line.
    #[must_use]
    pub const fn transcript(&self) -> &Transcript {
        &self.transcript
    }
}

/// How a [`Trial`] ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrialOutcome {
    /// What `start` returned; [`ExitCodes::code`](crate::ExitCodes::code) makes an exit code of it.
    pub result: Result<ExitStatus>,
    /// Which hooks ran, and how they ended.
    pub transcript: Transcript,
    /// The exit report.
    pub report: ExitReport,
    /// The virtual time from the start to the end.
    pub elapsed: Duration,
}
