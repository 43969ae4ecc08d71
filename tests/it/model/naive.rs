//! The naive model: a life as one sequence of moments, in milliseconds.

use super::case::{Case, Does, End, Matters, Request, Why};

/// The shares of a stop, as documented.
pub(crate) const DRAIN: u64 = 3000;
const RUN: u64 = 5000;
const TASKS: u64 = 8000;
const ON_STOP: u64 = 6000;
const PROVIDERS: u64 = 4000;
const POST_STOP: u64 = 1500;
const CLEANUP: u64 = 500;
/// What a start hook may take after a stop was requested.
const START_GRACE: u64 = 2000;
/// What the destructors of tasks are given at most, out of the tasks' share.
const DESTRUCTORS: u64 = 1000;

const NEVER: u64 = u64::MAX;

/// Two things that are closer than this have no order.
const CLOSE: u64 = 10;

/// What is to come of a case.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) returned: String,
    /// The hooks that ran, in order, with their ends.
    pub(crate) hooks: Vec<String>,
    /// The steps whose errors are in the report, in order.
    pub(crate) errors: Vec<&'static str>,
    pub(crate) is_degraded: bool,
    /// From the start to the end.
    pub(crate) took: u64,
}

/// Lives a case in the mind; `None` if it depends on a hair which way it goes.
pub(crate) fn expect(case: &Case) -> Option<Expected> {
    let mut life = Life::new(case);
    life.live();
    (!life.is_close).then(|| Expected {
        returned: life.returned(),
        hooks: life.hooks,
        errors: life.errors,
        is_degraded: life.is_degraded,
        took: life.now,
    })
}

struct Life<'a> {
    case: &'a Case,
    now: u64,
    is_close: bool,
    /// The next request.
    next: usize,
    /// When the token fired, when a stop was asked for, when it was told to hurry.
    fired: Option<u64>,
    asked: Option<u64>,
    hurried: Option<u64>,
    first: Option<Why>,
    is_fatal: bool,
    is_running: bool,
    /// When the tasks were spawned, and whether their ends mean anything to the service.
    spawned: Option<u64>,
    are_tasks_wanted: bool,
    ended: Vec<usize>,
    is_degraded: bool,
    /// When the stop began.
    began: Option<u64>,
    is_completed: bool,
    late: usize,
    hooks: Vec<String>,
    errors: Vec<&'static str>,
    /// What failed and was not a consequence of the stop.
    failed: Vec<&'static str>,
}

/// How a hook that is watched came to its end.
#[derive(PartialEq, Eq)]
enum Ended {
    ByItself,
    Cut,
}

impl<'a> Life<'a> {
    const fn new(case: &'a Case) -> Self {
        Self {
            case,
            now: 0,
            is_close: false,
            next: 0,
            fired: None,
            asked: None,
            hurried: None,
            first: None,
            is_fatal: false,
            is_running: false,
            spawned: None,
            are_tasks_wanted: false,
            ended: Vec::new(),
            is_degraded: false,
            began: None,
            is_completed: false,
            late: 0,
            hooks: Vec::new(),
            errors: Vec::new(),
            failed: Vec::new(),
        }
    }

    fn live(&mut self) {
        while self.case.requests[self.next].0 == 0 {
            self.take_request();
        }
        if self.is_stopping() {
            return;
        }
        let case = self.case;
        let is_open = self.start_hook("pre_start", case.pre_start);
        let mut is_warm = false;
        if is_open && !self.is_stopping() {
            self.spawned = Some(self.now);
            self.are_tasks_wanted = true;
            is_warm = self.start_hook("on_start", case.on_start);
            if is_warm && !self.is_stopping() {
                self.run(case.run);
            }
        }
        self.join();
        if is_warm {
            self.stop_hook("on_stop", case.on_stop, RUN + TASKS + ON_STOP);
        }
        let before_cleanup = RUN + TASKS + ON_STOP + PROVIDERS + POST_STOP;
        if is_open {
            self.stop_hook("post_stop", case.post_stop, before_cleanup);
        }
        self.stop_hook("cleanup", case.cleanup, before_cleanup + CLEANUP);
    }

