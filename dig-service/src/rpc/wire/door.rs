//! Who may run: the service's phase, the calls at once, and the drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::control::Control;
use crate::phase::Phase;
use crate::rpc::wire::Refusal;

/// More answers than are ever under way.
const ANSWERS: u32 = u32::MAX >> 3;

/// Lets calls in, and waits for those that are in.
///
/// One permit is one running call, so whoever holds all permits knows that no call runs.
#[derive(Debug)]
pub(crate) struct Door {
    control: Arc<Control>,
    permits: Semaphore,
    size: u32,
    /// One permit is one answer that was made, or is being made, and is not sent.
    unsent: Arc<Semaphore>,
    cut: CancellationToken,
    cut_calls: AtomicUsize,
}

impl Door {
    pub(crate) fn new(control: Arc<Control>, max_concurrent_calls: usize) -> Self {
        let size = u32::try_from(max_concurrent_calls).unwrap_or(u32::MAX);
        let most = u32::try_from(Semaphore::MAX_PERMITS).unwrap_or(u32::MAX);
        let size = size.min(most);
        Self {
            control,
            permits: Semaphore::new(size as usize),
            size,
            unsent: Arc::new(Semaphore::new(ANSWERS as usize)),
            cut: CancellationToken::new(),
            cut_calls: AtomicUsize::new(0),
        }
    }

    /// Lets one call in.
    pub(super) fn enter(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let permit = self.permits.try_acquire();
        // The phase after the permit: a call that finds the token silent was let in before the
        // drain began, and is waited for.
        match (self.refusal(), permit) {
            (Some(refusal), _) => Err(refusal),
            (None, Ok(permit)) => Ok(permit),
            (None, Err(_)) => Err(Refusal::Busy),
        }
    }

    /// Lets one call take over the permit of another that has ended.
    pub(super) fn stay<'a>(
        &self,
        permit: SemaphorePermit<'a>,
    ) -> Result<SemaphorePermit<'a>, Refusal> {
        match self.refusal() {
            Some(refusal) => Err(refusal),
            None => Ok(permit),
        }
    }

    /// Why no call may run now, be there room or not.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if self.control.shutdown.is_cancelled() {
            return Some(Refusal::Stopping);
        }
        match self.control.phase() {
            Phase::New | Phase::PreStart | Phase::Start => Some(Refusal::Starting),
            // During the drain delay the token is held back, and with it the end of service.
            Phase::Running | Phase::Draining => None,
            // A failed start comes here before its token fires.
            Phase::Joining | Phase::OnStop | Phase::PostStop | Phase::Stopped => {
                Some(Refusal::Stopping)
            }
        }
    }

    /// Makes the drain wait for an answer, until what is returned is dropped.
    pub(crate) fn expect_answer(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.unsent).try_acquire_owned().ok()
    }

    /// Waits until running calls are to end where they stand.
    pub(super) async fn is_cut(&self) {
        self.cut.cancelled().await;
    }

    /// Counts a call that was ended by the cut.
    pub(super) fn note_cut(&self) {
        // Read after all permits are back, or given up on; the semaphore orders the two.
        self.cut_calls.fetch_add(1, Ordering::Relaxed);
    }

    /// Waits for the calls that are in and for their answers to be sent, cuts those left when
    /// `limit` ends, and returns how many. The limit gives the time that the cut itself may take.
    ///
    /// To be called when the service's token has fired, so that nothing enters meanwhile.
    pub(crate) async fn drain(&self, limit: impl Future<Output = Duration>) -> usize {
        let sent = async {
            let _ = self.permits.acquire_many(self.size).await;
            let _ = self.unsent.acquire_many(ANSWERS).await;
        };
        let rest = tokio::select! {
            biased;
            () = sent => return 0,
            rest = limit => rest,
        };
        self.cut.cancel();
        let all_left = timeout(rest, self.permits.acquire_many(self.size)).await;
        let stuck = match all_left {
            Ok(_) => 0,
            Err(_) => self.size as usize - self.permits.available_permits(),
        };
        let cut = self.cut_calls.load(Ordering::Relaxed) + stuck;
        if cut > 0 {
            tracing::warn!(cut, stuck, "calls outlasted their deadline");
        }
        cut
    }
}
