//! Time, room and phase: who is let in, and how calls end that may not go on.

use super::*;
use crate::shutdown::ShutdownReason;

#[tokio::test(start_paused = true)]
async fn a_call_ends_at_its_timeout() {
    let began = tokio::time::Instant::now();
    let server = server(1);
    let (answer, refusal) = server.send(call(1, "never")).await;

    assert_eq!(began.elapsed(), Duration::from_secs(30));
    assert_eq!(code(&answer), -32603);
    assert_eq!(answer["error"]["data"], "timeout");
    assert_eq!(refusal, None);
    assert_eq!(server.send(call(2, "echo")).await.0["result"], json!([2]));
}

#[tokio::test(start_paused = true)]
async fn one_call_beyond_the_limit_is_refused() {
    let server = server(2);
    let first = server.start(call(1, "gate"));
    let second = server.start(call(2, "gate"));
    settle().await;

    let (answer, refusal) = server.send(call(3, "gate")).await;
    assert_eq!(code(&answer), 10004);
    assert_eq!(answer["id"], 3);
    assert_eq!(refusal, Some(Refusal::Busy));

    server.calls.api.gate.notify_waiters();
    assert_eq!(first.await.unwrap().0["result"], json!([1]));
    assert_eq!(second.await.unwrap().0["result"], json!([2]));
    assert_eq!(server.send(call(4, "echo")).await.0["result"], json!([4]));
}

#[tokio::test(start_paused = true)]
async fn a_batch_runs_side_by_side_as_far_as_there_is_room() {
    let server = server(3);
    let answers = server.start(batch("gate", 0..8));
    for _ in 0..8 {
        settle().await;
        assert!(server.calls.api.running.load(Ordering::SeqCst) <= 3);
        server.calls.api.gate.notify_one();
    }

    let (answers, refusal) = answers.await.unwrap();
    assert_eq!(refusal, None);
    for (id, answer) in answers.as_array().unwrap().iter().enumerate() {
        assert_eq!(*answer, json!({"jsonrpc": "2.0", "id": id, "result": [id]}));
    }
    assert_eq!(server.calls.api.most.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_finds_no_room_is_refused_as_a_whole() {
    let server = server(1);
    let running = server.start(call(0, "gate"));
    settle().await;

    let (answers, refusal) = server.send(batch("echo", 1..4)).await;

    assert_eq!(refusal, Some(Refusal::Busy));
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|answer| code(answer) == 10004));
    server.calls.api.gate.notify_waiters();
    running.await.unwrap();
}

#[tokio::test]
async fn before_running_calls_are_told_so() {
    let control = Arc::new(Control::new(
        "test",
        crate::control::ControlSettings::default(),
    ));
    control.enter(Phase::Start);
    let Server { calls, .. } = server(1);
    let calls = Calls {
        gate: Gate::default(),
        api: Arc::clone(&calls.api),
        door: Door::new(control, 1),
        batch_limit: 1,
        call_timeout: Duration::MAX,
    };
    let reply = calls
        .answer(RpcContext::LOCAL, call(1, "echo").as_bytes())
        .await;

    assert_eq!(reply.refusal, Some(Refusal::Starting));
    assert_eq!(code(&read(reply.body.as_deref())), 10001);
    let notification = br#"{"jsonrpc":"2.0","method":"echo"}"#;
    let reply = calls.answer(RpcContext::LOCAL, notification).await;
    assert!(reply.body.is_none());
    assert_eq!(reply.refusal, Some(Refusal::Starting));
    assert!(calls.api.called.lock().unwrap().is_empty());
}

#[tokio::test]
async fn calls_run_while_running_and_draining_only() {
    for (phase, refusal) in [
        (Phase::PreStart, Some(Refusal::Starting)),
        (Phase::Start, Some(Refusal::Starting)),
        (Phase::Running, None),
        (Phase::Draining, None),
        (Phase::Joining, Some(Refusal::Stopping)),
        (Phase::OnStop, Some(Refusal::Stopping)),
        (Phase::PostStop, Some(Refusal::Stopping)),
        (Phase::Stopped, Some(Refusal::Stopping)),
    ] {
        let control = Arc::new(Control::new(
            "test",
            crate::control::ControlSettings::default(),
        ));
        control.enter(phase);

        assert_eq!(Door::new(control, 1).refusal(), refusal, "{phase}");
    }
}

#[tokio::test(start_paused = true)]
async fn from_the_token_on_new_calls_are_refused_and_running_ones_end() {
    let server = server(2);
    let running = server.start(call(1, "gate"));
    settle().await;
    server
        .control
        .shutdown
        .cancel(ShutdownReason::UserRequested);

    let (answer, refusal) = server.send(call(2, "echo")).await;
    assert_eq!((code(&answer), refusal), (10040, Some(Refusal::Stopping)));

    let drain = server.calls.door.drain(std::future::pending());
    let end = async {
        settle().await;
        server.calls.api.gate.notify_one();
    };
    let (cut, ()) = tokio::join!(drain, end);
    assert_eq!(cut, 0);
    assert_eq!(running.await.unwrap().0["result"], json!([1]));
}

#[tokio::test(start_paused = true)]
async fn what_outlasts_the_limit_is_cut_and_counted() {
    let server = server(8);
    let one = server.start(call(1, "never"));
    let two = server.start(batch("never", 2..4));
    settle().await;
    server
        .control
        .shutdown
        .cancel(ShutdownReason::UserRequested);

    let limit = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Duration::from_secs(1)
    };
    let cut = server.calls.door.drain(limit).await;

    assert_eq!(cut, 3);
    let (answer, refusal) = one.await.unwrap();
    assert_eq!((code(&answer), refusal), (10040, Some(Refusal::Stopping)));
    let (answers, _) = two.await.unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 2);
    assert!(answers.as_array().unwrap().iter().all(|a| code(a) == 10040));
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_batch_is_refused_when_the_stop_comes() {
    let server = server(1);
    let answers = server.start(batch("gate", 0..3));
    settle().await;
    server
        .control
        .shutdown
        .cancel(ShutdownReason::UserRequested);
    server.calls.api.gate.notify_one();

    let (answers, refusal) = answers.await.unwrap();

    assert_eq!(answers[0]["result"], json!([0]));
    assert_eq!((code(&answers[1]), code(&answers[2])), (10040, 10040));
    assert_eq!(refusal, None);
    assert_eq!(server.calls.api.called.lock().unwrap().len(), 1);
}