    fn returned(&self) -> String {
        let order = [
            "pre_start",
            "on_start",
            "run",
            "on_stop",
            "post_stop",
            "cleanup",
        ];
        let first = order.iter().find(|step| self.failed.contains(step));
        match (first, self.first) {
            (Some(&("post_stop" | "cleanup")), _) => "on_stop failed".to_owned(),
            (Some(step), _) => format!("{step} failed"),
            (None, _) if self.late > 0 => format!("late: {}", self.late),
            (None, _) if self.is_fatal => "asked: Fatal".to_owned(),
            (None, Some(why)) if !self.is_completed => format!("asked: {why:?}"),
            (None, _) => "completed".to_owned(),
        }
    }

    const fn is_stopping(&self) -> bool {
        self.fired.is_some() || self.asked.is_some()
    }

    /// The delay that the case holds back the token for.
    const fn drain(&self) -> u64 {
        if self.case.has_drain { DRAIN } else { 0 }
    }

    /// Lives on until `until`, or until something else happens before that; `true` if it did not.
    fn wait(&mut self, until: u64) -> bool {
        let request = self
            .case
            .requests
            .get(self.next)
            .map_or(NEVER, |(at, _)| *at);
        let (task, index) = self.next_task();
        let mut moments = [until, request, task];
        moments.sort_unstable();
        self.is_close |= moments[0] != NEVER && moments[1].abs_diff(moments[0]) <= CLOSE;
        assert_ne!(moments[0], NEVER, "nothing will ever happen");
        self.now = self.now.max(moments[0]);
        if until == moments[0] {
            return true;
        }
        if request == moments[0] {
            self.take_request();
        } else {
            self.end_task(index);
        }
        false
    }

    fn take_request(&mut self) {
        let (at, request) = self.case.requests[self.next];
        self.next += 1;
        self.now = self.now.max(at);
        let (Request::Ask(why) | Request::Hurry(why) | Request::Cancel(why)) = request;
        self.is_fatal |= why == Why::Fatal;
        self.first.get_or_insert(why);
        let is_direct = matches!(request, Request::Cancel(_));
        let is_held_back = self.case.has_drain && (self.is_running || self.asked.is_some());
        if is_held_back && !is_direct {
            self.asked.get_or_insert(self.now);
        } else {
            self.fired.get_or_insert(self.now);
        }
        if matches!(request, Request::Hurry(_)) {
            self.hurried.get_or_insert(self.now);
        }
    }

    /// The next end of a task that means something.
    fn next_task(&self) -> (u64, usize) {
        let (true, Some(spawned)) = (self.are_tasks_wanted && !self.is_stopping(), self.spawned)
        else {
            return (NEVER, 0);
        };
        let tasks = self.case.tasks.iter().enumerate();
        let ends = tasks
            .filter(|(index, _)| !self.ended.contains(index))
            .filter(|(_, task)| !task.does.heeds && task.does.end != End::Hang)
            .map(|(index, task)| (spawned + task.does.after, index));
        ends.min().unwrap_or((NEVER, 0))
    }

    fn end_task(&mut self, index: usize) {
        self.ended.push(index);
        let task = self.case.tasks[index];
        let is_ok = task.does.end == End::Ok;
        match task.matters {
            Matters::Standard => {}
            Matters::CriticalUnlessOk if is_ok => {}
            Matters::Critical | Matters::CriticalUnlessOk => {
                self.is_fatal = true;
                self.first.get_or_insert(Why::Fatal);
                self.fired.get_or_insert(self.now);
            }
            Matters::BestEffort => self.is_degraded |= !is_ok,
        }
    }

    /// When something that begins now ends by itself.
    fn natural_end(&self, does: Does) -> u64 {
        match does.end {
            End::Hang => NEVER,
            _ => self.now + does.after,
        }
    }

    /// Waits for a natural end or the limit, which may come nearer with each thing that happens.
    fn watch(&mut self, natural: u64, limit: impl Fn(&Self) -> u64) -> Ended {
        loop {
            let limit = limit(self);
            self.is_close |= limit != NEVER && limit.abs_diff(natural) <= CLOSE;
            if self.wait(natural.min(limit)) {
                return if natural <= limit {
                    Ended::ByItself
                } else {
                    Ended::Cut
                };
            }
        }
    }

