//! One connection: requests in, responses out, one after the other.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::rpc::http::body;
use crate::rpc::http::guard::{Caller, judge_body};
use crate::rpc::http::refusal::{Refused, denied, empty, respond};
use crate::rpc::http::server::Shared;
use crate::rpc::http::socket::{Socket, Unsent};
#[cfg(feature = "ws")]
use crate::rpc::http::websocket::{self, Upgrade, is_upgrade, switch};
use crate::rpc::{RpcApi, RpcContext};
use crate::shutdown::ShutdownToken;
#[cfg(feature = "ws")]
use crate::sync::Lock;

/// How long a response may take that is being made when the server closes; less than the driver
/// waits before it aborts.
const CLOSING: Duration = Duration::from_millis(100);
/// How long a connection beyond the limit may take to send its one request.
const PROBE_PATIENCE: Duration = Duration::from_secs(5);
/// Longer than any wait, and short enough to be added to any moment.
pub(super) const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What a connection may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Everything, any number of times.
    Full,
    /// One request: a probe. Calls are told that there are too many connections.
    ProbesOnly,
}

pub(super) struct Connection<R> {
    shared: Arc<Shared<R>>,
    router: Router,
    cx: RpcContext,
    room: Room,
    /// Set when a request is answered before all of it was read.
    is_cut_short: Arc<AtomicBool>,
    unsent: Unsent,
    /// Set when a request has made a WebSocket of the connection.
    #[cfg(feature = "ws")]
    upgrade: Lock<Option<Upgrade>>,
}

impl<R: RpcApi> Connection<R> {
    pub(super) fn new(shared: Arc<Shared<R>>, router: Router, cx: RpcContext, room: Room) -> Self {
        Self {
            shared,
            router,
            cx,
            room,
            is_cut_short: Arc::default(),
            unsent: Arc::default(),
            #[cfg(feature = "ws")]
            upgrade: Lock::default(),
        }
    }

    /// Serves until the client leaves, stalls, or the token fires.
    pub(super) async fn serve(self, stream: TcpStream, shutdown: &ShutdownToken) {
        let (is_cut_short, room) = (Arc::clone(&self.is_cut_short), self.room);
        let socket = Socket::new(
            stream,
            self.shared.write_timeout,
            is_cut_short,
            Arc::clone(&self.unsent),
        );
        let patience = match room {
            Room::Full => self.shared.header_timeout.min(FOR_EVER),
            Room::ProbesOnly => self.shared.header_timeout.min(PROBE_PATIENCE),
        };
        let peer = self.cx.peer();
        let this = Arc::new(self);
        #[cfg(feature = "ws")]
        let own = Arc::clone(&this);
        let service = service_fn(move |request| {
            let this = Arc::clone(&this);
            async move { Ok::<_, Infallible>(this.respond(request).await) }
        });
        let ended = {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(patience)
                .keep_alive(room == Room::Full)
                // A client may close its side behind its last request and read on, as `nc -N` does.
                .half_close(true)
                .serve_connection(TokioIo::new(socket), service)
                .with_upgrades();
            let mut connection = pin!(connection);
            tokio::select! {
                biased;
                ended = connection.as_mut() => ended,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    timeout(CLOSING, connection).await.unwrap_or(Ok(()))
                }
            }
        };
        match ended {
            Err(error) => tracing::debug!(?peer, %error, "connection ended early"),
            #[cfg(feature = "ws")]
            Ok(()) => own.serve_websocket(shutdown).await,
            #[cfg(not(feature = "ws"))]
            Ok(()) => {}
        }
    }

    /// Goes on as a WebSocket, if a request asked for one.
    #[cfg(feature = "ws")]
    async fn serve_websocket(&self, shutdown: &ShutdownToken) {
        let upgrade = self.upgrade.lock().take();
        if let (Some(upgrade), Some(options)) = (upgrade, self.shared.websocket)
            && !shutdown.is_cancelled()
        {
            websocket::serve(Arc::clone(&self.shared), options, upgrade, shutdown).await;
        }
    }

    async fn respond(&self, request: Request<Incoming>) -> Response {
        let has_body = !request.body().is_end_stream();
        if request.uri().path() != "/" {
            self.leave(has_body);
            let mut request = request;
            if self.room == Room::Full {
                request.extensions_mut().insert(self.cx.clone());
            }
            let router = TowerToHyperService::new(self.router.clone());
            return match router.call(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
        }
        // Calls take the short way: no routing, no boxed handler.
        #[cfg_attr(
            not(feature = "ws"),
            expect(unused_mut, reason = "an upgrade takes a part")
        )]
        let (mut parts, body) = request.into_parts();
        let guard = &self.shared.guard;
        let caller = guard.judge(parts.version, &parts.uri, &parts.headers);
        let result = match caller {
            Err(refused) => Err(refused),
            Ok(_) if parts.method == Method::POST => self.call(&parts, body).await,
            #[cfg(feature = "ws")]
            Ok(_) if self.shared.websocket.is_some() && is_upgrade(&parts) => {
                self.leave(has_body);
                self.upgrade(&mut parts)
            }
            Ok(caller) => {
                self.leave(has_body);
                Ok(match (caller, &parts.method) {
                    (Caller::AllowedPage, &Method::OPTIONS) => preflight(),
                    _ => not_allowed(),
                })
            }
        };
        let mut response = result.unwrap_or_else(|refused| {
            self.leave(has_body);
            refused.into()
        });
        if caller == Ok(Caller::AllowedPage)
            && let Some(origin) = parts.headers.get(header::ORIGIN)
        {
            let headers = response.headers_mut();
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::VARY, HeaderValue::from_static("origin"));
        }
        response
    }

    /// Notes that a body, if there is one, will not be read to its end.
    fn leave(&self, has_body: bool) {
        if has_body {
            // Release pairs with the Acquire in `Socket::poll_shutdown`.
            self.is_cut_short.store(true, Ordering::Release);
        }
    }

    async fn call(&self, parts: &Parts, body: Incoming) -> Result<Response, Refused> {
        if self.room == Room::ProbesOnly {
            return Err(Refused::TooManyConnections);
        }
        judge_body(&parts.headers)?;
        let shared = &self.shared;
        let admitted = match shared.hooks.admit(parts, &self.cx) {
            None => None,
            Some(Ok(cx)) => Some(cx),
            Some(Err(error)) => {
                self.leave(!body.is_end_stream());
                return Ok(denied(&error));
            }
        };
        let cx = admitted.as_ref().unwrap_or(&self.cx);
        let message = body::read(body, shared.body_limit, shared.body_timeout).await?;
        let unsent = shared.calls.door.expect_answer();
        let reply = shared.calls.answer(cx, &message).await;
        *self.unsent.lock() = unsent;
        Ok(respond(reply))
    }

    #[cfg(feature = "ws")]
    fn upgrade(&self, parts: &mut Parts) -> Result<Response, Refused> {
        if self.room == Room::ProbesOnly {
            return Err(Refused::TooManyConnections);
        }
        let cx = match self.shared.hooks.admit(parts, &self.cx) {
            None => self.cx.clone(),
            Some(Ok(cx)) => cx,
            Some(Err(error)) => return Ok(denied(&error)),
        };
        let (response, upgrade) = switch(parts, cx)?;
        *self.upgrade.lock() = Some(upgrade);
        Ok(response)
    }
}

fn preflight() -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
    response
}

fn not_allowed() -> Response {
    let mut response = Response::new(Body::from("JSON-RPC is called by `POST /`"));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}
