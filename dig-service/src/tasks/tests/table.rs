//! The table itself: aborts, timed polls, pages, and what a registry leaves behind.

use proptest::prelude::*;

use super::*;
use crate::tasks::core::Core;
use crate::tasks::pages::{Beside, PAGE, Pages};
use crate::tasks::record::Record;
use crate::tasks::tracked::{Guard, Tracked};

#[test]
fn guard_takes_eight_bytes_and_a_record_a_cache_line() {
    assert_eq!(size_of::<Guard>(), 8);
    assert_eq!(size_of::<Tracked<u64>>(), 16);
    assert_eq!(size_of::<Option<Record>>(), 64);
}

#[tokio::test]
async fn abort_reaches_tasks_that_wait_run_or_have_not_begun() {
    let tasks = registry();
    let inside = tasks.clone();
    tasks.spawn("waits", LOOP, std::future::pending());
    tokio::task::yield_now().await;
    tasks.spawn("aborts all", LOOP, async move {
        inside.abort_all();
        std::future::pending().await
    });
    tasks.spawn("has not begun", LOOP, async { panic!("polled") });

    tasks.idle_by(None).await;

    assert_eq!(counts(&tasks), [3, 0, 0, 0, 0, 3, 0]);
    // Nothing is left to be aborted, so polls ask no further.
    tasks.spawn("later", LOOP, async { Ok(()) });
    tasks.idle_by(None).await;
    assert_eq!(counts(&tasks)[2], 1);
}

#[tokio::test]
async fn abort_of_a_scope_spares_the_others() {
    let tasks = registry();
    let peers = tasks.scope("peers");
    let gate = Arc::new(Notify::new());
    let opened = Arc::clone(&gate);
    tasks.spawn("spared", LOOP, async move {
        opened.notified().await;
        Ok(())
    });
    peers.spawn("conn", LOOP, std::future::pending());
    tokio::task::yield_now().await;

    peers.abort_all();
    peers.idle_by(None).await;
    gate.notify_one();
    tasks.idle_by(None).await;

    assert_eq!(counts(&tasks), [2, 0, 1, 0, 0, 1, 0]);
}

