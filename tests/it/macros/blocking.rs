//! Methods that block their thread.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use dig_service::RpcApi;
use serde_json::{Value, json};

/// Far more than it takes: one that waits for as long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits on its thread for what a task of the same worker sends.
struct Waiting(Mutex<Receiver<u8>>);

#[dig_service::node]
impl Waiting {
    #[rpc(blocking)]
    fn wait(&self) -> Option<u8> {
        let receiver = self.0.lock().ok()?;
        receiver.recv_timeout(PATIENCE).ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[expect(
    clippy::disallowed_methods,
    reason = "both are to be tasks of the worker"
)]
async fn blocking_method_lets_the_other_tasks_of_its_worker_move_on() {
    let (sender, receiver) = channel();
    let node = Waiting(Mutex::new(receiver));

    let calling = tokio::spawn(async move {
        // In the worker's own queue, from which nobody else would take it in time.
        tokio::spawn(async move { sender.send(7) });
        node.dispatch("wait", Value::Null).await
    });

    assert_eq!(calling.await.unwrap(), Ok(json!(7)));
}

#[tokio::test]
async fn blocking_method_is_called_in_place_where_there_is_no_other_worker() {
    let (sender, receiver) = channel();
    sender.send(8).unwrap();

    let answer = Waiting(Mutex::new(receiver))
        .dispatch("wait", Value::Null)
        .await;

    assert_eq!(answer, Ok(json!(8)));
}
