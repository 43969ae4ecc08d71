//! How a child is shown: the phase's wire names, and what follows from a phase and a history.

use std::sync::Arc;
use std::time::Duration;

use crate::dashboard::{
    AttemptStatus, ChildKind, ChildOperation, ChildRuntimeRecord, Criticality, EdgeKind,
    FencePhase, Health, Liveness, ManagedState, OutcomeSide, PendingRestart, Readiness,
    RestartLimit, RuntimeFailure, RuntimeState, StopState, TopologyEdge, TopologyNode, UnixNanos,
};
use crate::event::Digest;
use crate::phase::ChildPhase;
use crate::supervisor::{ChildExit, ChildStatus, OnGiveUp, RestartPolicy};

/// What the operator wants of a child, and what is made of it.
const fn held(phase: ChildPhase) -> (ChildOperation, ManagedState) {
    match phase {
        ChildPhase::Paused => (ChildOperation::Paused, ManagedState::Paused),
        ChildPhase::Quarantined => (ChildOperation::Quarantined, ManagedState::Quarantined),
        _ => (ChildOperation::Active, ManagedState::Running),
    }
}

/// How a child stands, as far as a command is concerned.
pub(crate) fn side(phase: ChildPhase, is_removed: bool) -> OutcomeSide {
    let (operation, managed_child_state) = match is_removed {
        true => (ChildOperation::Removed, ManagedState::Removed),
        false => held(phase),
    };
    OutcomeSide {
        operation,
        managed_child_state,
        lifecycle_state: phase.label().to_owned(),
    }
}

const fn status(child: &ChildStatus) -> Option<AttemptStatus> {
    match child.phase {
        ChildPhase::Pending | ChildPhase::BackingOff => None,
        ChildPhase::Starting => Some(AttemptStatus::Starting),
        ChildPhase::Running if child.says_when_ready() => Some(AttemptStatus::Ready),
        ChildPhase::Running => Some(AttemptStatus::Running),
        ChildPhase::Stopping => Some(AttemptStatus::Cancelling),
        ChildPhase::Stopped | ChildPhase::Failed | ChildPhase::Paused | ChildPhase::Quarantined => {
            Some(AttemptStatus::Stopped)
        }
    }
}

const fn readiness(child: &ChildStatus) -> Readiness {
    match child.phase {
        _ if !child.says_when_ready() => Readiness::Unreported,
        ChildPhase::Running => Readiness::Ready,
        _ => Readiness::NotReady,
    }
}

const fn stop_state(child: &ChildStatus) -> StopState {
    match child.phase {
        _ if child.is_stuck => StopState::Failed,
        ChildPhase::Stopping => StopState::CancelDelivered,
        ChildPhase::Starting | ChildPhase::Running => StopState::Idle,
        ChildPhase::Pending | ChildPhase::BackingOff => StopState::NoActiveAttempt,
        ChildPhase::Stopped | ChildPhase::Failed | ChildPhase::Paused | ChildPhase::Quarantined => {
            StopState::Completed
        }
    }
}

fn health(child: &ChildStatus) -> Health {
    match child.phase {
        _ if child.is_stuck => Health::Unhealthy,
        _ if child.is_silent() => Health::Stale,
        ChildPhase::Running => Health::Healthy,
        ChildPhase::Failed | ChildPhase::BackingOff => Health::Unhealthy,
        _ => Health::Unknown,
    }
}

const fn fence(child: &ChildStatus) -> FencePhase {
    match child.phase {
        _ if child.is_stuck => FencePhase::AbortingOld,
        ChildPhase::Stopping => FencePhase::WaitingForOldStop,
        ChildPhase::Pending | ChildPhase::BackingOff => FencePhase::ReadyToStart,
        ChildPhase::Starting | ChildPhase::Running => FencePhase::Open,
        ChildPhase::Stopped | ChildPhase::Failed | ChildPhase::Paused | ChildPhase::Quarantined => {
            FencePhase::Closed
        }
    }
}

fn reason(exit: &ChildExit) -> Option<String> {
    exit.is_failure().then(|| match exit {
        ChildExit::Failed(error) => error.to_string(),
        other => other.to_string(),
    })
}

/// What the rules decided when the child ended last.
fn decision(child: &ChildStatus) -> Option<String> {
    let exit = child.last_exit.as_ref()?;
    let is_wanted = match child.restart_policy() {
        RestartPolicy::Always => *exit != ChildExit::Cancelled,
        RestartPolicy::OnFailure => exit.is_failure(),
        RestartPolicy::Never => false,
    };
    let decided = match child.phase {
        ChildPhase::Quarantined => "quarantine",
        ChildPhase::BackingOff => "restart_after_backoff",
        ChildPhase::Failed if is_wanted => "give_up",
        _ if is_wanted => "restart",
        _ => "do_not_restart",
    };
    Some(decided.to_owned())
}

fn name(child: &ChildStatus) -> Arc<str> {
    match child.name.is_empty() {
        true => Arc::clone(&child.path),
        false => Arc::clone(&child.name),
    }
}

/// The path of the child's supervisor.
pub(super) fn parent(child: &ChildStatus) -> &str {
    match child.path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((parent, _)) => parent,
    }
}

