//! Admission: a bounded number at a time, closed once, and drained.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::Lock;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// The bit of the word that says "closed"; the others count.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// Lets a bounded number in at a time, until it is closed.
///
/// Clones share one gate. Count and closed bit are one atomic word: whoever is let in is counted,
/// and nobody is let in after [`close`](Self::close).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use dig_service::registry::Gate;
///
/// let gate = Gate::new(2);
/// let first = gate.enter().await.unwrap();
/// let second = gate.try_enter().unwrap();
/// assert!(gate.try_enter().is_none());
///
/// drop((first, second));
/// assert_eq!(gate.close(Duration::from_secs(1)).await.remaining, 0);
/// assert!(gate.enter().await.is_err());
/// # }
/// ```
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    max: usize,
    word: AtomicUsize,
    /// Those that wait to be let in, and those that wait for the last to leave.
    entering: Lock<Waiters>,
    draining: Lock<Waiters>,
}

#[derive(Default)]
struct Waiters {
    next: u64,
    wakers: VecDeque<(u64, Waker)>,
}

/// A place inside of a [`Gate`]; given back when dropped.
#[derive(Debug)]
#[must_use = "the place is given back at once when this is dropped"]
pub struct Permit(Gate);

/// The gate is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate is closed")]
#[non_exhaustive]
pub struct Closed;

/// What was found when a gate was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "some may be inside still"]
#[non_exhaustive]
pub struct Drained {
    /// How many were inside when the grace was over; 0 if all have left.
    pub remaining: usize,
}

impl Gate {
    /// Makes an open gate that lets `max` in at a time.
    ///
    /// # Panics
    ///
    /// If `max` is 0, which would let nobody in for ever, or beyond half of what a `usize` holds.
    #[must_use]
    pub fn new(max: usize) -> Self {
        assert!(
            max > 0 && max < CLOSED,
            "a gate lets in at least one, and fewer than {CLOSED}"
        );
        Self(Arc::new(Shared {
            max,
            word: AtomicUsize::new(0),
            entering: Lock::default(),
            draining: Lock::default(),
        }))
    }

    /// Waits for a place. Who came first is woken first.
    ///
    /// # Errors
    ///
    /// [`Closed`] once the gate is closed, also for those that wait already.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a waiter that is dropped passes its turn on.
    pub async fn enter(&self) -> Result<Permit, Closed> {
        let mut turn = Turn {
            gate: self,
            ticket: None,
        };
        poll_fn(|cx| turn.poll(cx)).await
    }

    /// Takes a place if there is one now and the gate is open.
    #[must_use]
    pub fn try_enter(&self) -> Option<Permit> {
        self.claim().ok()?
    }

    /// Lets nobody in any more, and waits until all have left, `grace` at most.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the gate stays closed.
    pub async fn close(&self, grace: Duration) -> Drained {
        self.shut();
        // Who counts none after the closed bit was set counts none for ever.
        let _ = tokio::time::timeout(grace, self.drained()).await;
        Drained {
            remaining: self.inside(),
        }
    }

    /// Lets nobody in any more.
    pub(super) fn shut(&self) {
        self.0.word.fetch_or(CLOSED, Ordering::SeqCst);
        wake_all(&self.0.entering);
    }

    /// Waits until nobody is inside; at once if nobody is. Of an open gate, somebody may come
    /// right after.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn drained(&self) {
        let mut ticket = None;
        let poll = |cx: &mut Context<'_>| {
            wait(&self.0.draining, &mut ticket, cx);
            if self.inside() == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        };
        poll_fn(poll).await;
        forget(&self.0.draining, ticket);
    }

    /// Returns how many are inside.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.0.word.load(Ordering::SeqCst) & !CLOSED
    }

    /// Returns whether the gate is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.word.load(Ordering::SeqCst) & CLOSED != 0
    }

    /// `Ok(None)` if it is full.
    fn claim(&self) -> Result<Option<Permit>, Closed> {
        let mut word = self.0.word.load(Ordering::SeqCst);
        loop {
            if word & CLOSED != 0 {
                return Err(Closed);
            }
            if word >= self.0.max {
                return Ok(None);
            }
            let more = word + 1;
            let set = self
                .0
                .word
                .compare_exchange(word, more, Ordering::SeqCst, Ordering::SeqCst);
            match set {
                Ok(_) => return Ok(Some(Permit(self.clone()))),
                Err(now) => word = now,
            }
        }
    }
}

