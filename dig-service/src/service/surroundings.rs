//! How much time the surroundings give a stop, as far as one can tell (I25).

use std::time::Duration;

use crate::lifecycle::Deadlines;
use crate::process::is_first_of_container;

/// Who ends the process if it does not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surroundings {
    Kubernetes,
    Systemd,
    /// PID 1, or its only child, without an orchestrator's marks: a container started by hand.
    Container,
    Unknown,
}

impl Surroundings {
    pub(super) fn detect() -> Self {
        Self::of(is_first_of_container(), |name| {
            std::env::var_os(name).is_some()
        })
    }

    fn of(is_first: bool, has_variable: impl Fn(&str) -> bool) -> Self {
        if has_variable("KUBERNETES_SERVICE_HOST") {
            Self::Kubernetes
        } else if has_variable("INVOCATION_ID") && has_variable("NOTIFY_SOCKET") {
            Self::Systemd
        } else if is_first {
            Self::Container
        } else {
            Self::Unknown
        }
    }

    /// What is given by default: terminationGracePeriodSeconds, TimeoutStopSec, `docker stop`.
    fn given(self) -> Option<Duration> {
        match self {
            Self::Kubernetes => Some(Duration::from_secs(30)),
            Self::Systemd => Some(Duration::from_secs(90)),
            Self::Container => Some(Duration::from_secs(10)),
            Self::Unknown => None,
        }
    }

    /// The deadlines to go by. What was configured wins; only the default is guessed.
    pub(super) fn settle(self, configured: Option<Deadlines>) -> Deadlines {
        match configured {
            Some(deadlines) => deadlines,
            None if self == Self::Container => {
                Deadlines::default().with_total(Duration::from_secs(8))
            }
            None => Deadlines::default(),
        }
    }

    /// What is given, if that is less than the stop may take.
    pub(super) fn shortage(self, deadlines: Deadlines) -> Option<Duration> {
        self.given().filter(|given| *given < deadlines.total())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn surroundings_are_told_by_their_marks() {
        let of = |first, marks: &[&str]| Surroundings::of(first, |name| marks.contains(&name));

        assert_eq!(
            of(true, &["KUBERNETES_SERVICE_HOST"]),
            Surroundings::Kubernetes
        );
        assert_eq!(
            of(false, &["INVOCATION_ID", "NOTIFY_SOCKET"]),
            Surroundings::Systemd
        );
        assert_eq!(of(false, &["INVOCATION_ID"]), Surroundings::Unknown);
        assert_eq!(of(true, &[]), Surroundings::Container);
        assert_eq!(of(false, &[]), Surroundings::Unknown);
    }

    #[test]
    fn i25_only_the_default_is_guessed_and_a_shortage_is_told() {
        let configured = Deadlines::default().with_total(seconds(60));
        let table = [
            (Surroundings::Kubernetes, 25, Some(30)),
            (Surroundings::Systemd, 25, None),
            (Surroundings::Container, 8, Some(10)),
            (Surroundings::Unknown, 25, None),
        ];
        for (surroundings, default, short) in table {
            let guessed = surroundings.settle(None);
            assert_eq!(guessed.total(), seconds(default), "{surroundings:?}");
            assert_eq!(surroundings.shortage(guessed), None, "{surroundings:?}");
            assert_eq!(surroundings.settle(Some(configured)), configured);
            assert_eq!(
                surroundings.shortage(configured),
                short.map(seconds),
                "{surroundings:?}"
            );
        }
    }
}
