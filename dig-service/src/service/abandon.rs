//! What happens to a service that is dropped before it is over (I32).

use std::sync::Arc;

use crate::control::{Control, ExitReport};
use crate::shutdown::{ExitReason, ShutdownReason};

/// Stops what is left of a service when dropped, unless the service ended in order.
#[derive(Debug)]
pub(super) struct Abandon {
    control: Arc<Control>,
    is_armed: bool,
}

impl Abandon {
    pub(super) const fn new(control: Arc<Control>) -> Self {
        Self {
            control,
            is_armed: true,
        }
    }

    pub(super) fn disarm(mut self) {
        self.is_armed = false;
    }
}

impl Drop for Abandon {
    fn drop(&mut self) {
        if !self.is_armed {
            return;
        }
        let control = &self.control;
        tracing::warn!(service = control.name, phase = %control.phase(), "service dropped");
        control
            .shutdown
            .cancel(ShutdownReason::Fatal("service dropped".to_owned()));
        control.note_shutdown();
        control.abort_everything();
        let reason = ShutdownReason::Fatal("service dropped".to_owned());
        control.conclude(ExitReport {
            service: control.name,
            reason: ExitReason::RequestedShutdown(reason),
            code: 1,
            phases: Vec::new(),
            restarts: control.supervised.restarts(),
            errors: Vec::new(),
            late: Vec::new(),
            stuck: Vec::new(),
        });
        control.finish();
    }
}
