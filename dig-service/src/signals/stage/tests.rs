use super::*;
use crate::lifecycle::NodeLifecycle;
use crate::service::Service;

struct Node;
impl NodeLifecycle for Node {}

/// The signal was judged while only `main` ran; the service registers before it is acted upon.
/// After two seconds the process dies by the signal, in the middle of a service that nobody asked.
#[test]
fn signal_judged_just_before_a_service_registers_asks_that_service() {
    static STAGE: Stage = Stage::new();
    let service = Service::new(Node, (), ());
    let handle = service.handle();

    assert_eq!(STAGE.runs(), Runs::Main); // Hence `AbandonMain`, decided outside the lock.
    let _registered = STAGE.register(service.handle());
    let then = STAGE.act(Action::AbandonMain);

    assert_eq!(then, Then::Nothing);
    assert!(!handle.is_running());
}

/// `main` starts its service itself, as a signal waits for it: the stage lets it live, but the
/// token that makes the entry drop `main` has fired already.
#[tokio::test]
async fn main_that_starts_a_service_in_time_is_not_dropped() {
    static STAGE: Stage = Stage::new();
    let signals = std::thread::spawn(|| STAGE.act(Action::AbandonMain));
    STAGE.main_abandoned().await; // `main` blocks its thread meanwhile, and then:
    let service = Service::new(Node, (), ());
    let _registered = STAGE.register(service.handle());
    assert_eq!(signals.join().unwrap(), Then::Nothing);

    let dropped = tokio::time::timeout(Duration::from_millis(50), STAGE.main_abandoned()).await;

    assert!(dropped.is_err(), "the entry drops `main` with its service");
}
