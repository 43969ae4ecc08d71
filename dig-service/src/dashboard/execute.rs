//! Carrying out commands: the same doors as everybody's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::control::{Command, Reply, ServiceHandle};
use crate::dashboard::peer::Peer;
use crate::dashboard::view::side;
use crate::dashboard::{
    ChildOutcome, CommandStatus, ControlCommandKind, ControlCommandRequest, ControlCommandResult,
    DashboardError, DashboardErrorCode, DashboardStage, FenceDecision, StateDelta, UnixNanos,
};
use crate::event::Audit;
use crate::phase::{ChildPhase, Phase};
use crate::shutdown::ShutdownReason;
use crate::supervisor::{
    ChildManifest, ChildStatus, CommandError, Decision, Outcome, SupervisorHandle, TreeReport,
};

/// How long the children have for a shutdown of the tree; a little less than a command has.
const TREE_BUDGET: Duration = Duration::from_secs(25);

/// How deep a manifest may be nested.
const MAX_DEPTH: usize = 64;

/// How a command fails, and what there is to say about its child all the same.
type Failure = Box<(DashboardError, Option<StateDelta>)>;

/// A failure with nothing to say about a child.
fn bare(error: DashboardError) -> Failure {
    Box::new((error, None))
}

/// Carries out a command that is in order, and tells what came of it.
pub(crate) async fn carry_out(
    handle: &ServiceHandle,
    command: &ControlCommandRequest,
    peer: Peer,
) -> ControlCommandResult {
    let result = match audit(command, peer) {
        Ok(audit) => dispatch(handle, command, audit).await,
        Err(error) => Err(bare(error)),
    };
    match result {
        Ok(delta) => ControlCommandResult {
            accepted: true,
            status: CommandStatus::Completed,
            error: None,
            state_delta: Some(delta),
            ..failed(command, error(DashboardErrorCode::CommandFailed, ""))
        },
        Err(failure) => {
            let (error, state_delta) = *failure;
            ControlCommandResult {
                state_delta,
                ..failed(command, error.of_target(&command.target_id))
            }
        }
    }
}

/// The answer to a command that was not carried out.
pub(crate) fn failed(
    command: &ControlCommandRequest,
    error: DashboardError,
) -> ControlCommandResult {
    ControlCommandResult {
        command_id: command.command_id.clone(),
        target_id: command.target_id.clone(),
        accepted: false,
        status: CommandStatus::Failed,
        error: Some(error),
        state_delta: None,
        completed_at_unix_nanos: UnixNanos::now(),
    }
}

/// The answer to a command that may be given again.
pub(crate) fn refused(
    command: &ControlCommandRequest,
    code: DashboardErrorCode,
    message: String,
) -> ControlCommandResult {
    let error = error(code, message).retryable();
    failed(command, error.of_target(&command.target_id))
}

fn error(code: DashboardErrorCode, message: impl Into<String>) -> DashboardError {
    DashboardError::new(code, DashboardStage::CommandDispatch, message)
}

fn audit(command: &ControlCommandRequest, peer: Peer) -> Result<Audit, DashboardError> {
    let audit = Audit::new(command.requested_by.as_str(), command.reason.as_str());
    let audit = audit.map_err(|bad| DashboardError::invalid(bad.to_string()))?;
    Ok(audit
        .with_correlation(command.command_id.as_str())
        .with_origin(peer.to_string()))
}

async fn dispatch(
    handle: &ServiceHandle,
    command: &ControlCommandRequest,
    audit: Audit,
) -> Result<StateDelta, Failure> {
    match command.command {
        ControlCommandKind::RequestShutdown => request_shutdown(handle, audit),
        // The control plane can only be read until the service runs, but for a stop.
        _ if !is_up(handle) => Err(bare(starting())),
        ControlCommandKind::Reload => reload(handle, audit),
        ControlCommandKind::ShutdownTree => shutdown_tree(&handle.supervisor(), audit).await,
        ControlCommandKind::AddChild => add(&handle.supervisor(), command, audit).await,
        kind => steer(&handle.supervisor(), (kind, command), audit).await,
    }
}

fn is_up(handle: &ServiceHandle) -> bool {
    *handle.phase().borrow() >= Phase::Running
}

fn starting() -> DashboardError {
    let what = "the service is starting; commands are taken once it runs";
    error(DashboardErrorCode::TargetUnavailable, what).retryable()
}

fn request_shutdown(handle: &ServiceHandle, audit: Audit) -> Result<StateDelta, Failure> {
    let was_running = handle.is_running();
    let command = Command::Shutdown(ShutdownReason::RpcRequested);
    match handle.send_audited(command, audit) {
        Reply::Over => {
            let what = "the service is over";
            Err(bare(error(DashboardErrorCode::TargetUnavailable, what)))
        }
        _ => Ok(StateDelta::Shutdown {
            result: json!({ "stopping": true, "already_stopping": !was_running }),
        }),
    }
}

fn reload(handle: &ServiceHandle, audit: Audit) -> Result<StateDelta, Failure> {
    let fail = |what: &str| Err(bare(error(DashboardErrorCode::CommandFailed, what)));
    if !handle.has_reload() {
        // By a signal it would stop, to be spawned again: that is not what was asked for here.
        return fail("this service has nothing to reload in place; use request_shutdown");
    }
    match handle.send_audited(Command::Reload, audit) {
        Reply::Accepted | Reply::Report(_) => {}
        Reply::Over | Reply::Stopping => {
            return fail("the service is stopping: nothing is reloaded any more");
        }
    }
    let generation = handle.read_journal().digest.reloads.succeeded;
    Ok(StateDelta::Reload {
        result: json!({ "requested": true, "generation_before": generation }),
    })
}

