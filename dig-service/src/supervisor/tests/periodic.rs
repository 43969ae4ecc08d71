//! Work at a period.

use tokio::time::Instant;

use super::*;
use crate::sync::Lock;

type Times = Arc<Lock<Vec<u128>>>;

/// Runs rounds that take as long as told, and notes when each began, in milliseconds.
async fn begins(period: Period, takes: &'static [u64], total: Duration) -> Vec<u128> {
    let times = Times::default();
    let noted = Arc::clone(&times);
    let began = Instant::now();
    let spec = ChildSpec::periodic("job", period, move |_| {
        let mut times = noted.lock();
        let take = takes.get(times.len()).copied().unwrap_or(0);
        times.push(began.elapsed().as_millis());
        drop(times);
        async move {
            tokio::time::sleep(Duration::from_millis(take)).await;
            Ok(())
        }
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);
    tokio::time::sleep(total).await;
    handle.shutdown_tree(SECOND, audit()).await.unwrap();
    times.lock().clone()
}

fn every(seconds: u32) -> Period {
    match Period::every(SECOND * seconds) {
        Ok(period) => period,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(start_paused = true)]
async fn rounds_begin_at_every_period_whatever_they_take() {
    let times = begins(every(10), &[3_000, 0, 9_999], SECOND * 45).await;
    assert_eq!(times, [10_000, 20_000, 30_000, 40_000]);

    let early = every(10).initial_delay(SECOND);
    let times = begins(early, &[], SECOND * 25).await;
    assert_eq!(times, [1_000, 11_000, 21_000]);
}

#[tokio::test(start_paused = true)]
async fn missed_rounds_are_left_out_made_up_for_or_delayed() {
    let slow: &[u64] = &[25_000];
    let times = begins(every(10), slow, SECOND * 55).await;
    assert_eq!(times, [10_000, 40_000, 50_000]);

    let burst = every(10).missed(MissedTick::Burst);
    let times = begins(burst, slow, SECOND * 55).await;
    assert_eq!(times, [10_000, 35_000, 35_000, 40_000, 50_000]);

    let delay = every(10).missed(MissedTick::Delay);
    let times = begins(delay, slow, SECOND * 58).await;
    assert_eq!(times, [10_000, 35_000, 45_000, 55_000]);
}

#[tokio::test(start_paused = true)]
async fn jitter_delays_rounds_but_not_the_grid() {
    let period = every(10).jitter(0.5).unwrap();
    let times = begins(period, &[], SECOND * 1000).await;

    assert!(times.len() >= 98, "{}", times.len());
    for (round, time) in (1..).zip(&times) {
        let due = round * 10_000;
        assert!((due..due + 5_001).contains(time), "round {round} at {time}");
    }
    let on_time = times.iter().filter(|time| *time % 10_000 == 0).count();
    assert!(on_time < 10, "nothing is late");
    assert_eq!(
        every(1).jitter(1.5).map(|_| ()),
        Err(InvalidPeriod::Jitter(1.5))
    );
    assert!(every(1).jitter(1.0).is_ok());
    assert_eq!(
        Period::every(Duration::ZERO).map(|_| ()),
        Err(InvalidPeriod::Zero)
    );
}

#[tokio::test(start_paused = true)]
async fn round_that_fails_is_logged_or_fails_the_child() {
    for (on_error, expected) in [
        (OnError::Log, ChildPhase::Running),
        (OnError::Fail, ChildPhase::Failed),
    ] {
        let rounds = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&rounds);
        let spec = ChildSpec::periodic("job", every(1).on_error(on_error), move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            async { anyhow::bail!("this round") }
        });
        let tasks = tasks();
        let supervisor = Supervisor::new().child(spec.restart(RestartPolicy::Never));
        let handle = start(supervisor, &tasks);

        tokio::time::sleep(MILLI * 3500).await;

        assert_eq!(handle.child("job").unwrap().phase, expected);
        let expected = if on_error == OnError::Log { 3 } else { 1 };
        assert_eq!(rounds.load(Ordering::SeqCst), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn round_that_panics_is_a_failure_and_rounds_go_on_after_the_restart() {
    let rounds = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&rounds);
    let spec = ChildSpec::periodic("job", every(1), move |_| {
        let round = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(round > 0, "the first");
            Ok(())
        }
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);

    let status = until(&handle, "job", ChildPhase::BackingOff).await;

    assert!(matches!(status.last_exit, Some(ChildExit::Panicked(_))));
    tokio::time::sleep(5 * SECOND).await;
    assert!(rounds.load(Ordering::SeqCst) >= 4);
}

#[tokio::test(start_paused = true)]
async fn period_is_asked_for_at_the_start_and_after_a_reload() {
    let seconds = Arc::new(AtomicU32::new(10));
    let asked = Arc::clone(&seconds);
    let (reloads, receiver) = tokio::sync::watch::channel(0);
    let period = Period::asked(move || SECOND * asked.load(Ordering::SeqCst));
    let changing = async {
        tokio::time::sleep(SECOND * 25).await;
        seconds.store(3, Ordering::SeqCst);
        tokio::time::sleep(SECOND * 10).await;
        reloads.send_modify(|reloads| *reloads += 1);
        std::future::pending::<()>().await;
    };

    let times = tokio::select! {
        times = begins(period.after_reloads(receiver), &[], SECOND * 42) => times,
        () = changing => Vec::new(),
    };

    assert_eq!(times, [10_000, 20_000, 30_000, 38_000, 41_000]);
}

#[tokio::test(start_paused = true)]
async fn period_of_zero_that_is_asked_for_is_a_failure_and_no_hot_loop() {
    let spec = ChildSpec::periodic("job", Period::asked(|| Duration::ZERO), |_| async {
        Ok(())
    });
    let tasks = tasks();
    let supervisor = Supervisor::new().child(spec.restart(RestartPolicy::Never));
    let handle = start(supervisor, &tasks);

    let status = until(&handle, "job", ChildPhase::Failed).await;

    let exit = status.last_exit.map(|exit| exit.to_string()).unwrap();
    assert!(exit.contains("a period of zero"), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn round_under_way_is_let_go_on_when_the_child_is_stopped() {
    let done = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&done);
    let spec = ChildSpec::periodic("job", every(1), move |_| {
        let counter = Arc::clone(&counter);
        async move {
            tokio::time::sleep(2 * SECOND).await;
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    });
    let tasks = tasks();
    let handle = start(Supervisor::new().child(spec), &tasks);
    tokio::time::sleep(MILLI * 1500).await;

    let report = handle.shutdown_tree(10 * SECOND, audit()).await.unwrap();

    assert!(report.is_graceful());
    assert_eq!(done.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn period_beyond_what_the_clock_can_tell_is_a_long_one() {
    let period = Period::every(Duration::MAX).unwrap();
    let times = begins(
        period.initial_delay(SECOND).missed(MissedTick::Delay),
        &[],
        SECOND * 60,
    );
    assert_eq!(times.await, [1_000]);
}
