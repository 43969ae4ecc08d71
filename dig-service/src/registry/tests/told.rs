//! What the log is told.

use std::fmt::Debug;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::shutdown::ShutdownToken;
use crate::tasks::TaskRegistry;

/// Writes down spans and events, with their fields.
struct Listens(Log);

/// Writes down what this thread tells, until dropped.
pub(super) fn listen(told: &Log) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
    // While there is but one, `tracing` asks the thread that comes to an event first, which may be
    // that of another test and listen to nothing; of two it asks both.
    let second = tracing::Dispatch::new(Listens(Log::default()));
    (
        second,
        tracing::subscriber::set_default(Listens(Arc::clone(told))),
    )
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!(" {field}={value:?}");
    }
}

impl Subscriber for Listens {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text(format!("span {}", span.metadata().name()));
        span.record(&mut text);
        self.0.lock().push(text.0);
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.0.lock().push(text.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn inserts_that_are_not_taken_are_warned_of() {
    let told = Log::default();
    let registry = Registry::new();
    let _listening = listen(&told);
    let part = |name| Arc::new(Part::<1>::new(name, &Log::default()));

    registry.insert(part("one")).insert(part("twin"));
    registry.boot_all(&()).await.unwrap();
    registry.insert(part("late"));

    let told = taken(&told);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("WARN") && told[0].contains("`twin` is registered already"));
    assert!(told[1].starts_with("WARN") && told[1].contains("`late` comes too late"));
}

struct Works;

impl Provider for Works {
    fn name(&self) -> &'static str {
        "works"
    }

    fn as_runnable(&self) -> Option<&dyn Runnable> {
        Some(self)
    }
}

impl Runnable for Works {
    fn run(&self, (): ()) -> TaskFuture {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn work_runs_in_a_span_of_the_providers_name() {
    let told = Log::default();
    let _listening = listen(&told);
    let registry = Registry::new();
    registry.insert(Arc::new(Works));

    registry.run_all((), &TaskRegistry::new(ShutdownToken::new()));

    let told = taken(&told);
    assert!(
        told.contains(&"span provider provider=\"works\"".to_owned()),
        "{told:?}"
    );
}
