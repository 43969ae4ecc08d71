//! Who asked for something, and why.

use std::sync::Arc;

/// Who gives a command, and why. Both are written into the journal before it is carried out.
///
/// # Examples
///
/// ```
/// use dig_service::supervisor::Audit;
///
/// let audit = Audit::new("alice", "peer 7 is stale")?;
/// assert_eq!(audit.requested_by(), "alice");
/// assert!(Audit::new("alice", "  ").is_err());
/// # Ok::<(), dig_service::supervisor::InvalidAudit>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    requested_by: Arc<str>,
    reason: Arc<str>,
}

/// An audit that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAudit {
    /// Nobody asks.
    #[error("`requested_by` is blank; say who asks, as in \"alice\"")]
    RequestedBy,
    /// There is no reason.
    #[error("`reason` is blank; say why, as in \"rolling back 1.4\"")]
    Reason,
}

impl Audit {
    /// Says who asks, and why.
    ///
    /// # Errors
    ///
    /// A text that is blank.
    pub fn new(
        requested_by: impl Into<Arc<str>>,
        reason: impl Into<Arc<str>>,
    ) -> Result<Self, InvalidAudit> {
        let (requested_by, reason) = (requested_by.into(), reason.into());
        if requested_by.trim().is_empty() {
            return Err(InvalidAudit::RequestedBy);
        }
        if reason.trim().is_empty() {
            return Err(InvalidAudit::Reason);
        }
        Ok(Self {
            requested_by,
            reason,
        })
    }

    /// Returns who asks.
    #[must_use]
    pub fn requested_by(&self) -> &str {
        &self.requested_by
    }

    /// Returns why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(crate) fn parts(self) -> (Arc<str>, Arc<str>) {
        (self.requested_by, self.reason)
    }
}
