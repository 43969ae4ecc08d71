//! The server through the phases of its service.

use std::sync::Arc;
use std::time::Duration;

use dig_service::rpc_http::HttpOptions;
use dig_service::{
    Deadlines, EventKind, Phase, Service, ServiceError, ShutdownReason, TaskKind, TaskOptions,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::assert_refused;
use super::client::{batch, call, post};
use super::node::{Health, Node, Running};

fn anywhere() -> HttpOptions {
    HttpOptions::new("127.0.0.1:0")
}

#[tokio::test]
async fn while_starting_probes_answer_and_calls_are_told_so() {
    let node = Node {
        is_slow_to_start: true,
        ..Node::default()
    };
    let service = Running::begin(node, anywhere(), Deadlines::default()).await;
    service.reaches(Phase::Start).await;
    let mut client = service.client().await;

    assert_refused(&client.post(call(1, "echo")).await, 503, 10001);
    assert_eq!(client.post(batch(2, "echo")).await.status, 503);
    assert_eq!(client.get("/healthz").await.status, 200);
    let ready = client.get("/readyz").await;
    assert_eq!((ready.status, ready.text()), (503, "not ready: start"));

    service.node.gate.notify_one();
    service.reaches(Phase::Running).await;
    let ready = client.get("/readyz").await;
    assert_eq!((ready.status, ready.text()), (200, "ready"));
    assert_eq!(client.post(call(1, "echo")).await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn from_the_stop_on_new_calls_are_refused_while_running_ones_end() {
    let service = Running::start().await;
    let mut client = service.client().await;
    let running = service.start_call(call(1, "gate"));
    service.node.calls_run(1).await;

    service.request_shutdown();
    service.reaches(Phase::Joining).await;

    assert_refused(&client.post(call(2, "echo")).await, 503, 10040);
    assert_refused(&service.call(call(2, "echo")).await, 503, 10040);
    let notification = r#"{"jsonrpc":"2.0","method":"echo"}"#;
    let silent = client.post(notification).await;
    assert_eq!((silent.status, silent.body.len()), (503, 0));
    assert_eq!(client.get("/healthz").await.status, 200);
    let ready = client.get("/readyz").await;
    assert_eq!((ready.status, ready.text()), (503, "not ready: joining"));

    service.node.gate.notify_one();
    let response = running.await.expect("no panic");
    assert_eq!((response.status, response.code()), (200, 0));
    service.end().await.expect("a clean stop");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_outlasts_the_tasks_share_is_cut_and_counted() {
    let service = Running::start().await;
    let one = service.start_call(call(1, "gate"));
    let two = service.start_call(batch(2, "gate"));
    service.node.calls_run(3).await;
    let (node, began) = (Arc::clone(&service.node), Instant::now());

    service.request_shutdown();
    let error = service.end().await.expect_err("calls were late");

    let ServiceError::ShutdownDeadlineExceeded { deadline, pending } = error else {
        panic!("{error}");
    };
    assert_eq!((deadline, pending), (Duration::from_secs(13), 3));
    assert!(began.elapsed() <= deadline);
    node.calls_dropped(3).await;
    assert_refused(&one.await.expect("no panic"), 503, 10040);
    let answers = two.await.expect("no panic").json();
    assert_eq!(answers[0]["error"]["code"], 10040);
    assert_eq!(answers[1]["error"]["code"], 10040);
}

#[tokio::test(start_paused = true)]
async fn an_answer_under_way_is_sent_whole_before_the_stop_goes_on() {
    let service = Running::start().await;
    let mut client = service.client().await;
    client.send(post(call(1, "large"))).await;
    client.hears().await;

    service.request_shutdown();
    tokio::time::sleep(Duration::from_secs(1)).await;

    let response = client.response().await;
    assert!(response.body.len() > 32 * 1024 * 1024);
    service.end().await.expect("a clean stop");
}

#[tokio::test(start_paused = true)]
async fn a_second_request_to_stop_cuts_calls_at_once() {
    let service = Running::start().await;
    let call = service.start_call(call(1, "gate"));
    service.node.calls_run(1).await;
    service.request_shutdown();
    service.reaches(Phase::Joining).await;
    let began = Instant::now();

    service.handle.hurry_shutdown(ShutdownReason::UserRequested);

    assert_refused(&call.await.expect("no panic"), 503, 10040);
    assert!(began.elapsed() < Duration::from_secs(1));
    service.end().await.expect_err("a call was cut");
}

#[tokio::test(start_paused = true)]
async fn during_the_drain_delay_calls_are_served_and_readiness_is_gone() {
    let deadlines = Deadlines::default().drain(Duration::from_secs(5));
    let service = Running::begin(Node::default(), anywhere(), deadlines).await;
    service.reaches(Phase::Running).await;

    service.request_shutdown();
    service.reaches(Phase::Draining).await;

    let mut client = service.client().await;
    assert_eq!(client.get("/readyz").await.status, 503);
    assert_eq!(client.post(call(1, "echo")).await.status, 200);
    service.end().await.expect("a clean stop");
}

#[tokio::test]
async fn probes_answer_inside_post_stop_and_nobody_after_it() {
    let service = Running::start().await;
    let (node, address) = (Arc::clone(&service.node), service.address);
    let mut idle = service.client().await;
    idle.post(call(1, "echo")).await;

    service.stop().await;

    let probes = std::mem::take(&mut *node.last_probes.lock().expect("no panic"));
    assert_eq!((probes[0].status, probes[0].text()), (200, "ok"));
    assert_eq!(
        (probes[1].status, probes[1].text()),
        (503, "not ready: post_stop")
    );
    assert_refused(&probes[2], 503, 10040);
    idle.closed().await;
    assert!(TcpStream::connect(address).await.is_err());
    // The port is free again.
    TcpListener::bind(address).await.expect("a free port");
}

#[tokio::test]
async fn clients_in_the_middle_of_a_request_do_not_delay_the_stop() {
    let service = Running::start().await;
    let mut half_head = service.client().await;
    half_head.send("POST / HTTP/1.1\r\n").await;
    let mut half_body = service.client().await;
    half_body.send(super::client::head("", 100)).await;
    let mut idle = service.client().await;
    idle.get("/healthz").await;
    let began = Instant::now();

    service.stop().await;

    assert!(began.elapsed() < Duration::from_secs(5));
    half_head.closed().await;
    half_body.closed().await;
    idle.closed().await;
}

#[tokio::test]
async fn a_degraded_service_is_not_ready_and_goes_on_serving() {
    let service = Running::start().await;
    let options = TaskOptions::new(TaskKind::Maintenance).best_effort();
    let task = service
        .tasks
        .try_spawn("fails", options, async { anyhow::bail!("as told") });
    task.expect("it is running");
    let mut client = service.client().await;
    while service.handle.is_ready() {
        tokio::task::yield_now().await;
    }

    let ready = client.get("/readyz").await;

    assert_eq!(ready.status, 503);
    assert_eq!(ready.text(), "not ready: running, but degraded");
    assert_eq!(client.post(call(1, "echo")).await.status, 200);
    service.request_shutdown();
    service.reaches(Phase::Stopped).await;
}

#[tokio::test(start_paused = true)]
async fn health_is_what_the_api_says() {
    for (health, status, code) in [
        (Health::Good, 200, 0),
        (Health::Bad, 503, 10020),
        (Health::Panics, 503, -32603),
        (Health::Hangs, 503, -32603),
    ] {
        let node = Node {
            health,
            ..Node::default()
        };
        let service = Running::begin(node, anywhere(), Deadlines::default()).await;
        service.reaches(Phase::Running).await;
        let began = Instant::now();

        let response = service.client().await.get("/healthz").await;

        assert_eq!(response.status, status);
        if status == 503 {
            assert_eq!(response.json()["code"], code);
            assert!(!response.text().contains("secret"));
        }
        assert!(began.elapsed() <= Duration::from_secs(6));
        service.request_shutdown();
        service.end().await.expect("a clean stop");
    }
}

#[tokio::test]
async fn i50_stale_heartbeat_is_told_by_healthz_and_changes_nothing_of_readyz() {
    let service = Running::start().await;
    let heartbeat = service.handle.heartbeat("sync", Duration::ZERO);
    let mut client = service.client().await;

    let sick = client.get("/healthz").await;
    assert_eq!(sick.status, 503);
    let message = "not alive: stale heartbeats: sync";
    assert_eq!(sick.json()["message"], message);
    assert_eq!(client.get("/readyz").await.status, 200);

    drop(heartbeat);
    assert_eq!(client.get("/healthz").await.status, 200);
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i42_stuck_child_is_told_by_healthz() {
    use dig_service::supervisor::{Audit, ChildPhase, ChildSpec};

    let service = Running::start().await;
    let supervisor = service.handle.supervisor();
    let audit = || Audit::new("tests", "to see what happens").expect("neither is blank");
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let spec = ChildSpec::factory("blocks", move |_| {
        let wait = Arc::clone(&wait);
        async move { Ok(wait.lock().expect("it does not panic").recv()?) }
    });
    let spec = spec.stop_budget(Duration::from_millis(20));
    supervisor.add(spec, audit()).await.expect("it is added");
    supervisor
        .pause("blocks", audit())
        .await
        .expect("it is told");
    let stuck = supervisor.wait_for("blocks", ChildPhase::Failed).await;
    assert!(stuck.is_ok_and(|status| status.is_stuck));

    let mut client = service.client().await;
    let sick = client.get("/healthz").await;
    assert_eq!(sick.status, 503);
    assert_eq!(sick.json()["message"], "not alive: stuck children: /blocks");

    release.send(()).expect("it waits");
    let gone = supervisor.wait_for("blocks", ChildPhase::Paused).await;
    assert!(gone.is_ok());
    assert_eq!(client.get("/healthz").await.status, 200);
    service.stop().await;
}

#[tokio::test]
async fn a_port_in_use_fails_the_start_and_names_the_address() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();

    let service = Service::node_builder(Node::default())
        .rpc_http(&address)
        .build();
    let handle = service.handle();
    let error = service.start().await.expect_err("the port is taken");

    let ServiceError::OnStartFailed(error) = error else {
        panic!("{error}");
    };
    let text = error.to_string();
    assert!(text.contains(&address), "{text}");
    assert!(text.contains("choose another port"), "{text}");
    assert_eq!(handle.rpc_http_addr(), None);
    assert_eq!(handle.task_counts().live, 0);
}

#[tokio::test]
async fn an_address_that_cannot_be_read_fails_the_start() {
    let service = Service::builder(Node::default())
        .rpc_http("nowhere")
        .build();
    let error = service.start().await.expect_err("no address");

    let ServiceError::OnStartFailed(error) = error else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("`nowhere`"), "{error}");
}

#[tokio::test]
async fn the_last_address_wins_and_is_told() {
    let service = Service::node_builder(Node::default())
        .rpc_http("nowhere")
        .rpc_http("127.0.0.1:0")
        .build();
    let handle = service.handle();
    let mut events = handle.subscribe();
    let stopper = service.handle();
    let started = service.start();
    let bound = async {
        loop {
            let event = events.next().await.expect("a journal").expect("no gap");
            if let EventKind::TransportBound { name, address } = event.kind {
                stopper.request_shutdown(ShutdownReason::UserRequested);
                return (name, address);
            }
        }
    };

    let (result, (name, address)) = tokio::join!(started, bound);

    result.expect("a clean stop");
    assert_eq!(name, "rpc_http");
    assert_eq!(Some(address), handle.rpc_http_addr().map(|a| a.to_string()));
}

#[tokio::test]
async fn a_service_without_methods_knows_none() {
    let service = Service::builder(Node::default())
        .rpc_http("127.0.0.1:0")
        .build();
    let handle = service.handle();
    let calls = async {
        let mut phase = handle.phase();
        phase
            .wait_for(|now| *now == Phase::Running)
            .await
            .expect("a service");
        let address = handle.rpc_http_addr().expect("it listens");
        let mut client = super::client::Client::connect(address).await;
        let response = client.post(call(1, "echo")).await;
        handle.request_shutdown(ShutdownReason::UserRequested);
        response
    };

    let (result, response) = tokio::join!(service.start(), calls);

    result.expect("a clean stop");
    assert_refused(&response, 200, -32601);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_leaves_nothing_behind() {
    let service = Running::start().await;
    let calls: Vec<_> = (0..32)
        .map(|id| service.start_call(call(id, "echo")))
        .collect();
    let mut pipelined = service.client().await;
    let requests: Vec<u8> = (0..50).flat_map(|id| post(call(id, "echo"))).collect();
    pipelined.send(requests).await;
    for call in calls {
        assert_eq!(call.await.expect("no panic").status, 200);
    }

    service.stop().await;
}
