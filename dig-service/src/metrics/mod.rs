//! Counters and gauges for Prometheus: feature `metrics`, [`ServiceBuilder::metrics`].
//!
//! They are read from the journal's sums and from the live listings when they are asked for; nothing
//! is counted twice, and nothing is counted while nobody asks. The text is that of the exposition
//! format 0.0.4, written by the `prometheus` crate.

mod family;

use prometheus::TextEncoder;
use prometheus::proto::MetricFamily;

use crate::control::ServiceHandle;
use crate::event::Digest;
use crate::metrics::family::{counter, gauge};
use crate::phase::{ChildPhase, Phase};
use crate::rpc::http::Page;
use crate::service::ServiceBuilder;
use crate::supervisor::ChildStatus;

/// Where they are.
const PATH: &str = "/metrics";

impl<N, A, R> ServiceBuilder<N, A, R> {
    /// Serves counters and gauges at `GET /metrics` of the
    /// [HTTP server](ServiceBuilder::rpc_http), without which the start fails.
    ///
    /// `docs/operating.md` lists them. As the probes, the page asks for no `Host`.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::Service;
    /// # struct Node;
    /// # impl dig_service::NodeLifecycle for Node {}
    ///
    /// let service = Service::builder(Node).rpc_http("127.0.0.1:9778").metrics().build();
    /// # let _ = service.handle();
    /// ```
    pub fn metrics(self) -> Self {
        self.page(Page {
            path: PATH,
            content_type: prometheus::TEXT_FORMAT,
            render,
        })
    }
}

/// Writes everything.
fn render(service: &ServiceHandle) -> String {
    let look = || service.read_journal();
    let (children, reading) = match service.supervisor().state_with(look) {
        Some((tree, reading)) => (tree.children, reading),
        None => (Vec::new(), service.read_journal()),
    };
    let digest = &reading.digest;
    let mut families = of_service(service, digest);
    families.extend(of_tasks(service, digest));
    families.extend(of_events(digest));
    families.extend(of_children(&children));
    // A family without samples is no family.
    families.retain(|family| !family.get_metric().is_empty());
    match TextEncoder::new().encode_to_string(&families) {
        Ok(text) => text,
        // Only names of ours could be wrong, and a test reads them all.
        Err(error) => format!("# {error}\n"),
    }
}

fn of_service(service: &ServiceHandle, digest: &Digest) -> Vec<MetricFamily> {
    let phases = Phase::ALL.iter().map(|phase| {
        let value = u64::from(*phase == digest.phase);
        (vec![("phase", phase.label().to_owned())], value)
    });
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let info = vec![("service", service.name().to_owned()), ("version", version)];
    let plain = |value: u64| [(Vec::new(), value)];
    let providers = digest.providers.iter().map(|(name, standing)| {
        let is_ready = standing.state == "ready";
        (vec![("provider", (*name).to_owned())], u64::from(is_ready))
    });
    vec![
        gauge(
            "info",
            "The service and the framework's version.",
            [(info, 1)],
        ),
        gauge("phase", "1 for the phase that the service is in.", phases),
        gauge(
            "ready",
            "1 while the service is ready.",
            plain(u64::from(service.is_ready())),
        ),
        gauge(
            "alive",
            "1 while all heartbeats are fresh and no child is stuck.",
            plain(u64::from(service.is_alive())),
        ),
        gauge(
            "uptime_seconds",
            "Seconds since the service was built.",
            plain(service.uptime().as_secs()),
        ),
        gauge(
            "provider_ready",
            "1 for a provider that has booted.",
            providers,
        ),
        gauge(
            "stale_heartbeats",
            "Heartbeats that are overdue.",
            plain(digest.stale_heartbeats.len() as u64),
        ),
    ]
}

fn of_tasks(service: &ServiceHandle, digest: &Digest) -> Vec<MetricFamily> {
    let counts = service.task_counts();
    let ends = [
        ("completed", counts.completed),
        ("failed", counts.failed),
        ("panicked", counts.panicked),
        ("aborted", counts.aborted),
    ];
    let ends = ends.map(|(end, count)| (vec![("end", end.to_owned())], count));
    let plain = |value: u64| [(Vec::new(), value)];
    vec![
        gauge("tasks", "Tasks that are running.", plain(counts.live)),
        counter(
            "tasks_spawned_total",
            "Tasks taken in.",
            plain(counts.spawned),
        ),
        counter("tasks_ended_total", "Tasks that have ended, by how.", ends),
        counter(
            "tasks_refused_total",
            "Tasks that came too late to be taken in.",
            plain(counts.refused),
        ),
        counter(
            "tasks_late_total",
            "Tasks that outlasted their deadline.",
            plain(digest.late_tasks),
        ),
        counter(
            "tasks_stuck_total",
            "Tasks that did not yield when they were aborted.",
            plain(digest.stuck_tasks),
        ),
    ]
}

fn of_events(digest: &Digest) -> Vec<MetricFamily> {
    let by = |label: &'static str, counts: &std::collections::BTreeMap<&'static str, u64>| {
        let rows = counts.iter();
        let rows = rows.map(|(name, count)| (vec![(label, (*name).to_owned())], *count));
        rows.collect::<Vec<_>>()
    };
    let hook = |(hook, end): &(&'static str, &'static str)| {
        vec![("hook", (*hook).to_owned()), ("end", (*end).to_owned())]
    };
    let calls = digest
        .hooks
        .iter()
        .map(|(key, (calls, _))| (hook(key), *calls));
    let micros = digest
        .hooks
        .iter()
        .map(|(key, (_, micros))| (hook(key), *micros));
    let reloads = [
        ("succeeded", digest.reloads.succeeded),
        ("failed", digest.reloads.failed),
    ];
    let reloads = reloads.map(|(end, count)| (vec![("end", end.to_owned())], count));
    vec![
        counter("hooks_total", "Hooks that have returned, by how.", calls),
        family::seconds("hook_seconds_total", "Seconds spent in hooks.", micros),
        counter(
            "commands_total",
            "Commands taken.",
            by("command", &digest.commands),
        ),
        counter(
            "signals_total",
            "Signals acted upon.",
            by("signal", &digest.signals),
        ),
        counter("reloads_total", "Reloads that are over, by how.", reloads),
        counter(
            "child_events_total",
            "What has happened to supervised children.",
            by("change", &digest.children),
        ),
    ]
}

fn of_children(children: &[ChildStatus]) -> Vec<MetricFamily> {
    let phases = ChildPhase::ALL.iter().map(|phase| {
        let count = children
            .iter()
            .filter(|child| child.phase == *phase)
            .count();
        (vec![("phase", phase.label().to_owned())], count as u64)
    });
    let each = |value: fn(&ChildStatus) -> u64| {
        let rows = children.iter();
        let rows = rows.map(move |child| (vec![("child", child.path.to_string())], value(child)));
        rows.collect::<Vec<_>>()
    };
    vec![
        gauge("children", "Supervised children, by phase.", phases),
        gauge(
            "child_running",
            "1 for a child that runs and is ready.",
            each(|child| u64::from(child.phase == ChildPhase::Running)),
        ),
        gauge(
            "child_stuck",
            "1 for a child that was aborted and does not end.",
            each(|child| u64::from(child.is_stuck)),
        ),
        counter(
            "child_starts_total",
            "How often a child was started.",
            each(|c| c.starts),
        ),
        counter(
            "child_failures_total",
            "How often a child failed.",
            each(|c| c.failures),
        ),
    ]
}
