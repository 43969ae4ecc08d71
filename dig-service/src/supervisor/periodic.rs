//! Work that is done again and again, at a period.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::decl::{Jitter, MissedTick, OnError};
use crate::error::{BoxFuture, shown};
use crate::supervisor::{ChildContext, ChildSpec};
use crate::tasks::TaskKind;

/// When the rounds of periodic work begin.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::supervisor::{ChildSpec, Period};
///
/// let hourly = Period::every(Duration::from_secs(3600))?.jitter(0.1)?;
/// let compact = ChildSpec::periodic("compact", hourly, |cx| async move {
///     println!("round {} of life {}", cx.attempt, cx.generation);
///     Ok(())
/// });
/// # let _ = compact;
/// # Ok::<(), dig_service::supervisor::InvalidPeriod>(())
/// ```
#[derive(Clone)]
pub struct Period {
    every: Every,
    initial_delay: Option<Duration>,
    jitter: f64,
    missed: MissedTick,
    on_error: OnError,
    reloads: Option<watch::Receiver<u64>>,
}

/// Where the length of a period comes from.
#[derive(Clone)]
enum Every {
    Fixed(Duration),
    Asked(Arc<dyn Fn() -> Duration + Send + Sync>),
}

/// A period that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPeriod {
    /// The rounds would follow one another without a pause.
    #[error("a period of zero leaves no pause between rounds; for a loop use a child of its own")]
    Zero,
    /// The part is none.
    #[error("a jitter of {0} is not from 0 to 1")]
    Jitter(f64),
}

impl Period {
    /// Begins a round every so often; the first after one period.
    ///
    /// # Errors
    ///
    /// A period of zero.
    pub fn every(every: Duration) -> Result<Self, InvalidPeriod> {
        match every.is_zero() {
            true => Err(InvalidPeriod::Zero),
            false => Ok(Self::of(Every::Fixed(every))),
        }
    }

    /// Asks for the period, at each start and after each reload of the service. A period of zero
    /// then makes the child fail.
    pub fn asked(every: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self::of(Every::Asked(Arc::new(every)))
    }

    const fn of(every: Every) -> Self {
        Self {
            every,
            initial_delay: None,
            jitter: 0.0,
            missed: MissedTick::Skip,
            on_error: OnError::Log,
            reloads: None,
        }
    }

    /// Sets when the first round begins, counted from the start of the child.
    #[must_use]
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = Some(delay);
        self
    }

    /// Lets each round begin later than its moment by up to this part of the period, so that many
    /// processes do not do the same at once. The grid stays.
    ///
    /// # Errors
    ///
    /// A part that is not from 0 to 1.
    pub fn jitter(mut self, jitter: f64) -> Result<Self, InvalidPeriod> {
        if !(0.0..=1.0).contains(&jitter) {
            return Err(InvalidPeriod::Jitter(jitter));
        }
        self.jitter = jitter;
        Ok(self)
    }

    /// Sets what becomes of the moments that were missed.
    #[must_use]
    pub const fn missed(mut self, missed: MissedTick) -> Self {
        self.missed = missed;
        self
    }

    /// Sets what follows when a round returns an error. One that panics makes the child fail in
    /// any case.
    #[must_use]
    pub const fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Asks for the period anew whenever a reload has succeeded.
    pub(crate) fn after_reloads(mut self, reloads: watch::Receiver<u64>) -> Self {
        self.reloads = Some(reloads);
        self
    }

    fn ask(&self) -> anyhow::Result<Duration> {
        let every = match &self.every {
            Every::Fixed(every) => *every,
            Every::Asked(ask) => ask(),
        };
        if every.is_zero() {
            return Err(InvalidPeriod::Zero.into());
        }
        Ok(every.min(LONGEST))
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Period");
        if let Every::Fixed(every) = self.every {
            shown.field("every", &every);
        }
        shown
            .field("initial_delay", &self.initial_delay)
            .field("jitter", &self.jitter)
            .field("missed", &self.missed)
            .field("on_error", &self.on_error)
            .finish_non_exhaustive()
    }
}

impl ChildSpec {
    /// Declares work that is done again and again: the closure makes the future of one round.
    ///
    /// A round that is running when the child is told to stop is let go on, within the stop budget.
    #[track_caller]
    pub fn periodic<F>(
        name: impl Into<std::borrow::Cow<'static, str>>,
        period: Period,
        round: impl Fn(ChildContext) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let round: Arc<Round> = Arc::new(move |cx| Box::pin(round(cx)));
        let work = move |cx| rounds(cx, period.clone(), Arc::clone(&round));
        Self::factory(name, work).kind(TaskKind::Maintenance)
    }
}

/// What is longer is not told from for ever, and might be beyond what the clock can tell.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

type Round = dyn Fn(ChildContext) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync;

/// The moments at which rounds are due.
struct Grid {
    every: Duration,
    next: Instant,
}

impl Grid {
    /// When the next round is due, after one that was due at `next` ended at `now`.
    fn advance(&mut self, missed: MissedTick, began: Instant, now: Instant) {
        let following = self.next + self.every;
        self.next = match missed {
            _ if following > now => following,
            MissedTick::Burst => following,
            MissedTick::Delay => (began + self.every).max(now),
            MissedTick::Skip => {
                let late = now.saturating_duration_since(self.next).as_nanos();
                let left = late % self.every.as_nanos();
                let left = u64::try_from(left).map_or(self.every, Duration::from_nanos);
                now + (self.every - left.min(self.every))
            }
        };
    }
}

async fn rounds(cx: ChildContext, mut period: Period, round: Arc<Round>) -> anyhow::Result<()> {
    let mut jitter = Jitter::random();
    let every = period.ask()?;
    let first = period.initial_delay.unwrap_or(every).min(LONGEST);
    let mut grid = Grid {
        every,
        next: Instant::now() + first,
    };
    let mut reloads = period.reloads.take();
    loop {
        let late = grid.every.mul_f64(period.jitter * jitter.part());
        tokio::select! {
            biased;
            () = cx.shutdown.cancelled() => return Ok(()),
            () = reloaded(reloads.as_mut()) => {
                let every = period.ask()?;
                if every != grid.every {
                    grid = Grid { every, next: Instant::now() + every };
                }
                continue;
            }
            () = tokio::time::sleep_until(grid.next + late) => {}
        }
        let began = Instant::now();
        match round(cx.clone()).await {
            Ok(()) => {}
            Err(error) if period.on_error == OnError::Fail => return Err(error),
            Err(error) => {
                let error = shown(&error);
                tracing::error!(
                    child = &*cx.name,
                    error,
                    "round failed; the next comes at its time"
                );
            }
        }
        grid.advance(period.missed, began, Instant::now());
    }
}

/// Waits for the next reload of the service.
async fn reloaded(reloads: Option<&mut watch::Receiver<u64>>) {
    if let Some(reloads) = reloads
        && reloads.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
