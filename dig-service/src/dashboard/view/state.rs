//! The whole state, as of one event.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::{child, event_record, log_record};
use crate::control::ServiceHandle;
use crate::dashboard::logs::{Line, LogTap};
use crate::dashboard::{
    ConnectionState, DashboardState, ProviderState, RegistrationState, ServiceSummary, TargetState,
    TaskCounters, TaskRow, Topology, TopologyEdge, UnixNanos, ValidatedDashboardIpcConfig,
};
use crate::event::{Digest, Reading};
use crate::supervisor::{ChildStatus, TreeState};
use crate::sync::Lock;
use crate::tasks::{TaskCounts, TaskSummary};

/// How many events and lines of the log are part of the state.
pub(super) const RECENT: usize = 128;

/// Reads the live service: children, phase, providers, tasks, events, log. Holds no copy of it.
#[derive(Clone, Debug)]
pub struct DashboardView {
    pub(crate) service: ServiceHandle,
    pub(crate) logs: Option<LogTap>,
    pub(crate) told: Arc<Told>,
}

/// What the dashboard itself has to tell.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) dropped_events: AtomicU64,
    pub(crate) dropped_logs: AtomicU64,
    relay: Lock<(RegistrationState, ConnectionState)>,
}

impl DashboardView {
    /// Looks at this service.
    #[must_use]
    pub fn new(service: &ServiceHandle) -> Self {
        let relay = (RegistrationState::Active, ConnectionState::Connected);
        Self {
            service: service.clone(),
            logs: None,
            told: Arc::new(Told {
                dropped_events: AtomicU64::new(0),
                dropped_logs: AtomicU64::new(0),
                relay: Lock::from(relay),
            }),
        }
    }

    /// Shows this log as well.
    #[must_use]
    pub fn with_logs(mut self, logs: LogTap) -> Self {
        self.logs = Some(logs);
        self
    }

    pub(crate) fn set_relay(&self, registration: RegistrationState, connection: ConnectionState) {
        *self.told.relay.lock() = (registration, connection);
    }

    /// What is there, as of one event: nothing happens between its parts. Of the latest events only
    /// those are given that come after `known`.
    pub(super) fn look(&self, known: u64) -> (Option<TreeState>, Reading) {
        let look = || self.service.read_journal_after(RECENT, known);
        match self.service.supervisor().state_with(look) {
            Some((tree, reading)) => (Some(tree), reading),
            None => (None, look()),
        }
    }

    /// The state, as of one event.
    pub(crate) fn state(
        &self,
        config: &ValidatedDashboardIpcConfig,
        target_id: &Arc<str>,
    ) -> DashboardState {
        let (tree, reading) = self.look(0);
        let now = UnixNanos::now();
        let all: Vec<&ChildStatus> = tree.iter().flat_map(everyone).collect();
        let children = || all.iter().skip(1).copied();
        let events = reading.recent.iter();
        let lines = self.lines();
        let tail = self.tail(&reading, now);
        DashboardState {
            target: self.target(config, target_id),
            topology: topology(&all, &reading.digest),
            runtime_state: children().map(child::runtime).collect(),
            child_runtime_records: children().map(|c| child::record(c, now)).collect(),
            recent_events: events.map(|event| event_record(target_id, event)).collect(),
            recent_logs: lines
                .iter()
                .map(|line| log_record(target_id, line))
                .collect(),
            dropped_event_count: tail.dropped_event_count,
            dropped_log_count: tail.dropped_log_count,
            config_version: tail.config_version,
            generated_at_unix_nanos: tail.generated_at_unix_nanos,
            state_generation: tail.state_generation,
            service: tail.service,
            providers: tail.providers,
            tasks: tail.tasks,
        }
    }

    pub(super) fn lines(&self) -> Vec<Arc<Line>> {
        let logs = self.logs.as_ref().map(|logs| logs.recent(RECENT));
        logs.unwrap_or_default()
    }

    pub(super) fn target(
        &self,
        config: &ValidatedDashboardIpcConfig,
        target_id: &Arc<str>,
    ) -> TargetState {
        let (registration_state, connection_state) = *self.told.relay.lock();
        TargetState {
            target_id: Arc::clone(target_id),
            display_name: config.display_name().to_owned(),
            registration_state,
            connection_state,
        }
    }

