//! `panic::install`: who answers for a panic.

use std::sync::Mutex;
use std::time::Duration;

use dig_service::testing::TestNode;
use dig_service::{Service, ServiceHandle, ShutdownReason, TaskKind};

/// The panic hook belongs to the whole process, so these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn service() -> (Service<TestNode, (), ()>, ServiceHandle) {
    let service = Service::new(TestNode::default(), (), ());
    let handle = service.handle();
    dig_service::panic::install(&handle);
    (service, handle)
}

fn panic_on_a_thread(message: &'static str) {
    let _ = std::thread::spawn(move || panic!("{message}")).join();
}

#[test]
fn unguarded_panic_stops_every_service_that_was_named() {
    let _turn = turn();
    let ((_one, first), (_other, second)) = (service(), service());
    dig_service::panic::install(&first);

    panic_on_a_thread("nobody answers");

    for handle in [first, second] {
        let Some(ShutdownReason::Fatal(what)) = handle.shutdown_token().reason() else {
            panic!("no fatal stop: {handle:?}");
        };
        assert!(what.starts_with("panic at "), "{what}");
        assert!(
            what.contains("panics.rs") && what.ends_with(": nobody answers"),
            "{what}"
        );
    }
}

#[test]
fn panic_in_a_task_is_the_tasks_own_affair() {
    let _turn = turn();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("in a destructor");
            }
        }
        let (service, handle) = service();
        service
            .tasks()
            .spawn("bad", TaskKind::Maintenance, async { panic!("in a task") });
        let bomb = Bomb;
        let aborted = service
            .tasks()
            .spawn("bomb", TaskKind::Maintenance, async move {
                let _bomb = &bomb;
                std::future::pending().await
            });
        aborted.abort();
        service
            .tasks()
            .join_all(Duration::from_secs(20))
            .await
            .unwrap();

        assert!(handle.is_running());
        assert_eq!(handle.task_counts().panicked, 2);
    });
}
