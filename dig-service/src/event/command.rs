//! Who asked for something, and why.

use std::sync::Arc;

/// A command that somebody gave to the service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommandEvent {
    /// The command's name: `shutdown`, `hurry`, `reload`.
    pub command: &'static str,
    /// Who gave it and why, if that was said; a signal does not.
    pub audit: Option<Audit>,
}

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
    correlation: Option<Arc<str>>,
    origin: Option<Arc<str>>,
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
            correlation: None,
            origin: None,
        })
    }

    /// Gives the command an id, which every event that follows from it carries as well. Without one
    /// it gets a number of the service's own.
    #[must_use]
    pub fn with_correlation(mut self, id: impl Into<Arc<str>>) -> Self {
        self.correlation = Some(id.into());
        self
    }

    /// Says where the request really came from, which is not the caller's to say: a user id and a
    /// process id that the kernel gave, an address.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<Arc<str>>) -> Self {
        self.origin = Some(origin.into());
        self
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

    /// Returns the id that the command was given.
    #[must_use]
    pub fn correlation(&self) -> Option<&str> {
        self.correlation.as_deref()
    }

    /// Returns where the request came from.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(crate) fn shared_correlation(&self) -> Option<Arc<str>> {
        self.correlation.clone()
    }

    pub(crate) fn parts(self) -> (Arc<str>, Arc<str>, Option<Arc<str>>) {
        (self.requested_by, self.reason, self.origin)
    }
}
