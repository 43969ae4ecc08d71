//! Children that do what nobody should.

use std::time::{Duration, SystemTime};

use dig_service::supervisor::{
    Backoff, ChildSpec, Intensity, InvalidIntensity, OnGiveUp, Supervisor,
};

/// Fails as soon as it is started.
pub(crate) fn flapping(escalates: bool) -> Result<ChildSpec, InvalidIntensity> {
    let (base, max) = (Duration::from_millis(50), Duration::from_millis(400));
    let rule = match escalates {
        true => OnGiveUp::Escalate,
        false => OnGiveUp::Quarantine,
    };
    let spec = ChildSpec::factory("flapping", |cx| async move {
        anyhow::bail!("attempt {} found nobody there", cx.attempt)
    });
    Ok(spec
        .backoff(Backoff::new(base, max).unwrap_or_default())
        .intensity(Intensity::new(5, Duration::from_secs(10))?)
        .on_give_up(rule))
}

/// Blocks its thread for six seconds in its first life, as a call into a foreign library may.
pub(crate) fn sticky() -> ChildSpec {
    ChildSpec::factory("sticky", |cx| async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if cx.attempt == 1 {
            block(Duration::from_secs(6));
        }
        loop {
            cx.beat();
            tokio::select! {
                () = cx.shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
        }
    })
    .heartbeat(Duration::from_millis(800))
    .stop_budget(Duration::from_millis(300))
}

/// Keeps the thread, as no `sleep` of the runtime would.
fn block(time: Duration) {
    let began = SystemTime::now();
    while began.elapsed().is_ok_and(|passed| passed < time) {
        std::hint::spin_loop();
    }
}

/// Registers work for children that are added while the program runs: `counter` counts, and gives
/// signs of life; `stubborn` takes so many seconds to end as its params say.
pub(crate) fn factories(supervisor: Supervisor) -> Supervisor {
    let supervisor = supervisor.factory("stubborn", |cx, params| async move {
        cx.shutdown.cancelled().await;
        tokio::time::sleep(Duration::from_secs(params.as_u64().unwrap_or(3))).await;
        Ok(())
    });
    supervisor.factory("counter", |cx, params| async move {
        let mut count = params.as_u64().unwrap_or_default();
        while !cx.shutdown.is_cancelled() {
            count += 1;
            cx.beat();
            tokio::select! {
                () = cx.shutdown.cancelled() => {}
                () = tokio::time::sleep(Duration::from_millis(100)) => {}
            }
        }
        tracing::info!(child = %cx.name, count, "counted");
        Ok(())
    })
}
