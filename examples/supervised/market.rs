//! A feed that replays a recording, and who counts what it says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dig_service::supervisor::{
    Backoff, ChildContext, ChildSpec, Intensity, Readiness, Strategy, Supervisor,
};
use serde::Deserialize;

/// The load of a machine, ten times a second for half a minute; recorded from `/proc/loadavg` and
/// `/proc/stat`.
const RECORDING: &str = include_str!("feed.jsonl");

/// One line of the recording.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Tick {
    at_ms: u64,
    load: f64,
    #[serde(rename = "running")]
    _running: u64,
    #[serde(rename = "switches")]
    _switches: u64,
}

/// What the children share; it outlives each of their attempts.
pub(crate) struct Market {
    ticks: Arc<[Tick]>,
    seed: u64,
    /// Where the replay stands.
    at: Arc<AtomicU64>,
    latest: Arc<Mutex<Option<f64>>>,
}

impl Market {
    /// Reads the recording.
    pub(crate) fn new(seed: u64) -> anyhow::Result<Self> {
        let ticks = RECORDING.lines().map(serde_json::from_str);
        Ok(Self {
            ticks: ticks.collect::<Result<_, _>>()?,
            seed,
            at: Arc::default(),
            latest: Arc::default(),
        })
    }

    /// A group: candles without a feed are worth nothing, so both start anew together.
    pub(crate) fn supervisor(self) -> Supervisor {
        let market = Arc::new(self);
        let feeding = Arc::clone(&market);
        let feed = ChildSpec::factory("feed", move |cx| replay(Arc::clone(&feeding), cx))
            .readiness(Readiness::Explicit {
                deadline: Duration::from_secs(5),
            })
            .heartbeat(Duration::from_secs(2))
            .intensity(Intensity::unlimited())
            .backoff(short())
            .tag("source");
        let candles = ChildSpec::factory("candles", move |cx| count(Arc::clone(&market), cx));
        Supervisor::new()
            .strategy(Strategy::OneForAll)
            .child(feed)
            .child(candles.depends_on("feed"))
    }
}

fn short() -> Backoff {
    let (base, max) = (Duration::from_millis(200), Duration::from_secs(1));
    Backoff::new(base, max).unwrap_or_default()
}

/// Replays from where the attempt before has stopped. One tick in forty is a failure.
async fn replay(market: Arc<Market>, cx: ChildContext) -> anyhow::Result<()> {
    cx.ready();
    loop {
        let at = market.at.fetch_add(1, Ordering::Relaxed);
        let index = usize::try_from(at).unwrap_or_default() % market.ticks.len();
        let tick = market.ticks[index];
        let before = index
            .checked_sub(1)
            .map_or(0, |index| market.ticks[index].at_ms);
        let pause = Duration::from_millis(tick.at_ms.saturating_sub(before).min(500));
        tokio::select! {
            () = cx.shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
        cx.beat();
        match dice(market.seed, at) % 40 {
            0 => anyhow::bail!("connection reset after tick {at}"),
            1 => panic!("tick {at} makes no sense"),
            _ => {}
        }
        *market.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(tick.load);
    }
}

/// Ten looks at the feed make a candle.
async fn count(market: Arc<Market>, cx: ChildContext) -> anyhow::Result<()> {
    let mut candle = Vec::new();
    while !cx.shutdown.is_cancelled() {
        let latest = *market.latest.lock().unwrap_or_else(PoisonError::into_inner);
        candle.extend(latest);
        if candle.len() == 10 {
            let (low, high) = candle
                .iter()
                .fold((f64::MAX, 0.0_f64), |(low, high), load| {
                    (low.min(*load), high.max(*load))
                });
            tracing::info!(low, high, "candle");
            candle.clear();
        }
        tokio::select! {
            () = cx.shutdown.cancelled() => {}
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
    Ok(())
}

/// The same number for the same seed and tick (SplitMix64).
fn dice(seed: u64, tick: u64) -> u64 {
    let mut mixed = seed.wrapping_add(tick.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recording_is_read_and_the_seed_decides_what_fails() {
        let market = Market::new(1).unwrap();
        assert_eq!(market.ticks.len(), 300);
        assert!(market.ticks.is_sorted_by_key(|tick| tick.at_ms));

        let failures = |seed| (0..1000).filter(|tick| dice(seed, *tick) % 40 < 2).count();
        assert!((20..90).contains(&failures(1)), "{}", failures(1));
        assert_ne!(dice(1, 5), dice(2, 5));
    }
}