async fn shutdown_tree(tree: &SupervisorHandle, audit: Audit) -> Result<StateDelta, Failure> {
    let report = tree.shutdown_tree(TREE_BUDGET, audit).await;
    let report = report.map_err(|refusal| bare(command_failed(&refusal)))?;
    Ok(StateDelta::Shutdown {
        result: tree_report(&report),
    })
}

fn tree_report(report: &TreeReport) -> Value {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let children = report.children.iter().map(|child| {
        json!({
            "child_path": &*child.path,
            "generation": child.generation,
            "how": child.how.label(),
            "took_millis": millis(child.took),
        })
    });
    json!({
        "graceful": report.is_graceful(),
        "took_millis": millis(report.took),
        "children": children.collect::<Vec<_>>(),
    })
}

async fn add(
    tree: &SupervisorHandle,
    command: &ControlCommandRequest,
    audit: Audit,
) -> Result<StateDelta, Failure> {
    let text = command.target.child_manifest.as_deref().unwrap_or_default();
    let manifest = read_manifest(text).map_err(bare)?;
    let added = tree.add_manifest(manifest, audit).await;
    let outcome = added.map_err(|refusal| bare(command_failed(&refusal)))?;
    Ok(StateDelta::ChildAdded {
        child_manifest: text.to_owned(),
        outcome: told(&outcome, false),
    })
}

/// Reads a manifest: JSON, or else YAML.
pub(crate) fn read_manifest(text: &str) -> Result<ChildManifest, DashboardError> {
    let invalid = |what: String| {
        let message = format!("child_manifest: {what}");
        Err(error(DashboardErrorCode::CommandFailed, message))
    };
    if depth(text) > MAX_DEPTH {
        // What is nested deeper is read in a time that grows with the square of its depth.
        return invalid(format!("it is nested more than {MAX_DEPTH} levels deep"));
    }
    if text.trim_start().starts_with('{') {
        // Of JSON, the error is told as one of JSON; what is no JSON may be a map of YAML yet.
        match serde_json::from_str(text) {
            Ok(manifest) => return Ok(manifest),
            Err(error) if !error.is_syntax() => return invalid(error.to_string()),
            Err(_) => {}
        }
    }
    match serde_yaml_ng::from_str(text) {
        Ok(manifest) => Ok(manifest),
        Err(error) => invalid(error.to_string()),
    }
}

/// How deep brackets are nested, those in strings included.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Finds a child by the last segment of its path, or by the whole path if several are called so.
fn find(tree: &SupervisorHandle, path: &str) -> Result<ChildStatus, CommandError> {
    let whole = format!("/{}", path.trim().trim_matches('/'));
    let name = whole.rsplit('/').next().unwrap_or_default();
    tree.child(&whole).or_else(|_| tree.child(name))
}

async fn steer(
    tree: &SupervisorHandle,
    (kind, command): (ControlCommandKind, &ControlCommandRequest),
    audit: Audit,
) -> Result<StateDelta, Failure> {
    let path = command.target.child_path.as_deref().unwrap_or_default();
    if path.split('/').all(|segment| segment.trim().is_empty()) {
        let what = "child_path is required for child command";
        return Err(bare(error(DashboardErrorCode::CommandFailed, what)));
    }
    let child = find(tree, path).map_err(|refusal| bare(command_failed(&refusal)))?;
    let done = match kind {
        ControlCommandKind::PauseChild => tree.pause(&child.path, audit).await,
        ControlCommandKind::ResumeChild => tree.resume(&child.path, audit).await,
        ControlCommandKind::QuarantineChild => tree.quarantine(&child.path, audit).await,
        ControlCommandKind::RemoveChild => tree.remove(&child.path, audit).await,
        _ => tree.restart(&child.path, audit).await,
    };
    match done {
        Ok(outcome) => {
            let is_removed = kind == ControlCommandKind::RemoveChild;
            let outcome = told(&outcome, is_removed);
            Ok(StateDelta::ChildControl { outcome })
        }
        Err(refusal) => {
            let delta = StateDelta::ChildControl {
                outcome: untouched(&child, &refusal),
            };
            Err(Box::new((command_failed(&refusal), Some(delta))))
        }
    }
}

fn command_failed(refusal: &CommandError) -> DashboardError {
    error(DashboardErrorCode::CommandFailed, refusal.to_string())
}

fn told(outcome: &Outcome, is_removed: bool) -> ChildOutcome {
    let (before, after) = (outcome.before, outcome.after);
    ChildOutcome {
        child_path: outcome.path.to_string(),
        before: side(before.phase, false),
        after: side(after.phase, is_removed),
        generation: after.generation,
        attempt: after.attempt,
        idempotent: outcome.decision.is_idempotent(),
        decision: match outcome.decision {
            Decision::Queued | Decision::Stopping => FenceDecision::QueuedAfterStop,
            Decision::AlreadyPending | Decision::Unchanged => FenceDecision::AlreadyPending,
            Decision::Started | Decision::Done => FenceDecision::StartedImmediately,
        },
    }
}

/// What is told of a child that a command was refused for.
fn untouched(child: &ChildStatus, refusal: &CommandError) -> ChildOutcome {
    let stands = |phase: ChildPhase| side(phase, false);
    ChildOutcome {
        child_path: child.path.to_string(),
        before: stands(child.phase),
        after: stands(child.phase),
        generation: child.generation,
        attempt: child.attempt,
        idempotent: true,
        decision: match refusal {
            CommandError::Stopping => FenceDecision::BlockedByShutdown,
            _ => FenceDecision::Rejected,
        },
    }
}
