//! The service that the tests call.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use dig_service::rpc_http::HttpOptions;
use dig_service::{
    Deadlines, ErrorCode, ExitStatus, JsonRpcError, NodeLifecycle, Phase, RpcApi, RpcContext,
    Service, ServiceHandle, ShutdownReason, StartContext, StopContext, TaskRegistry,
};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::client::{Client, Response, call};

/// A node whose hooks and methods wait for the test.
#[derive(Default)]
pub(super) struct Node {
    /// Opens one call of `gate`, or all with `notify_waiters`.
    pub(super) gate: Notify,
    /// Calls that have begun and not ended.
    pub(super) running: AtomicUsize,
    /// Calls whose future was dropped before its end.
    pub(super) dropped: AtomicUsize,
    /// Woken when a call begins or is dropped.
    pub(super) changed: Notify,
    /// Makes `on_start` wait for the gate.
    pub(super) is_slow_to_start: bool,
    pub(super) health: Health,
    pub(super) handle: OnceLock<ServiceHandle>,
    /// What the probes said inside `post_stop`: healthz, readyz, and a call.
    pub(super) last_probes: Mutex<Vec<Response>>,
}

#[derive(Default)]
pub(super) enum Health {
    #[default]
    Good,
    Bad,
    Panics,
    Hangs,
}

struct Count<'a>(&'a Node, bool);

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
        if !self.1 {
            self.0.dropped.fetch_add(1, Ordering::SeqCst);
        }
        self.0.changed.notify_one();
    }
}

impl Node {
    fn begin(&self) -> Count<'_> {
        self.running.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_one();
        Count(self, false)
    }

    async fn until(&self, is_so: impl Fn() -> bool) {
        while !is_so() {
            self.changed.notified().await;
        }
    }

    /// Waits until this many calls run.
    pub(super) async fn calls_run(&self, calls: usize) {
        self.until(|| self.running.load(Ordering::SeqCst) == calls)
            .await;
    }

    /// Waits until this many calls were dropped.
    pub(super) async fn calls_dropped(&self, calls: usize) {
        self.until(|| self.dropped.load(Ordering::SeqCst) == calls)
            .await;
    }
}

#[async_trait]
impl NodeLifecycle for Node {
    const NAME: Option<&'static str> = Some("http-test");

    async fn on_start(&self, _: &StartContext<'_>) -> anyhow::Result<()> {
        if self.is_slow_to_start {
            self.gate.notified().await;
        }
        Ok(())
    }

    async fn post_stop(&self, _: &StopContext<'_>) -> anyhow::Result<()> {
        if let Some(address) = self.handle.get().and_then(ServiceHandle::rpc_http_addr) {
            let client = || Client::connect(address);
            let probes = vec![
                client().await.get("/healthz").await,
                client().await.get("/readyz").await,
                client().await.post(call(1, "echo")).await,
            ];
            *self.last_probes.lock().expect("no panic") = probes;
        }
        Ok(())
    }
}

#[async_trait]
impl RpcApi for Node {
    async fn dispatch(&self, method: &str, params: Value) -> Result<Value, JsonRpcError> {
        match method {
            "echo" => Ok(params),
            "fail" => Err(JsonRpcError::new(ErrorCode::ResourceNotFound, "no block")),
            "panic" => panic!("the secret"),
            "large" => Ok(json!("x".repeat(32 * 1024 * 1024))),
            "gate" => {
                let mut count = self.begin();
                self.gate.notified().await;
                count.1 = true;
                Ok(params)
            }
            _ => Err(ErrorCode::MethodNotFound.into()),
        }
    }

    async fn dispatch_cx(
        &self,
        cx: &RpcContext,
        method: &str,
        params: Value,
    ) -> Result<Value, JsonRpcError> {
        if method == "whoami" {
            let service = cx.service().map(ServiceHandle::name);
            let peer = cx.peer().map(|peer| peer.ip().to_string());
            return Ok(json!([cx.transport().label(), service, peer]));
        }
        self.dispatch(method, params).await
    }

    async fn healthz(&self) -> Result<(), JsonRpcError> {
        match self.health {
            Health::Good => Ok(()),
            Health::Bad => Err(JsonRpcError::new(ErrorCode::L1Unavailable, "no L1")),
            Health::Panics => panic!("the secret"),
            Health::Hangs => std::future::pending().await,
        }
    }
}

/// A service that runs, and how to end it.
pub(super) struct Running {
    pub(super) node: Arc<Node>,
    pub(super) handle: ServiceHandle,
    pub(super) tasks: TaskRegistry,
    pub(super) address: SocketAddr,
    started: JoinHandle<dig_service::Result<ExitStatus>>,
}

impl Running {
    /// Starts a service with all defaults and waits until it runs.
    pub(super) async fn start() -> Self {
        Self::with(|options| options).await
    }

    pub(super) async fn with(set: impl FnOnce(HttpOptions) -> HttpOptions) -> Self {
        let options = set(HttpOptions::new("127.0.0.1:0"));
        let running = Self::begin(Node::default(), options, Deadlines::default()).await;
        running.reaches(Phase::Running).await;
        running
    }

    /// Starts a service and waits until it listens.
    pub(super) async fn begin(node: Node, options: HttpOptions, deadlines: Deadlines) -> Self {
        let service = Service::node_builder(node)
            .deadlines(deadlines)
            .rpc_http_with(options)
            .build();
        let (node, handle) = (Arc::clone(service.node()), service.handle());
        let tasks = service.tasks().clone();
        node.handle.set(handle.clone()).expect("set once");
        let started = spawn(service.start());
        let mut phase = handle.phase();
        let address = loop {
            if let Some(address) = handle.rpc_http_addr() {
                break address;
            }
            let _ = tokio::time::timeout(Duration::from_millis(1), phase.changed()).await;
        };
        Self {
            node,
            handle,
            tasks,
            address,
            started,
        }
    }

    pub(super) async fn reaches(&self, phase: Phase) {
        let mut phases = self.handle.phase();
        let reached = phases.wait_for(|now| *now >= phase).await;
        reached.expect("the service lives");
    }

    pub(super) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Calls once, on a connection of its own.
    pub(super) async fn call(&self, body: impl AsRef<[u8]>) -> Response {
        self.client().await.post(body).await
    }

    /// Calls on a connection of its own, in a task of its own.
    pub(super) fn start_call(&self, body: impl Into<String>) -> JoinHandle<Response> {
        let (address, body) = (self.address, body.into());
        spawn(async move { Client::connect(address).await.post(body).await })
    }

    pub(super) fn request_shutdown(&self) {
        self.handle.request_shutdown(ShutdownReason::UserRequested);
    }

    /// Waits for the end, and checks that no task was left behind or ended badly.
    pub(super) async fn end(self) -> dig_service::Result<ExitStatus> {
        let result = self.started.await.expect("start does not panic");
        let counts = self.handle.task_counts();
        let ended = counts.completed + counts.failed + counts.panicked + counts.aborted;
        assert_eq!((counts.live, counts.spawned), (0, ended), "{counts:?}");
        assert_eq!((counts.aborted, counts.panicked, counts.failed), (0, 0, 0));
        assert!(self.handle.all_tasks().is_empty());
        result
    }

    /// Stops the service and waits for its clean end.
    pub(super) async fn stop(self) {
        self.request_shutdown();
        let status = self.end().await.expect("a clean stop");
        assert!(status.is_graceful());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own task, joined by the test"
)]
fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(future)
}
