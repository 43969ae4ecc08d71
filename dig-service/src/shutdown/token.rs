//! A cancellation token that carries its reason.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::shutdown::ShutdownReason;
use crate::sync::Lock;

/// Broadcasts a stop together with the reason for it.
///
/// Clones share one flip and one reason. The first reason stays (INV-S2).
///
/// # Examples
///
/// ```
/// use dig_service::{ShutdownReason, ShutdownToken};
///
/// let token = ShutdownToken::new();
/// let clone = token.clone();
///
/// assert!(token.cancel(ShutdownReason::RpcRequested));
/// assert!(!clone.cancel(ShutdownReason::UserRequested));
/// assert_eq!(clone.reason(), Some(ShutdownReason::RpcRequested));
/// ```
#[derive(Clone, Debug)]
pub struct ShutdownToken {
    token: CancellationToken,
    reasons: Arc<Reasons>,
}

#[derive(Debug, Default)]
struct Reasons {
    own: Lock<Recorded>,
    parent: Option<Arc<Self>>,
}

#[derive(Debug, Default)]
struct Recorded {
    first: Option<ShutdownReason>,
    /// A `Fatal` that came after a milder first reason.
    raised: Option<ShutdownReason>,
}

impl ShutdownToken {
    /// Makes a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        Self {
            token: CancellationToken::new(),
            reasons: Arc::default(),
        }
    }

    /// Returns whether this token, or one it descends from, was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until the token is cancelled; returns at once if it already is.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropping the future loses nothing.
    pub async fn cancelled(&self) {
        self.token.cancelled().await;
    }

    /// Cancels the token and records why; the first reason stays.
    ///
    /// Returns `true` if this call set the reason.
    ///
    /// # Ordering
    ///
    /// INV-S1: whoever sees the token cancelled can also read the reason.
    #[expect(
        clippy::must_use_candidate,
        reason = "most callers need not know who was first"
    )]
    pub fn cancel(&self, reason: ShutdownReason) -> bool {
        // INV-S3: a child that was cancelled with its parent keeps the parent's reason.
        let inherited = self.is_cancelled();
        let first = self.reasons.record(reason, inherited); // INV-S1: the reason before the flip.
        self.token.cancel();
        first
    }

    /// Returns the reason of the cancellation, or `None` while there is none.
    #[must_use]
    pub fn reason(&self) -> Option<ShutdownReason> {
        self.reasons.first()
    }

    /// Makes a token that is cancelled with this one, and on its own without touching this one.
    ///
    /// Until the child has a reason of its own, it reads that of its parent.
    #[must_use]
    pub fn child_token(&self) -> Self {
        Self {
            token: self.token.child_token(),
            reasons: Arc::new(Reasons {
                own: Lock::default(),
                parent: Some(Arc::clone(&self.reasons)),
            }),
        }
    }

    /// Makes a tokio-util token that is cancelled with this one, for libraries that take one.
    ///
    /// Cancelling it leaves this token alone, as it could give no reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::{ShutdownReason, ShutdownToken};
    ///
    /// let token = ShutdownToken::new();
    /// let theirs = token.to_cancellation_token();
    /// token.cancel(ShutdownReason::UserRequested);
    /// assert!(theirs.is_cancelled());
    /// ```
    #[must_use]
    pub fn to_cancellation_token(&self) -> CancellationToken {
        self.token.child_token()
    }

    /// Records the reason of a cancellation that comes later.
    pub(crate) fn announce(&self, reason: ShutdownReason) {
        self.reasons.record(reason, false);
    }

    /// Returns the gravest reason recorded so far: a later `Fatal` outranks a milder first one.
    pub(crate) fn gravest_reason(&self) -> Option<ShutdownReason> {
        let own = self.reasons.own.lock();
        own.raised.clone().or_else(|| own.first.clone())
    }
}

impl Default for ShutdownToken {
    fn default() -> Self {
        Self::new()
    }
}

impl Reasons {
    fn record(&self, reason: ShutdownReason, inherited: bool) -> bool {
        let mut own = self.own.lock();
        if own.first.is_none() && !inherited {
            own.first = Some(reason);
            return true;
        }
        let is_raise = reason.is_fatal() && !matches!(own.first, Some(ShutdownReason::Fatal(_)));
        if is_raise && own.raised.is_none() {
            own.raised = Some(reason);
        }
        false
    }

    fn first(&self) -> Option<ShutdownReason> {
        let own = self.own.lock().first.clone();
        own.or_else(|| self.parent.as_ref()?.first())
    }
}

#[cfg(test)]
#[cfg(dig_loom)]
mod models;
#[cfg(test)]
mod tests;
