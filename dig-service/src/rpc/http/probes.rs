//! What is at other paths than calls: is it alive, is it ready, what can be called.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use tokio::time::timeout;

use crate::error::Guarded;
use crate::phase::Phase;
use crate::rpc::http::refusal::{Refused, denied, json, refused};
use crate::rpc::http::server::Shared;
use crate::rpc::{RpcApi, RpcContext};

/// How long `RpcApi::healthz` may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything but JSON-RPC itself.
pub(super) fn router<R: RpcApi>(shared: Arc<Shared<R>>) -> Router {
    let mut router = Router::new()
        .route("/healthz", get(healthz::<R>))
        .route("/readyz", get(readyz::<R>))
        .route("/openrpc.json", get(openrpc::<R>));
    for page in shared.pages.clone() {
        let show = async move |State(shared): State<Arc<Shared<R>>>| {
            let head = [(header::CONTENT_TYPE, page.content_type)];
            (head, (page.render)(&shared.handle)).into_response()
        };
        router = router.route(page.path, get(show));
    }
    router.fallback(nowhere).with_state(shared)
}

async fn healthz<R: RpcApi>(State(shared): State<Arc<Shared<R>>>) -> Response {
    let stale = shared.handle.stale_heartbeats();
    if !stale.is_empty() {
        return not_alive(&format!("stale heartbeats: {}", stale.join(", ")));
    }
    let stuck = shared.handle.stuck_children();
    if !stuck.is_empty() {
        return not_alive(&format!("stuck children: {}", stuck.join(", ")));
    }
    let asked = Guarded::new(|| shared.calls.api.healthz());
    let error = match timeout(PATIENCE, asked).await {
        Ok(Ok(Ok(()))) => return "ok".into_response(),
        Ok(Ok(Err(error))) => error,
        Ok(Err(panic)) => {
            tracing::error!(panic = panic.message(), "health probe panicked");
            JsonRpcError::new(ErrorCode::InternalError, "internal error")
        }
        Err(_) => JsonRpcError::new(ErrorCode::InternalError, "the probe took too long")
            .with_data("timeout"),
    };
    sick(&error)
}

fn not_alive(why: &str) -> Response {
    let what = format!("not alive: {why}");
    sick(&JsonRpcError::new(ErrorCode::InternalError, what))
}

fn sick(error: &JsonRpcError) -> Response {
    let body = serde_json::to_vec(error).unwrap_or_default();
    json(StatusCode::SERVICE_UNAVAILABLE, body)
}

async fn readyz<R: RpcApi>(State(shared): State<Arc<Shared<R>>>) -> Response {
    let handle = &shared.handle;
    if handle.is_ready() {
        return "ready".into_response();
    }
    let phase = *handle.phase().borrow();
    let text = match phase {
        Phase::Running if handle.is_running() => "not ready: running, but degraded".to_owned(),
        Phase::Running => "not ready: stopping".to_owned(),
        phase => format!("not ready: {phase}"),
    };
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// The document of the API, for those who may call it.
async fn openrpc<R: RpcApi>(State(shared): State<Arc<Shared<R>>>, request: Request) -> Response {
    let (mut head, _) = request.into_parts();
    if let Err(refused) = shared.guard.judge(head.version, &head.uri, &head.headers) {
        return refused.into();
    }
    // Only connections within the limit have one.
    let Some(cx) = head.extensions.remove::<RpcContext>() else {
        return Refused::TooManyConnections.into();
    };
    let cx = match shared.hooks.admit(&head, &cx) {
        None => cx,
        Some(Ok(cx)) => cx,
        Some(Err(error)) => return denied(&error),
    };
    let (refusal, described) = shared.calls.describe(&cx).await;
    let status = match (refusal, &described) {
        (Some(refusal), _) => refused(refusal),
        (None, Ok(_)) => StatusCode::OK,
        (None, Err(error)) if error.code == ErrorCode::MethodNotFound => {
            return nowhere().await.into_response();
        }
        (None, Err(_)) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let body = match described {
        Ok(document) => document.to_string(),
        Err(error) => serde_json::to_string(&error).unwrap_or_default(),
    };
    json(status, body.into_bytes())
}

async fn nowhere() -> (StatusCode, &'static str) {
    (
        StatusCode::NOT_FOUND,
        "not found: JSON-RPC is at `POST /`, probes are at `/healthz` and `/readyz`",
    )
}
