//! Pages beside JSON-RPC: `GET /metrics`, read by a parser that is not ours, and `GET /openrpc.json`.

use std::collections::HashMap;

use dig_service::rpc_http::HttpOptions;
use dig_service::supervisor::{Backoff, ChildPhase, ChildSpec, Intensity, OnGiveUp};
use dig_service::{
    ErrorCode, NodeLifecycle, Phase, RpcApi, Service, ServiceHandle, ShutdownReason, TaskKind,
};
use prometheus_parse::{Scrape, Value};
use serde_json::json;

use super::client::{Client, Response};
use crate::openrpc::node::Chain;
use crate::running::Running;

struct Node;

impl NodeLifecycle for Node {
    const NAME: Option<&'static str> = Some("node");
}

async fn scrape(handle: &ServiceHandle) -> (Response, Scrape) {
    let Some(address) = handle.rpc_http_addr() else {
        panic!("it does not listen");
    };
    let response = Client::connect(address).await.get("/metrics").await;
    let lines = response.text().lines().map(|line| Ok(line.to_owned()));
    match Scrape::parse(lines) {
        Ok(scrape) => (response, scrape),
        Err(error) => panic!("{error}"),
    }
}

/// The value of a sample with these labels.
fn value(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let labels: HashMap<_, _> = labels.iter().copied().collect();
    let found = scrape.samples.iter().find(|sample| {
        let own = sample.labels.iter();
        let own: HashMap<_, _> = own.map(|(k, v)| (k.as_str(), v.as_str())).collect();
        sample.metric == format!("dig_service_{name}") && own == labels
    });
    match found.map(|sample| &sample.value) {
        Some(Value::Counter(value) | Value::Gauge(value)) => *value,
        other => panic!("{name} {labels:?}: {other:?}"),
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "there are many metrics")]
async fn metrics_are_those_of_the_journal_and_the_listings() {
    let flap = ChildSpec::factory("flap", |_| async { anyhow::bail!("no luck") })
        .backoff(Backoff::none())
        .intensity(Intensity::new(3, std::time::Duration::from_secs(60)).unwrap())
        .on_give_up(OnGiveUp::Quarantine);
    let service = Service::builder(Node)
        .supervise(flap)
        .metrics()
        .rpc_http("127.0.0.1:0")
        .build();
    let handle = service.handle();
    service
        .tasks()
        .spawn("broken", TaskKind::Maintenance, async {
            anyhow::bail!("broken")
        });
    #[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
    let ended = tokio::spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;
    let tree = handle.supervisor();
    tree.wait_for("/flap", ChildPhase::Quarantined)
        .await
        .unwrap();

    let (response, scrape) = scrape(&handle).await;

    assert_eq!(response.status, 200);
    let kind = response.header("content-type").unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let version = env!("CARGO_PKG_VERSION");
    let info = [("service", "node"), ("version", version)];
    assert_eq!(value(&scrape, "info", &info), 1.0);
    assert_eq!(value(&scrape, "phase", &[("phase", "running")]), 1.0);
    assert_eq!(value(&scrape, "phase", &[("phase", "stopped")]), 0.0);
    assert_eq!(
        (value(&scrape, "ready", &[]), value(&scrape, "alive", &[])),
        (1.0, 1.0)
    );
    assert_eq!(
        value(&scrape, "child_starts_total", &[("child", "/flap")]),
        4.0
    );
    assert_eq!(
        value(&scrape, "child_failures_total", &[("child", "/flap")]),
        4.0
    );
    assert_eq!(value(&scrape, "children", &[("phase", "quarantined")]), 1.0);
    assert_eq!(
        value(&scrape, "child_events_total", &[("change", "restarted")]),
        3.0
    );
    assert_eq!(
        value(&scrape, "tasks_ended_total", &[("end", "failed")]),
        1.0
    );
    assert_eq!(
        value(
            &scrape,
            "hooks_total",
            &[("hook", "pre_start"), ("end", "ok")]
        ),
        1.0
    );
    assert!(value(&scrape, "tasks", &[]) >= 3.0);
    // Every metric says what it is.
    for name in scrape.samples.iter().map(|sample| &sample.metric) {
        assert!(scrape.docs.contains_key(name), "{name} has no help");
        let total = name.ends_with("_total");
        let is_counter = response.text().contains(&format!("# TYPE {name} counter"));
        assert_eq!(total, is_counter, "{name}");
    }
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn page_is_not_there_unless_it_was_asked_for() {
    let service = Service::builder(Node).rpc_http("127.0.0.1:0").build();
    let handle = service.handle();
    #[expect(clippy::disallowed_methods, reason = "a service runs beside its test")]
    let ended = tokio::spawn(service.start());
    let _ = handle
        .phase()
        .wait_for(|phase| *phase == Phase::Running)
        .await;

    let address = handle.rpc_http_addr().unwrap();
    assert_eq!(
        Client::connect(address).await.get("/metrics").await.status,
        404
    );
    handle.request_shutdown(ShutdownReason::UserRequested);
    assert!(ended.await.unwrap().is_ok());
}

#[tokio::test]
async fn metrics_without_a_server_fail_the_start() {
    let error = Service::builder(Node)
        .metrics()
        .build()
        .start()
        .await
        .unwrap_err();
    let error = format!("{:#}", anyhow::Error::new(error));
    assert!(
        error
            .contains("`/metrics` is served by the HTTP server, and there is none; add `rpc_http`"),
        "{error}"
    );
}

#[tokio::test]
async fn document_of_the_api_is_a_page_for_those_who_may_call() {
    let service = Service::node_builder(Chain(()))
        .rpc_http("127.0.0.1:0")
        .build();
    let document = service
        .rpc_api()
        .dispatch("rpc.discover", json!(null))
        .await;
    let running = Running::start(service).await;
    let address = running.handle.rpc_http_addr().unwrap();

    let page = Client::connect(address).await.get("/openrpc.json").await;
    assert_eq!((page.status, page.json()), (200, document.unwrap()));
    let mut foreign = Client::connect(address).await;
    let request = "GET /openrpc.json HTTP/1.1\r\nHost: evil.example\r\n\r\n";
    foreign.send(request).await;
    assert_eq!(foreign.response().await.status, 403);
    running.stop().await;
}

#[tokio::test]
async fn api_without_a_document_has_no_such_page() {
    let service = Service::builder(Node).rpc_http("127.0.0.1:0").build();
    let running = Running::start(service).await;
    let address = running.handle.rpc_http_addr().unwrap();

    let page = Client::connect(address).await.get("/openrpc.json").await;
    assert_eq!(page.status, 404, "{}", page.text());
    running.stop().await;
}

#[tokio::test]
async fn document_of_the_api_is_not_for_those_who_are_refused() {
    let options = HttpOptions::new("127.0.0.1:0").on_request(|head, cx| {
        match head.headers.contains_key("x-user") && cx.peer().is_some() {
            true => Ok(cx),
            false => Err(ErrorCode::PermissionDenied.into()),
        }
    });
    let service = Service::node_builder(Chain(())).rpc_http_with(options);
    let running = Running::start(service.build()).await;
    let address = running.handle.rpc_http_addr().unwrap();

    let mut client = Client::connect(address).await;
    let refused = client.request("GET", "/openrpc.json", "").await;
    assert_eq!((refused.status, refused.code()), (403, 10003));
    let mut client = Client::connect(address).await;
    let shown = client
        .request("GET", "/openrpc.json", "x-user: ada\r\n")
        .await;
    assert_eq!(shown.status, 200);
    running.stop().await;
}
