//! Methods that limit how long a call may take, and those that nobody waits for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dig_service::{ErrorCode, RpcApi};
use serde_json::json;
use tokio::time::{Instant, sleep};

#[derive(Default)]
struct Node {
    is_dropped: AtomicBool,
}

struct Noted<'a>(&'a AtomicBool);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[dig_service::node(name = "node")]
impl Node {
    #[rpc(timeout = "1m30s")]
    async fn wait(&self, seconds: u64) -> u64 {
        let _noted = Noted(&self.is_dropped);
        sleep(Duration::from_secs(seconds)).await;
        seconds
    }

    #[rpc(notification)]
    fn touch(&self) {
        self.is_dropped.store(true, Ordering::Relaxed);
    }

    #[rpc]
    async fn endless(&self) {
        sleep(Duration::from_secs(1_000_000)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn call_at_the_limit_is_answered_and_one_beyond_is_dropped() {
    let node = Node::default();
    assert_eq!(node.dispatch("wait", json!([90])).await, Ok(json!(90)));
    node.is_dropped.store(false, Ordering::Relaxed);
    let began = Instant::now();

    let error = node.dispatch("wait", json!([91])).await.unwrap_err();

    assert_eq!(began.elapsed(), Duration::from_secs(90));
    assert_eq!(
        (error.code, &*error.message),
        (ErrorCode::InternalError, "the call took too long")
    );
    assert_eq!(error.data, Some(json!("timeout")));
    assert!(node.is_dropped.load(Ordering::Relaxed));
}

#[tokio::test(start_paused = true)]
async fn call_without_a_limit_takes_as_long_as_it_takes() {
    let node = Node::default();
    assert_eq!(node.dispatch("endless", json!([])).await, Ok(json!(null)));
}

#[test]
fn limit_is_told() {
    let limits: Vec<_> = Node::methods()
        .iter()
        .map(|method| method.timeout())
        .collect();
    assert_eq!(limits, [Some(Duration::from_secs(90)), None, None]);
}

#[tokio::test]
async fn notification_is_told_as_one_and_answers_null_if_it_has_to() {
    let told: Vec<_> = Node::methods()
        .iter()
        .map(|method| method.is_notification())
        .collect();
    assert_eq!(told, [false, true, false]);
    let node = Node::default();
    assert_eq!(node.dispatch("touch", json!([])).await, Ok(json!(null)));
    assert!(node.is_dropped.load(Ordering::Relaxed));
}