    /// Tells how a step ended, and whether it is a failure.
    fn tell(&mut self, hook: &'static str, end: &str, is_failure: bool) {
        self.hooks.push(format!("{hook} {end}"));
        if end != "ok" && (end != "dropped" || is_failure) {
            self.errors.push(hook);
        }
        if is_failure {
            self.failed.push(hook);
        }
    }

    /// Whether it returned `Ok`.
    fn start_hook(&mut self, hook: &'static str, does: Does) -> bool {
        let natural = self.natural_end(does);
        let ended = self.watch(natural, |life| match (life.hurried, life.fired) {
            (Some(_), _) => life.now,
            (None, Some(fired)) => fired + START_GRACE,
            (None, None) => NEVER,
        });
        self.began = self.fired;
        match ended {
            Ended::Cut => self.tell(hook, "dropped", false),
            Ended::ByItself => {
                let is_failure = does.end != End::Ok && !self.is_stopping();
                self.tell(hook, label(does.end), is_failure);
                return does.end == End::Ok;
            }
        }
        false
    }

    fn run(&mut self, does: Does) {
        let unheeding = self.natural_end(does);
        self.is_running = true;
        let mut is_over = false;
        while !self.is_stopping() && !is_over {
            is_over = self.wait(if does.heeds { NEVER } else { unheeding });
        }
        self.is_running = false;
        let began = *self.began.insert(self.now);
        if is_over {
            self.fired = Some(self.now);
            self.is_completed = does.end == End::Ok;
            self.tell("run", label(does.end), does.end != End::Ok);
            return;
        }
        if self.fired.is_none() {
            let until = began + self.drain();
            let natural = if does.heeds { NEVER } else { unheeding };
            let ended = self.watch(natural, |life| match (life.fired, life.hurried) {
                (None, None) => until,
                _ => life.now,
            });
            self.fired.get_or_insert(self.now);
            if ended == Ended::ByItself {
                self.tell("run", label(does.end), does.end != End::Ok);
                return;
            }
        }
        let natural = if does.heeds {
            self.natural_end(does)
        } else {
            unheeding
        };
        let until = began + self.drain() + RUN;
        let ended = self.watch(natural, |life| life.hurried.map_or(until, |_| life.now));
        match ended {
            Ended::ByItself => self.tell("run", label(does.end), does.end != End::Ok),
            Ended::Cut => {
                self.late += 1;
                self.tell("run", "dropped", false);
            }
        }
    }

    /// Waits for the tasks.
    fn join(&mut self) {
        self.are_tasks_wanted = false;
        let began = *self.began.get_or_insert(self.now);
        let fired = *self.fired.get_or_insert(self.now);
        let Some(spawned) = self.spawned else {
            return;
        };
        let ends = self.case.tasks.iter().map(|task| {
            let from = if task.does.heeds { fired } else { spawned };
            match task.does.end {
                End::Hang => NEVER,
                _ => from + task.does.after,
            }
        });
        let ends: Vec<_> = ends.collect();
        let last = ends.iter().copied().max().unwrap_or(0).max(self.now);
        let deadline = began + self.drain() + RUN + TASKS;
        let until = deadline - ((deadline - self.now) / 4).min(DESTRUCTORS);
        let joins = self.now;
        if last > self.now {
            self.watch(last, |life| life.hurried.map_or(until, |_| life.now));
        }
        let late = ends.iter().filter(|end| **end > self.now);
        self.late += late.count();
        // Whoever ends just when the others are aborted may be taken for one of them.
        let cut = self.hurried.map_or(until, |hurried| hurried.max(joins));
        self.is_close |= ends.iter().any(|end| end.abs_diff(cut) <= CLOSE);
    }

    fn stop_hook(&mut self, hook: &'static str, does: Does, budget: u64) {
        let natural = self.natural_end(does);
        let until = self.began.unwrap_or(self.now) + self.drain() + budget;
        match self.watch(natural, |_| until) {
            Ended::ByItself => self.tell(hook, label(does.end), does.end != End::Ok),
            Ended::Cut => self.tell(hook, "dropped", true),
        }
    }
}

const fn label(end: End) -> &'static str {
    match end {
        End::Ok => "ok",
        End::Err => "err",
        End::Panic => "panic",
        End::Hang => "dropped",
    }
}