/// Whether a child is the long work of a provider, which has that one's name.
pub(super) fn is_provider(child: &ChildStatus, digest: &Digest) -> bool {
    digest.providers.contains_key(&*child.name) && parent(child) == "/"
}

pub(super) fn node(child: &ChildStatus, is_provider: bool) -> TopologyNode {
    let is_root = &*child.path == "/";
    let mut diagnostics = Vec::new();
    if child.is_stuck {
        diagnostics.push("it was aborted and does not end: it blocks its thread".to_owned());
    }
    if child.is_silent() {
        diagnostics.push("it gives no sign of life".to_owned());
    }
    if matches!(
        child.phase,
        ChildPhase::BackingOff | ChildPhase::Failed | ChildPhase::Quarantined
    ) {
        diagnostics.extend(child.last_exit.as_ref().and_then(reason));
    }
    TopologyNode {
        node_id: Arc::clone(&child.path),
        child_id: (!is_root).then(|| Arc::clone(&child.name)),
        path: Arc::clone(&child.path),
        name: name(child),
        kind: match child.is_supervisor {
            _ if is_root => ChildKind::RootSupervisor,
            true => ChildKind::Node,
            false if is_provider => ChildKind::Provider,
            false => ChildKind::ChildTask,
        },
        tags: Arc::clone(&child.tags),
        criticality: match child.on_give_up() {
            OnGiveUp::Escalate => Criticality::Critical,
            OnGiveUp::Quarantine => Criticality::Standard,
            OnGiveUp::Ignore => Criticality::BestEffort,
        },
        state_summary: child.phase.label().to_owned(),
        diagnostics,
    }
}

/// The edge from the child's supervisor; `order` is its place there.
pub(super) fn parent_edge(parent: &Arc<str>, child: &ChildStatus, order: u64) -> TopologyEdge {
    TopologyEdge {
        edge_id: format!("parent:{parent}->{}", child.path),
        source_path: Arc::clone(parent),
        target_path: Arc::clone(&child.path),
        kind: EdgeKind::ParentChild,
        order,
    }
}

pub(super) fn dependency_edges(child: &ChildStatus) -> impl Iterator<Item = TopologyEdge> {
    (0..)
        .zip(child.depends_on.iter())
        .map(|(order, on)| TopologyEdge {
            edge_id: format!("dependency:{}->{on}", child.path),
            source_path: Arc::clone(&child.path),
            target_path: Arc::clone(on),
            kind: EdgeKind::Dependency,
            order,
        })
}

pub(super) fn runtime(child: &ChildStatus) -> RuntimeState {
    RuntimeState {
        child_path: Arc::clone(&child.path),
        lifecycle_state: child.phase.label().to_owned(),
        health: health(child),
        readiness: readiness(child),
        generation: child.generation,
        child_start_count: child.starts,
        restart_count: child.restarts(),
        last_failure: child.last_exit.as_ref().and_then(reason),
        last_policy_decision: decision(child),
        shutdown_state: stop_state(child),
    }
}

pub(super) fn record(child: &ChildStatus, now: UnixNanos) -> ChildRuntimeRecord {
    let (operation, managed_child_state) = held(child.phase);
    ChildRuntimeRecord {
        child_id: name(child),
        child_path: Arc::clone(&child.path),
        generation: child.generation,
        attempt: child.attempt,
        status: status(child),
        operation,
        managed_child_state,
        liveness: Liveness {
            last_heartbeat_at_unix_nanos: child.last_heartbeat.map(|ago| now.before(ago)),
            heartbeat_stale: child.is_silent(),
            readiness: readiness(child),
        },
        restart_limit: child
            .restart_limit()
            .map(|limit| restart_limit(child, limit, now)),
        stop_state: stop_state(child),
        failure: child
            .last_exit
            .as_ref()
            .and_then(|exit| failure(child, exit)),
        generation_fence_phase: fence(child),
        pending_restart: pending(child),
    }
}

fn restart_limit(
    child: &ChildStatus,
    (limit, window): (u32, Duration),
    now: UnixNanos,
) -> RestartLimit {
    let used = child.restarts_in_window;
    RestartLimit {
        window_millis: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
        limit,
        used,
        remaining: limit.saturating_sub(used),
        exhausted: used >= limit,
        updated_at_unix_nanos: now,
    }
}

fn failure(child: &ChildStatus, exit: &ChildExit) -> Option<RuntimeFailure> {
    Some(RuntimeFailure {
        phase: exit.label().to_owned(),
        reason: reason(exit)?,
        recoverable: !matches!(child.phase, ChildPhase::Failed | ChildPhase::Quarantined)
            && !child.is_stuck,
    })
}

/// The start that is to come of a child that was started before.
fn pending(child: &ChildStatus) -> Option<PendingRestart> {
    let is_to_come = match child.phase {
        ChildPhase::Pending | ChildPhase::BackingOff => true,
        ChildPhase::Stopping => child.is_to_return,
        _ => false,
    };
    (is_to_come && child.starts > 0).then_some(PendingRestart {
        old_generation: child.generation,
        old_attempt: child.attempt,
        target_generation: child.next_generation,
    })
}
