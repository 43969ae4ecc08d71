//! Which fault is at which place.

use std::time::Duration;

use crate::testing::{Fault, Place};

/// Says what goes wrong where; by default, nothing does.
///
/// # Examples
///
/// ```
/// use dig_service::testing::{Fault, FaultPlan, Place};
///
/// let plan = FaultPlan::new().with(Place::OnStop, Fault::Error);
///
/// assert_eq!(plan.at(Place::OnStop), Some(Fault::Error));
/// assert_eq!(plan.at(Place::Run), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a plan does nothing until a `Faulty` or a `Trial` is given it"]
pub struct FaultPlan {
    faults: [Option<Fault>; Place::ALL.len()],
    drop_time: Duration,
}

impl FaultPlan {
    /// Makes a plan in which nothing goes wrong.
    pub const fn new() -> Self {
        Self {
            faults: [None; Place::ALL.len()],
            drop_time: Duration::from_millis(200),
        }
    }

    /// Puts a fault at a place, in the stead of one that was put there before.
    pub const fn with(mut self, place: Place, fault: Fault) -> Self {
        self.faults[place as usize] = Some(fault);
        self
    }

    /// Sets how long the destructor of [`Fault::SlowDrop`] takes, in real time; 200 ms by default.
    pub const fn drop_time(mut self, time: Duration) -> Self {
        self.drop_time = time;
        self
    }

    /// Returns the fault at a place.
    #[must_use]
    pub const fn at(&self, place: Place) -> Option<Fault> {
        self.faults[place as usize]
    }

    pub(super) const fn slow(&self) -> Duration {
        self.drop_time
    }

    /// The first place whose fault keeps a thread, which no paused clock can wait for.
    pub(super) fn keeps_a_thread(&self) -> Option<(Place, Fault)> {
        let planned = Place::ALL.into_iter().zip(self.faults);
        let planned = planned.filter_map(|(place, fault)| Some((place, fault?)));
        let keeps = |(place, fault): &(Place, Fault)| match fault {
            Fault::Error | Fault::Panic => false,
            Fault::Block => true,
            _ => *place == Place::BlockingTask,
        };
        planned.into_iter().find(keeps)
    }
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self::new()
    }
}
