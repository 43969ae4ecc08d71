//! The methods of the tier `admin`: looking into the service and steering it, over RPC.
//!
//! `#[dig_service::node(.., admin)]` adds them to the node's own.

use std::net::SocketAddr;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{Command, Reply, ServiceHandle};
use crate::event::Audit;
use crate::rpc::{ADMIN, MethodInfo, ParamInfo, RpcContext};
use crate::shutdown::ShutdownReason;
use crate::supervisor::{ChildStatus, CommandError, Outcome, SupervisorHandle};
use crate::tasks::TaskSummary;

const REASON: ParamInfo = ParamInfo::new("reason", "Why; it is written into the journal.", true);
const BY: ParamInfo = ParamInfo::new("requested_by", "Who asks; `rpc` by default.", false);
const CHILD: ParamInfo = ParamInfo::new("child", "The child's name, or its whole path.", true);

const fn of_child(name: &'static str, doc: &'static str) -> MethodInfo {
    MethodInfo::new(name, doc, &[CHILD, REASON, BY]).with_tier(ADMIN)
}

const fn of_all(name: &'static str, doc: &'static str, params: &'static [ParamInfo]) -> MethodInfo {
    MethodInfo::new(name, doc, params).with_tier(ADMIN)
}

/// What the methods are.
pub const METHODS: [MethodInfo; 9] = [
    of_all(
        "admin.state",
        "Tells how the service and its children stand.",
        &[],
    ),
    of_all("admin.tasks", "Lists the live tasks.", &[]),
    of_all("admin.stop", "Stops the service.", &[REASON, BY]),
    of_all("admin.reload", "Reloads in place.", &[REASON, BY]),
    of_child("admin.restart", "Ends a child, and starts it anew."),
    of_child("admin.pause", "Ends a child, until it is resumed."),
    of_child(
        "admin.resume",
        "Starts a child that was paused or quarantined.",
    ),
    of_child(
        "admin.quarantine",
        "Takes a child out of service, until it is resumed.",
    ),
    of_child("admin.remove", "Ends a child, and forgets it."),
];

/// The params of all methods that do something.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    child: Option<String>,
    reason: String,
    #[serde(default = "by")]
    requested_by: String,
}

fn by() -> String {
    "rpc".to_owned()
}

/// Answers a method of the tier.
///
/// # Errors
///
/// An unknown method, params that are not its own, a call outside any service, a command that the
/// service refuses.
pub(crate) async fn answer(
    cx: &RpcContext,
    method: &str,
    params: Value,
) -> Result<Value, JsonRpcError> {
    let Some(service) = cx.service() else {
        let what = "admin methods are those of a service, and this call is outside any";
        return Err(JsonRpcError::new(ErrorCode::ResourceNotFound, what));
    };
    match method {
        "admin.state" => return nothing(&params).map(|()| state(service)),
        "admin.tasks" => return nothing(&params).map(|()| tasks(service)),
        _ => {}
    }
    let info = METHODS.iter().find(|info| info.name() == method);
    let info = info.ok_or_else(|| JsonRpcError::from(ErrorCode::MethodNotFound))?;
    let given = read(info, params)?;
    let audit = audit(cx, &given)?;
    let children = service.supervisor();
    let child = || {
        let missing = || JsonRpcError::new(ErrorCode::InvalidParams, "missing param `child`");
        given.child.as_deref().ok_or_else(missing)
    };
    let outcome = match method {
        "admin.stop" => return stop(service, audit),
        "admin.reload" => return reload(service, audit),
        "admin.pause" => children.pause(child()?, audit).await,
        "admin.resume" => children.resume(child()?, audit).await,
        "admin.quarantine" => children.quarantine(child()?, audit).await,
        "admin.remove" => children.remove(child()?, audit).await,
        _ => children.restart(child()?, audit).await,
    };
    outcome
        .map(|outcome| told(&outcome))
        .map_err(|e| refused(&e))
}

fn nothing(params: &Value) -> Result<(), JsonRpcError> {
    let is_empty = match params {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    };
    let excess = || JsonRpcError::new(ErrorCode::InvalidParams, "this method takes no params");
    is_empty.then_some(()).ok_or_else(excess)
}

/// Reads params by name or by position.
fn read(info: &MethodInfo, params: Value) -> Result<Given, JsonRpcError> {
    let invalid = |what: String| JsonRpcError::new(ErrorCode::InvalidParams, what);
    let named = match params {
        Value::Array(all) if all.len() > info.params().len() => {
            let most = info.params().len();
            return Err(invalid(format!(
                "{} params given, {most} at most",
                all.len()
            )));
        }
        Value::Array(all) => {
            let names = info.params().iter().map(|param| param.name().to_owned());
            Value::Object(names.zip(all).collect())
        }
        Value::Null => json!({}),
        other => other,
    };
    if let Value::Object(given) = &named {
        let is_known = |name: &String| info.params().iter().any(|param| param.name() == name);
        if let Some(name) = given.keys().find(|name| !is_known(name)) {
            return Err(invalid(format!("unknown param `{name}`")));
        }
    }
    serde_json::from_value(named).map_err(|error| {
        // As other methods say it.
        invalid(error.to_string().replace("missing field", "missing param"))
    })
}

