//! What is left to say when all is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::control::{ExitReport, StepError};
use crate::error::Result;
use crate::event::EventKind;
use crate::lifecycle::{NodeLifecycle, verdict};
use crate::phase::Phase;
use crate::service::driver::Driver;
use crate::shutdown::ExitStatus;
use crate::signals::STAGE;

impl<N: NodeLifecycle> Driver<N> {
    /// Publishes how the service ended, and gives what `start` returns.
    pub(super) fn conclude(&mut self) -> Result<ExitStatus> {
        let control = &self.control;
        let gravest = control.shutdown.gravest_reason();
        if let Some(reason) = gravest
            .clone()
            .filter(|_| gravest != control.shutdown.reason())
        {
            tracing::error!(%reason, "the stop turned fatal");
            control.journal.record(EventKind::ShutdownRaised { reason });
        }
        let result = verdict(&self.ledger, gravest.clone());
        let errors = self.ledger.errors().map(|(step, error)| StepError {
            step: step.label(),
            error: Arc::clone(error),
        });
        let report = ExitReport {
            service: control.name,
            reason: self.ledger.exit_reason(gravest),
            code: STAGE.code(&result),
            phases: self.phase_times(),
            restarts: control.supervised.restarts(),
            errors: errors.collect(),
            late: std::mem::take(&mut self.late),
            stuck: std::mem::take(&mut self.stuck),
        };
        control.conclude(report);
        result
    }

    fn phase_times(&self) -> Vec<(Phase, Duration)> {
        let ends = self.phases.iter().skip(1).map(|(_, began)| *began);
        let ends = ends.chain(std::iter::once(Instant::now()));
        let phases = self.phases.iter().zip(ends);
        phases
            .map(|((phase, began), end)| (*phase, end - *began))
            .collect()
    }
}