    /// What comes behind events and logs.
    pub(super) fn tail(&self, reading: &Reading, now: UnixNanos) -> Tail {
        let digest = &reading.digest;
        Tail {
            dropped_event_count: self.told.dropped_events.load(Ordering::Relaxed),
            dropped_log_count: self.told.dropped_logs.load(Ordering::Relaxed),
            config_version: digest.reloads.succeeded.to_string(),
            generated_at_unix_nanos: now,
            state_generation: reading.sequence,
            service: self.summary(digest),
            providers: providers(digest),
            tasks: counters(&self.service.task_counts()),
        }
    }

    fn summary(&self, digest: &Digest) -> ServiceSummary {
        let reason = digest.reason.as_ref().map(ToString::to_string);
        ServiceSummary {
            name: self.service.name().to_owned(),
            phase: digest.phase.label().to_owned(),
            exit_reason: reason,
            uptime_millis: millis(self.service.uptime()),
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The live tasks, the oldest first.
    pub(crate) fn tasks(&self) -> (Vec<TaskRow>, TaskCounters) {
        let mut tasks = self.service.all_tasks();
        tasks.sort_unstable_by_key(|task| (task.spawned_at, task.id));
        let rows = tasks.iter().map(row).collect();
        (rows, counters(&self.service.task_counts()))
    }
}

/// The fields of the state that come behind events and logs, in their order.
#[derive(Serialize)]
pub(super) struct Tail {
    dropped_event_count: u64,
    dropped_log_count: u64,
    config_version: String,
    generated_at_unix_nanos: UnixNanos,
    pub(super) state_generation: u64,
    service: ServiceSummary,
    providers: Vec<ProviderState>,
    tasks: TaskCounters,
}

pub(super) fn everyone(tree: &TreeState) -> impl Iterator<Item = &ChildStatus> {
    std::iter::once(&tree.root).chain(&tree.children)
}

fn topology(all: &[&ChildStatus], digest: &Digest) -> Topology {
    let mut orders: HashMap<&str, u64> = HashMap::new();
    let paths: HashMap<&str, &Arc<str>> = all.iter().map(|c| (&*c.path, &c.path)).collect();
    let root: Arc<str> = all
        .first()
        .map_or_else(|| "/".into(), |c| Arc::clone(&c.path));
    let mut edges: Vec<TopologyEdge> = Vec::with_capacity(all.len());
    for child in all.iter().skip(1) {
        let parent = child::parent(child);
        let order = orders.entry(parent).or_default();
        if let Some(parent) = paths.get(parent) {
            edges.push(child::parent_edge(parent, child, *order));
        }
        *order += 1;
        edges.extend(child::dependency_edges(child));
    }
    Topology {
        root,
        nodes: all
            .iter()
            .map(|c| child::node(c, child::is_provider(c, digest)))
            .collect(),
        edges,
        declaration_order: all.iter().skip(1).map(|c| Arc::clone(&c.path)).collect(),
    }
}

fn providers(digest: &Digest) -> Vec<ProviderState> {
    let all = digest.providers.iter();
    let shown = all.map(|(name, standing)| ProviderState {
        name: (*name).to_owned(),
        state: standing.state.to_owned(),
        error: standing.error.as_deref().map(ToOwned::to_owned),
        last_reload: standing.last_reload.map(ToOwned::to_owned),
    });
    shown.collect()
}

const fn counters(counts: &TaskCounts) -> TaskCounters {
    TaskCounters {
        live: counts.live,
        spawned: counts.spawned,
        completed: counts.completed,
        failed: counts.failed,
        panicked: counts.panicked,
        aborted: counts.aborted,
    }
}

fn row(task: &TaskSummary) -> TaskRow {
    TaskRow {
        id: task.id.as_u64(),
        name: task.name.to_owned(),
        label: task.label.as_deref().map(ToOwned::to_owned),
        kind: task.kind.label().to_owned(),
        criticality: task.criticality.label().to_owned(),
        scope: task.scope.to_owned(),
        age_millis: millis(task.spawned_at.elapsed()),
        is_blocking: task.is_blocking,
        spawned_from: task.spawned_from.to_string(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