fn audit(cx: &RpcContext, given: &Given) -> Result<Audit, JsonRpcError> {
    let audit = Audit::new(given.requested_by.as_str(), given.reason.as_str());
    let invalid = |bad| JsonRpcError::new(ErrorCode::InvalidParams, format!("{bad}"));
    let peer = cx.peer().as_ref().map(SocketAddr::to_string);
    let origin = format!("{} {}", cx.transport(), peer.unwrap_or_default());
    Ok(audit.map_err(invalid)?.with_origin(origin.trim_end()))
}

fn stop(service: &ServiceHandle, audit: Audit) -> Result<Value, JsonRpcError> {
    let command = Command::Shutdown(ShutdownReason::RpcRequested);
    match service.send_audited(command, audit) {
        Reply::Over => Err(ErrorCode::ShutdownPending.into()),
        _ => Ok(json!({ "stopping": true })),
    }
}

fn reload(service: &ServiceHandle, audit: Audit) -> Result<Value, JsonRpcError> {
    if !service.has_reload() {
        // By a signal it would stop, to be spawned again: that is not what was asked for here.
        let what = "this service has nothing to reload in place; use `admin.stop`";
        return Err(JsonRpcError::new(ErrorCode::ResourceNotFound, what));
    }
    match service.send_audited(Command::Reload, audit) {
        Reply::Over | Reply::Stopping => Err(ErrorCode::ShutdownPending.into()),
        Reply::Accepted | Reply::Report(_) => Ok(json!({ "requested": true })),
    }
}

fn refused(refusal: &CommandError) -> JsonRpcError {
    let code = match refusal {
        CommandError::Stopping => ErrorCode::ShutdownPending,
        CommandError::UnknownChild(_) => ErrorCode::ResourceNotFound,
        _ => ErrorCode::InvalidRequest,
    };
    JsonRpcError::new(code, refusal.to_string())
}

fn told(outcome: &Outcome) -> Value {
    json!({
        "child": &*outcome.path,
        "before": outcome.before.phase.label(),
        "after": outcome.after.phase.label(),
        "generation": outcome.after.generation,
        "attempt": outcome.after.attempt,
        "decision": outcome.decision.label(),
    })
}

fn state(service: &ServiceHandle) -> Value {
    let (children, reading) = match seen(&service.supervisor(), service) {
        Some(seen) => seen,
        None => (Vec::new(), service.read_journal()),
    };
    let digest = reading.digest;
    let providers = digest.providers.iter();
    let providers = providers.map(|(name, standing)| {
        json!({ "name": name, "state": standing.state, "error": standing.error.as_deref() })
    });
    let counts = service.task_counts();
    json!({
        "service": service.name(),
        "phase": digest.phase.label(),
        "reason": digest.reason.as_ref().map(ToString::to_string),
        "awaited": service.status().awaited,
        "ready": service.is_ready(),
        "alive": service.is_alive(),
        "reloads": digest.reloads.succeeded,
        "sequence": reading.sequence,
        "children": children.iter().map(child).collect::<Vec<_>>(),
        "providers": providers.collect::<Vec<_>>(),
        "tasks": {
            "live": counts.live,
            "spawned": counts.spawned,
            "completed": counts.completed,
            "failed": counts.failed,
            "panicked": counts.panicked,
            "aborted": counts.aborted,
        },
    })
}

fn seen(
    children: &SupervisorHandle,
    service: &ServiceHandle,
) -> Option<(Vec<ChildStatus>, crate::event::Reading)> {
    let (tree, reading) = children.state_with(|| service.read_journal())?;
    Some((tree.children, reading))
}

fn child(child: &ChildStatus) -> Value {
    json!({
        "path": &*child.path,
        "phase": child.phase.label(),
        "generation": child.generation,
        "attempt": child.attempt,
        "starts": child.starts,
        "restarts": child.restarts(),
        "failures": child.failures,
        "last_exit": child.last_exit.as_ref().map(ToString::to_string),
        "stuck": child.is_stuck,
    })
}

fn tasks(service: &ServiceHandle) -> Value {
    let mut tasks = service.all_tasks();
    tasks.sort_unstable_by_key(|task| (task.spawned_at, task.id));
    tasks.iter().map(task).collect()
}

fn task(task: &TaskSummary) -> Value {
    let age = task.spawned_at.elapsed().as_millis();
    json!({
        "id": task.id.as_u64(),
        "name": task.name,
        "label": task.label.as_deref(),
        "kind": task.kind.label(),
        "scope": task.scope,
        "age_millis": u64::try_from(age).unwrap_or(u64::MAX),
    })
}
