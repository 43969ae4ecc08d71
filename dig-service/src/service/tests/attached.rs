use super::*;
use crate::service::{Attach, AttachContext};

/// Writes down when it starts and stops, and does in `start` what it is told.
struct Look {
    log: Log,
    does: Does,
}

#[async_trait]
impl Attach for Look {
    fn name(&self) -> &'static str {
        "look"
    }

    async fn start(&mut self, cx: AttachContext) -> anyhow::Result<()> {
        self.log.lock().unwrap().push("look".to_owned());
        match self.does {
            Does::Fail => anyhow::bail!("no window"),
            Does::Panic => panic!("the window broke"),
            _ => {}
        }
        let (log, token) = (Arc::clone(&self.log), cx.tasks.shutdown().clone());
        cx.tasks
            .spawn("looking", TaskKind::Maintenance, async move {
                token.cancelled().await;
                log.lock().unwrap().push("looked".to_owned());
                Ok(())
            });
        Ok(())
    }

    async fn stop(&mut self) {
        self.log.lock().unwrap().push("look away".to_owned());
        if self.does == Does::Hang {
            std::future::pending::<()>().await;
        }
    }
}

async fn live_with(does: Does) -> (Vec<String>, String) {
    let probe = Probe::default();
    let log = Arc::clone(&probe.log);
    let look = Look {
        log: Arc::clone(&log),
        does,
    };
    let result = Service::builder(probe).attach(look).build().start().await;
    let lines = log.lock().unwrap().clone();
    let lines = lines.into_iter().filter(|l| !l.starts_with("reason"));
    (lines.collect(), describe(result))
}

#[tokio::test(start_paused = true)]
async fn what_is_attached_starts_before_the_first_hook_and_ends_after_the_last() {
    let all = "look pre_start on_start run on_stop post_stop cleanup look away looked";

    for does in [Does::Ok, Does::Hang] {
        let (lines, outcome) = live_with(does).await;
        assert_eq!(lines.join(" "), all, "{does:?}");
        assert_eq!(outcome, "RunCompleted");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_attached_ends_the_service_before_any_hook() {
    for (does, cause) in [
        (Does::Fail, "attachment `look` did not start: no window"),
        (Does::Panic, "panicked: the window broke"),
    ] {
        let (lines, outcome) = live_with(does).await;
        assert_eq!(lines, ["look", "look away"], "{does:?}");
        assert_eq!(outcome, format!("pre_start failed: {cause}"));
    }
}
