use super::*;
use crate::control::ServiceHandle;
use crate::event::CommandEvent;
use crate::event::EventSubscription;
use crate::shutdown::ShutdownReason;
use crate::tasks::Heartbeat;

const SECOND: Duration = Duration::from_secs(1);

/// A control with its loop, as in a service that runs.
fn living() -> (ServiceHandle, EventSubscription) {
    let control = Arc::new(Control::new(
        "test",
        crate::control::ControlSettings::default(),
    ));
    control.start_pulse();
    let handle = ServiceHandle::new(control);
    let events = handle.subscribe();
    (handle, events)
}

async fn next(events: &mut EventSubscription) -> EventKind {
    events.next().await.unwrap().unwrap().kind
}

async fn no_more(events: &mut EventSubscription) {
    let more = tokio::time::timeout(60 * SECOND, events.next()).await;
    assert!(more.is_err(), "{more:?}");
}

async fn beat_for(heartbeat: &Heartbeat, seconds: u32) {
    for _ in 0..seconds {
        sleep(SECOND).await;
        heartbeat.beat();
    }
}

#[tokio::test(start_paused = true)]
async fn i53_stale_heartbeat_is_told_once_and_its_recovery_too() {
    let (handle, mut events) = living();
    let heartbeat = handle.heartbeat("sync", 3 * SECOND);
    beat_for(&heartbeat, 20).await;
    assert!(handle.is_alive());

    sleep(3 * SECOND).await;
    assert!(handle.is_alive());
    let stale = EventKind::HeartbeatStale { name: "sync" };
    assert_eq!(next(&mut events).await, stale);
    assert!(!handle.is_alive());
    assert_eq!(handle.stale_heartbeats(), ["sync"]);
    no_more(&mut events).await;

    heartbeat.beat();
    assert!(handle.is_alive());
    let back = EventKind::HeartbeatRecovered { name: "sync" };
    assert_eq!(next(&mut events).await, back);
    beat_for(&heartbeat, 20).await;
    drop(heartbeat);
    no_more(&mut events).await;
}

#[tokio::test(start_paused = true)]
async fn dropped_heartbeat_is_not_watched_and_no_longer_stale() {
    let (handle, mut events) = living();
    drop(handle.heartbeat("brief", SECOND));
    sleep(5 * SECOND).await;
    assert!(handle.is_alive());

    let heartbeat = handle.heartbeat("sync", SECOND);
    sleep(2 * SECOND).await;
    assert!(!handle.is_alive());
    drop(heartbeat);

    assert!(handle.is_alive());
    let stale = EventKind::HeartbeatStale { name: "sync" };
    assert_eq!(next(&mut events).await, stale);
    let back = EventKind::HeartbeatRecovered { name: "sync" };
    assert_eq!(next(&mut events).await, back);
    no_more(&mut events).await;
}

#[tokio::test(start_paused = true)]
async fn loops_that_are_told_to_stop_need_not_beat() {
    let (handle, mut events) = living();
    let _heartbeat = handle.heartbeat("sync", SECOND);
    tokio::task::yield_now().await;
    handle.request_shutdown(ShutdownReason::UserRequested);
    let command = EventKind::CommandTaken(CommandEvent {
        command: "shutdown",
        audit: None,
    });
    assert_eq!(next(&mut events).await, command);

    sleep(10 * SECOND).await;

    assert!(handle.is_alive());
    no_more(&mut events).await;
}

#[tokio::test(start_paused = true)]
async fn i50_control_loop_that_is_not_scheduled_is_not_alive_and_says_so_afterwards() {
    let (handle, mut events) = living();
    sleep(10 * SECOND).await;
    assert!(handle.is_alive());

    // The clock goes on while nothing else runs, as when all workers are stuck.
    tokio::time::advance(LIMIT).await;
    tokio::time::advance(LIMIT).await;

    let stale = EventKind::HeartbeatStale { name: NAME };
    assert_eq!(next(&mut events).await, stale);
    let back = EventKind::HeartbeatRecovered { name: NAME };
    assert_eq!(next(&mut events).await, back);
    assert!(handle.is_alive());
}
