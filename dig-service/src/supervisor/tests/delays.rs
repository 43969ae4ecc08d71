//! When restarts come.

use super::*;

/// The same seed gives the same delays, another gives others.
#[tokio::test(start_paused = true)]
async fn seed_fixes_all_delays() {
    async fn delays(seed: u64) -> Vec<Option<Duration>> {
        let failing = |name| {
            ChildSpec::factory(name, |_| async { anyhow::bail!("always") })
                .intensity(Intensity::unlimited())
        };
        let tasks = tasks();
        let inner = Supervisor::new().child(failing("b"));
        let supervisor = Supervisor::new()
            .seed(seed)
            .child(failing("a"))
            .child(ChildSpec::group("g", inner));
        let handle = start(supervisor, &tasks);
        let mut delays = Vec::new();
        for child in ["a", "b", "a", "b"] {
            delays.push(
                until(&handle, child, ChildPhase::BackingOff)
                    .await
                    .next_retry,
            );
            tokio::time::sleep(MILLI * 600).await;
        }
        let _ = handle.shutdown_tree(SECOND, audit()).await;
        delays
    }

    let (first, again, other) = (delays(1).await, delays(1).await, delays(2).await);

    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_ne!(first[0], first[1], "children do not fall into step");
}

/// A supervisor inside another goes by its own seed, if it has one.
#[tokio::test(start_paused = true)]
async fn seed_of_a_group_is_its_own() {
    async fn delay(outer: u64, inner: Option<u64>) -> Option<Duration> {
        let failing = ChildSpec::factory("a", |_| async { anyhow::bail!("always") });
        let mut group = Supervisor::new().child(failing);
        if let Some(seed) = inner {
            group = group.seed(seed);
        }
        let tasks = tasks();
        let supervisor = Supervisor::new().seed(outer);
        let handle = start(supervisor.child(ChildSpec::group("g", group)), &tasks);
        until(&handle, "a", ChildPhase::BackingOff).await.next_retry
    }

    assert_eq!(delay(1, Some(7)).await, delay(2, Some(7)).await);
    assert_ne!(delay(1, None).await, delay(2, None).await);
}

/// I37. With jitter: what is told is what happens, and lies within a fifth of what is due.
#[tokio::test(start_paused = true)]
async fn i37_restarts_come_at_the_delays_that_were_told() {
    let (spec, _) = counting("a", |_, start| async move {
        if start == 8 {
            // Long enough to begin anew.
            tokio::time::sleep(61 * SECOND).await;
        }
        anyhow::bail!("again")
    });
    let spec = spec.intensity(Intensity::unlimited());
    let tasks = tasks();
    let handle = start(Supervisor::new().seed(3).child(spec), &tasks);
    for due in [100, 200, 400, 800, 1600, 3200, 6400, 100, 200] {
        let status = until(&handle, "a", ChildPhase::BackingOff).await;
        let delay = status.next_retry.unwrap();
        let (low, high) = (MILLI * due * 8 / 10, MILLI * due * 12 / 10);
        assert!((low..=high).contains(&delay), "{delay:?} for {due}");

        let began = tokio::time::Instant::now();
        until(&handle, "a", ChildPhase::Running).await;
        let late = began.elapsed().saturating_sub(delay);
        // The timer counts whole milliseconds.
        let is_early = began.elapsed() + MILLI < delay;
        assert!(!is_early && late <= MILLI * 2, "{late:?}");
    }
}
