use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Starts slowly, with a word each second; never stops.
struct Slow;

#[async_trait]
impl NodeLifecycle for Slow {
    async fn on_start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        for _ in 0..9 {
            ctx.progress("a bit");
            tokio::time::sleep(SECOND).await;
        }
        Ok(())
    }

    async fn run(&self, _: RunContext) -> anyhow::Result<()> {
        Ok(())
    }

    async fn on_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn i30_what_was_granted_for_a_start_does_not_count_for_the_stop() {
    let deadlines = Deadlines::default()
        .start(SECOND)
        .with_total(4 * SECOND)
        .progress(2 * SECOND, 10 * SECOND);
    let service = Service::builder(Slow).deadlines(deadlines).build();
    let handle = service.handle();
    let running = tokio::spawn(service.start());
    reach(&handle, Phase::Running).await;
    let began = Instant::now();

    let failure = running.await.unwrap().unwrap_err();

    assert!(
        matches!(failure, ServiceError::OnStopFailed(_)),
        "{failure:?}"
    );
    assert!(began.elapsed() < 4 * SECOND, "{:?}", began.elapsed());
}