#[tokio::test]
async fn detached_task_is_tracked_and_refused_like_any() {
    let tasks = registry();
    tasks.detach("call", LOOP, async { Ok(()) }).unwrap();
    assert_eq!(tasks.snapshot()[0].name, "call");
    assert!(
        tasks.snapshot()[0]
            .spawned_from
            .file()
            .ends_with("table.rs")
    );

    tasks.join_all(Duration::from_secs(5)).await.unwrap();

    let refused = tasks.detach("late", LOOP, async { Ok(()) }).unwrap_err();
    assert_eq!((refused.name, refused.phase), ("late", Phase::Joining));
    assert_eq!(counts(&tasks), [1, 0, 1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn refused_spawn_gives_the_handle_of_a_task_that_is_over() {
    let tasks = registry();
    tasks.join_all(Duration::ZERO).await.unwrap();

    let handle = tasks.spawn("late", LOOP, async { Ok(()) });

    assert!(handle.is_finished());
}

/// Keeps its thread busy for a while.
async fn block_for(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "the fault that is to be seen")]
    std::thread::sleep(time);
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn timed_polls_show_the_task_that_blocks_its_worker() {
    let tasks = registry();
    let timed = TaskOptions::new(LOOP).time_polls();
    let inside = tasks.clone();
    let seen: Arc<crate::sync::Lock<Option<PollStats>>> = Arc::default();
    let shown = Arc::clone(&seen);
    tasks
        .detach("blocks", timed, async move {
            block_for(Duration::from_millis(20)).await;
            *shown.lock() = inside.snapshot()[0].polls;
            std::future::pending().await
        })
        .unwrap();
    tasks.spawn("untimed", LOOP, std::future::pending());
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;

    let within = seen.lock().expect("the second poll has come");
    assert_eq!(within.polls, 1);
    assert!(within.running.is_some() && within.last >= Duration::from_millis(20));
    let listed = tasks.snapshot();
    let polls = |name| listed.iter().find(|task| task.name == name).unwrap().polls;
    let stats = polls("blocks").unwrap();
    assert_eq!((stats.polls, stats.running), (2, None));
    assert!(stats.longest >= Duration::from_millis(20) && stats.last < stats.longest);
    assert_eq!(polls("untimed"), None);
}

#[tokio::test]
async fn polls_of_all_tasks_can_be_timed() {
    let tasks = registry();
    tasks.time_polls();
    tasks.spawn("loop", LOOP, std::future::pending());
    tokio::task::yield_now().await;

    assert_eq!(tasks.snapshot()[0].polls.unwrap().polls, 1);
}

/// Tells whether it is gone.
#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "held for its destructor")] Arc<()>);

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Held {}

#[tokio::test]
async fn registry_goes_with_its_last_handle_and_task() {
    let alive = Arc::new(());
    let gate = Arc::new(Notify::new());
    let tasks = registry();
    let (held, opened) = (Held(Arc::clone(&alive)), Arc::clone(&gate));
    tasks.spawn("fails", LOOP, async move { Err(held.into()) });
    tasks.spawn("waits", LOOP, async move {
        opened.notified().await;
        Ok(())
    });
    while tasks.len() > 1 {
        tokio::task::yield_now().await;
    }

    drop(tasks);
    // Its outcomes are kept: a task of its lives.
    assert_eq!(Arc::strong_count(&alive), 2);
    gate.notify_one();
    while Arc::strong_count(&alive) > 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn critical_task_is_fatal_even_when_the_registrys_handles_are_gone() {
    let token = ShutdownToken::new();
    let options = TaskOptions::new(LOOP).critical();
    TaskRegistry::new(token.clone())
        .detach("import", options, async { anyhow::bail!("half done") })
        .unwrap();

    token.cancelled().await;

    assert!(matches!(token.reason(), Some(ShutdownReason::Fatal(_))));
}

#[tokio::test]
async fn numbers_of_registries_are_used_again() {
    let numbers: std::collections::HashSet<u16> =
        (0..200).map(|_| registry().core.number()).collect();

    // Other tests run beside this one, and have some.
    assert!(numbers.len() < 200, "{}", numbers.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn task_that_hands_over_to_the_next_never_leaves_an_empty_registry() {
    fn hop(tasks: &TaskRegistry, left: usize) {
        let inside = tasks.clone();
        let next = async move {
            if left > 0 {
                hop(&inside, left - 1);
            }
            Ok(())
        };
        tasks.detach("hop", LOOP, next).unwrap();
    }
    let tasks = registry();
    hop(&tasks, 20_000);

    while tasks.counts().completed < 20_000 {
        let is_over = tasks.is_empty();
        assert!(
            !is_over || tasks.counts().completed == 20_001,
            "{:?}",
            tasks.counts()
        );
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert,
    /// The value at this place of those inserted.
    Remove(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![3 => Just(Step::Insert), 2 => any::<usize>().prop_map(Step::Remove)];
    prop::collection::vec(step, 0..3000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn pages_hold_what_was_inserted_and_nothing_else(steps in steps()) {
        let mut pages = Pages::default();
        let mut beside = Beside::default();
        let mut model: Vec<(usize, usize)> = Vec::new();
        for (value, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert => {
                    let index = pages.insert(value);
                    prop_assert!(model.iter().all(|(at, _)| *at != index), "slot given out twice");
                    beside.put(index, value);
                    model.push((index, value));
                }
                Step::Remove(place) if !model.is_empty() => {
                    let (index, value) = model.swap_remove(place % model.len());
                    prop_assert_eq!(pages.remove(index), Some(value));
                    prop_assert_eq!(pages.remove(index), None);
                    prop_assert_eq!(beside.take(index), Some(value));
                    prop_assert_eq!(beside.take(index), None);
                }
                Step::Remove(_) => {}
            }
        }
        let mut listed: Vec<_> = pages.iter_mut(0..usize::MAX).map(|(at, v)| (at, *v)).collect();
        listed.sort_unstable();
        model.sort_unstable();
        prop_assert_eq!(listed, model);
    }
}

#[test]
fn burst_gives_its_pages_back_although_one_task_stays() {
    let mut pages = Pages::default();
    let indices: Vec<_> = (0..100 * PAGE).map(|value| pages.insert(value)).collect();
    assert_eq!(pages.live_pages(), 100);

    for index in &indices[1..] {
        pages.remove(*index);
    }

    assert!(pages.live_pages() <= 9, "{}", pages.live_pages());
    assert_eq!(pages.get_mut(indices[0]), Some(&mut 0));
}

#[test]
fn registry_without_journal_belongs_to_no_service() {
    let core = Core::new(ShutdownToken::new(), None);
    assert!(!core.is_of_service());
    core.retire();
}