/// One that waits to be let in.
struct Turn<'a> {
    gate: &'a Gate,
    ticket: Option<u64>,
}

impl Turn<'_> {
    fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Permit, Closed>> {
        // Written down before the word is read: a place that becomes free in between wakes us.
        wait(&self.gate.0.entering, &mut self.ticket, cx);
        match self.gate.claim() {
            Ok(None) => Poll::Pending,
            Ok(Some(permit)) => Poll::Ready(Ok(permit)),
            Err(closed) => Poll::Ready(Err(closed)),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let was_woken = !forget(&self.gate.0.entering, self.ticket);
        // Woken for a place that it does not take, or that more than it could use.
        if was_woken && self.ticket.is_some() {
            self.gate.wake_next();
        }
    }
}

impl Gate {
    fn wake_next(&self) {
        let next = self.0.entering.lock().wakers.pop_front();
        if let Some((_, waker)) = next {
            waker.wake();
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let before = self.0.0.word.fetch_sub(1, Ordering::SeqCst);
        self.0.wake_next();
        if before & !CLOSED == 1 {
            wake_all(&self.0.0.draining);
        }
    }
}

/// Writes the waiter down, or its newest waker.
fn wait(waiters: &Lock<Waiters>, ticket: &mut Option<u64>, cx: &Context<'_>) {
    let mut waiters = waiters.lock();
    let own = *ticket.get_or_insert_with(|| {
        waiters.next += 1;
        waiters.next
    });
    match waiters.wakers.iter_mut().find(|(ticket, _)| *ticket == own) {
        Some((_, waker)) => waker.clone_from(cx.waker()),
        None => {
            // Woken, and not let in: it keeps its place by age.
            let place = waiters.wakers.partition_point(|(ticket, _)| *ticket < own);
            waiters.wakers.insert(place, (own, cx.waker().clone()));
        }
    }
}

/// Takes a waiter off; `false` if it was woken.
fn forget(waiters: &Lock<Waiters>, ticket: Option<u64>) -> bool {
    let mut waiters = waiters.lock();
    let place = waiters
        .wakers
        .iter()
        .position(|(own, _)| Some(*own) == ticket);
    place
        .and_then(|place| waiters.wakers.remove(place))
        .is_some()
}

fn wake_all(waiters: &Lock<Waiters>) {
    let wakers = std::mem::take(&mut waiters.lock().wakers);
    for (_, waker) in wakers {
        waker.wake();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("max", &self.0.max)
            .field("inside", &self.inside())
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// Counts those inside without a bound: a [`Gate`] that is never full.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::time::Duration;
/// use dig_service::registry::GuardGroup;
///
/// let calls = GuardGroup::new();
/// let call = calls.enter().unwrap();
/// let drained = calls.close(Duration::ZERO).await;
/// assert_eq!(drained.remaining, 1);
/// drop(call);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct GuardGroup(Gate);

impl GuardGroup {
    /// Makes an open group.
    #[must_use]
    pub fn new() -> Self {
        Self(Gate::new(CLOSED - 1))
    }

    /// Lets one in, at once.
    ///
    /// # Errors
    ///
    /// [`Closed`] once the group is closed.
    pub fn enter(&self) -> Result<Permit, Closed> {
        self.0.try_enter().ok_or(Closed)
    }

    /// As [`Gate::close`].
    pub async fn close(&self, grace: Duration) -> Drained {
        self.0.close(grace).await
    }

    /// As [`Gate::drained`].
    pub async fn drained(&self) {
        self.0.drained().await;
    }

    /// Returns how many are inside.
    #[must_use]
    pub fn inside(&self) -> usize {
        self.0.inside()
    }

    /// Returns whether the group is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Default for GuardGroup {
    fn default() -> Self {
        Self::new()
    }
}
