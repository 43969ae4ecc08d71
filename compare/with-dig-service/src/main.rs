//! The service on dig-service.

use std::time::Duration;

use common::{GRACE, Mode};
use dig_service::{Deadlines, MainOutput, Service, StartContext, TaskKind, TaskOptions};

struct Node(Mode);

#[dig_service::node(name = "compare", lifecycle_only)]
impl Node {
    #[on_start]
    fn start(&self, ctx: &StartContext<'_>) -> anyhow::Result<()> {
        let (mode, shutdown) = (self.0, ctx.shutdown.clone());
        let options = TaskOptions::new(TaskKind::BackgroundLoop).critical();
        ctx.tasks.try_spawn("ticker", options, async move {
            let _guard = mode.begin();
            tokio::select! {
                () = mode.tick() => {}
                () = shutdown.cancelled(), if !mode.is_stubborn() => mode.stop(),
            }
            Ok(())
        })?;
        Ok(())
    }

    #[on_stop]
    fn close(&self) {
        self.0.close();
    }
}

#[dig_service::dig_main]
async fn main() -> impl MainOutput {
    // A quarter of the tasks' share is kept for destructors, so that the task itself has the grace.
    let deadlines = Deadlines::default()
        .run(Duration::ZERO)
        .tasks(GRACE * 4 / 3)
        .on_stop(GRACE)
        .providers(Duration::ZERO);
    Service::builder(Node(Mode::from_args())).deadlines(deadlines)
}
