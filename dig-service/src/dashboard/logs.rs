//! Lines of the log, tapped from `tracing`.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::broadcast;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::dashboard::{Severity, UnixNanos};
use crate::sync::Lock;

/// How many lines are kept.
const KEPT: usize = 1024;
/// How far a subscriber may fall behind before it loses lines.
const BEHIND: usize = 256;

/// Keeps the latest lines of the log, and gives them to who follows; clones share them.
///
/// The application puts its [layer](Self::layer) into the subscriber that it installs, and gives the
/// tap to [`Dashboard::logs`](crate::dashboard::Dashboard::logs).
///
/// # Examples
///
/// ```
/// use dig_service::dashboard::LogTap;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let logs = LogTap::new();
/// let subscriber = tracing_subscriber::registry().with(logs.layer());
/// tracing::subscriber::with_default(subscriber, || tracing::info!(height = 7, "block"));
/// assert_eq!(logs.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct LogTap {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ring: Lock<Ring>,
    live: broadcast::Sender<Arc<Line>>,
}

#[derive(Debug, Default)]
struct Ring {
    sequence: u64,
    lines: VecDeque<Arc<Line>>,
}

/// One line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) sequence: u64,
    pub(crate) at: UnixNanos,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) correlation: Option<String>,
}

impl Default for LogTap {
    fn default() -> Self {
        Self::new()
    }
}

impl LogTap {
    /// Makes a tap that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        let (live, _) = broadcast::channel(BEHIND);
        Self {
            inner: Arc::new(Inner {
                ring: Lock::default(),
                live,
            }),
        }
    }

    /// Returns the layer that feeds it, to be filtered as any other.
    #[must_use]
    pub fn layer(&self) -> LogLayer {
        LogLayer { tap: self.clone() }
    }

    /// Returns how many lines it holds: the last 1024 at most.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.ring.lock().lines.len()
    }

    /// Returns whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The latest lines, the oldest first.
    pub(crate) fn recent(&self, count: usize) -> Vec<Arc<Line>> {
        let ring = self.inner.ring.lock();
        let skipped = ring.lines.len().saturating_sub(count);
        ring.lines.iter().skip(skipped).cloned().collect()
    }

    /// Lines from now on.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<Line>> {
        self.inner.live.subscribe()
    }

    fn add(&self, line: impl FnOnce(u64) -> Line) {
        let mut ring = self.inner.ring.lock();
        ring.sequence += 1;
        let line = Arc::new(line(ring.sequence));
        if ring.lines.len() == KEPT {
            ring.lines.pop_front();
        }
        ring.lines.push_back(Arc::clone(&line));
        // Under the lock, for the order. An error means that nobody follows.
        let _ = self.inner.live.send(line);
    }
}

/// Feeds a [`LogTap`] with what is logged.
#[derive(Clone, Debug)]
pub struct LogLayer {
    tap: LogTap,
}

/// The fields of a span, for the lines within it.
struct SpanFields(Map<String, Value>);

impl<S> Layer<S> for LogLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            // Another tap's layer may have been here: the fields are the same.
            span.extensions_mut().replace(SpanFields(fields.0));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(held)) = span.extensions_mut().get_mut()
        {
            let mut fields = Fields(std::mem::take(held));
            values.record(&mut fields);
            *held = fields.0;
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|s| s.from_root())
        {
            if let Some(SpanFields(held)) = span.extensions().get() {
                fields.0.extend(held.clone());
            }
        }
        event.record(&mut fields);
        let Fields(mut fields) = fields;
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let message = fields.remove("message").map(text).unwrap_or_default();
        let correlation = fields.get("correlation_id").cloned().map(text);
        let level = event.metadata().level();
        fields.insert("level".to_owned(), level.as_str().into());
        fields.insert("target".to_owned(), event.metadata().target().into());
        let severity = match *level {
            Level::ERROR => Severity::Error,
            Level::WARN => Severity::Warning,
            _ => Severity::Info,
        };
        self.tap.add(|sequence| Line {
            sequence,
            at: UnixNanos::now(),
            severity,
            message,
            fields,
            correlation,
        });
    }
}

/// Collects fields.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    fn told(tap: &LogTap, what: impl FnOnce()) {
        let subscriber = tracing_subscriber::registry().with(tap.layer());
        tracing::subscriber::with_default(subscriber, what);
    }

    #[test]
    fn line_has_its_message_its_fields_and_those_of_its_spans() {
        let tap = LogTap::new();
        told(&tap, || {
            let span = tracing::info_span!("child", service = "feed", late = tracing::field::Empty);
            span.record("late", true);
            let _entered = span.enter();
            tracing::warn!(
                attempt = 3,
                ratio = 0.5,
                correlation_id = "c-1",
                "restart {}",
                "delayed"
            );
        });

        let line = &tap.recent(1)[0];
        assert_eq!(
            (line.message.as_str(), line.severity),
            ("restart delayed", Severity::Warning)
        );
        assert_eq!(line.correlation.as_deref(), Some("c-1"));
        assert_eq!(line.fields["service"], "feed");
        assert_eq!(line.fields["late"], true);
        assert_eq!(line.fields["attempt"], 3);
        assert_eq!(line.fields["level"], "WARN");
        assert!(
            line.fields["target"]
                .as_str()
                .is_some_and(|t| t.contains("logs"))
        );
    }

    #[test]
    fn the_last_1024_lines_are_kept() {
        let tap = LogTap::new();
        told(&tap, || {
            (0..=KEPT).for_each(|number| tracing::info!(number))
        });

        assert_eq!(tap.len(), KEPT);
        let lines = tap.recent(usize::MAX);
        assert_eq!(lines.first().map(|line| line.sequence), Some(2));
        assert_eq!(lines.last().map(|line| line.sequence), Some(1025));
    }
}
