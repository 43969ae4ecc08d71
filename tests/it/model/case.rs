//! What may happen in a life, and how likely it is.

use proptest::collection::vec;
use proptest::prelude::*;

/// One life: what each hook and task does, and what is asked from outside when.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) pre_start: Does,
    pub(crate) on_start: Does,
    pub(crate) run: Does,
    pub(crate) on_stop: Does,
    pub(crate) post_stop: Does,
    pub(crate) cleanup: Does,
    pub(crate) tasks: Vec<Task>,
    pub(crate) has_drain: bool,
    /// In order; at 0 they come before the start.
    pub(crate) requests: Vec<(u64, Request)>,
}

/// What a hook or a task does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Does {
    /// It waits for the token first. Only `run` and tasks do.
    pub(crate) heeds: bool,
    /// Milliseconds that it takes then.
    pub(crate) after: u64,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Ok,
    Err,
    Panic,
    Hang,
}

/// A task that `on_start` spawns before anything else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task {
    pub(crate) does: Does,
    pub(crate) matters: Matters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matters {
    Standard,
    Critical,
    CriticalUnlessOk,
    BestEffort,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    Ask(Why),
    Hurry(Why),
    /// Straight at the token, past the drain delay.
    Cancel(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    User,
    Rpc,
    Reload,
    Fatal,
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![
        6 => Just(End::Ok),
        2 => Just(End::Err),
        1 => Just(End::Panic),
        1 => Just(End::Hang),
    ]
}

fn after() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(0), 3 => 1_u64..1500, 1 => 1500_u64..9000]
}

fn hook() -> impl Strategy<Value = Does> {
    (after(), end()).prop_map(|(after, end)| Does {
        heeds: false,
        after,
        end,
    })
}

/// Mostly succeeds, so that most lives get beyond it.
fn mostly_ok() -> impl Strategy<Value = Does> {
    let smooth = after().prop_map(|after| Does {
        heeds: false,
        after,
        end: End::Ok,
    });
    prop_oneof![3 => smooth, 2 => hook()]
}

/// What runs beside the driver, and may wait for the token.
fn beside() -> impl Strategy<Value = Does> {
    let until_told = (after(), end()).prop_map(|(after, end)| Does {
        heeds: true,
        after,
        end,
    });
    let untold = (1_u64..20_000, end()).prop_map(|(after, end)| Does {
        heeds: false,
        after,
        end,
    });
    prop_oneof![3 => until_told, 2 => untold]
}

fn task() -> impl Strategy<Value = Task> {
    let matters = prop_oneof![
        Just(Matters::Standard),
        Just(Matters::Critical),
        Just(Matters::CriticalUnlessOk),
        Just(Matters::BestEffort),
    ];
    (beside(), matters).prop_map(|(does, matters)| Task { does, matters })
}

fn request() -> impl Strategy<Value = (u64, Request)> {
    let at = prop_oneof![1 => Just(0), 12 => 20_u64..3000, 12 => 3000_u64..20_000];
    let why = prop_oneof![
        3 => Just(Why::User),
        1 => Just(Why::Rpc),
        1 => Just(Why::Reload),
        1 => Just(Why::Fatal),
    ];
    (at, why, 0..6).prop_map(|(at, why, how)| match how {
        0 => (at, Request::Hurry(why)),
        1 => (at, Request::Cancel(why)),
        _ => (at, Request::Ask(why)),
    })
}

/// All of it; the last request, long after the others, sees to it that each life ends.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let hooks = (
        mostly_ok(),
        mostly_ok(),
        beside(),
        mostly_ok(),
        mostly_ok(),
        mostly_ok(),
    );
    let around = (vec(task(), 0..4), any::<bool>(), vec(request(), 0..4));
    (hooks, around).prop_map(|(hooks, (tasks, has_drain, mut requests))| {
        requests.push((90_000, Request::Ask(Why::User)));
        requests.sort_by_key(|(at, _)| *at);
        let (pre_start, on_start, run, on_stop, post_stop, cleanup) = hooks;
        Case {
            pre_start,
            on_start,
            run,
            on_stop,
            post_stop,
            cleanup,
            tasks,
            has_drain,
            requests,
        }
    })
}
