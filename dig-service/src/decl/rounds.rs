//! What becomes of periodic work that is late, or fails.

/// What becomes of the moments at which a round was due while the one before was still running.
///
/// As tokio's `MissedTickBehavior`; the default is `Skip`, since a job that is late is seldom
/// wanted twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissedTick {
    /// They are left out: the next round begins at the next moment of the first grid.
    #[default]
    Skip,
    /// They are made up for, one after the other.
    Burst,
    /// The grid begins anew when the late round has begun: the next is a period after that.
    Delay,
}

/// What follows when a round returns an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnError {
    /// It is logged, and the next round comes at its time.
    #[default]
    Log,
    /// The child has failed, and its policy decides. One that a node declares with
    /// `#[task(on_error = "stop")]` stops the service with `Fatal`.
    Fail,
}
