//! Random lives: whatever happens in whatever order, what must never happen does not.

use super::*;
use crate::decl::{Jitter, OnGiveUp, Strategy};

struct Dice(Jitter);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        (self.0.part() * n as f64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn random_child(dice: &mut Dice, place: usize) -> ChildSpec {
    let backoff = match dice.below(3) {
        0 => Backoff::none(),
        1 => Backoff::default(),
        _ => Backoff::new(MILLI * 5, MILLI * 40).unwrap_or_default(),
    };
    let window = SECOND * u32::try_from(1 + dice.below(60)).unwrap_or(1);
    let max = u32::try_from(dice.below(4)).unwrap_or(0);
    let intensity = match Intensity::new(max, window) {
        Ok(limit) if limit.check(&backoff).is_ok() => limit,
        _ => Intensity::unlimited(),
    };
    let policies = [
        RestartPolicy::Always,
        RestartPolicy::OnFailure,
        RestartPolicy::Never,
    ];
    let rules = [OnGiveUp::Escalate, OnGiveUp::Quarantine, OnGiveUp::Ignore];
    let mut spec = child(NAMES[place])
        .backoff(backoff)
        .intensity(intensity)
        .restart(dice.of(&policies))
        .on_give_up(dice.of(&rules))
        .stop_budget(MILLI * u32::try_from(dice.below(3_000)).unwrap_or(1));
    if dice.one_in(3) {
        spec = explicit(spec, 2);
    }
    if dice.one_in(4) {
        spec = spec.heartbeat(SECOND);
    }
    if place > 0 && dice.one_in(3) {
        spec = spec.depends_on(NAMES[dice.below(place)]);
    }
    spec
}

fn random_group(dice: &mut Dice, depth: usize) -> Supervisor {
    let strategies = [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ];
    let mut supervisor = Supervisor::new().strategy(dice.of(&strategies));
    if dice.one_in(3) {
        let max = std::num::NonZeroUsize::MIN.saturating_add(dice.below(2));
        supervisor = supervisor.max_concurrent_starts(max);
    }
    if dice.one_in(4) {
        let limit = Intensity::new(3, 10 * SECOND).unwrap_or_default();
        supervisor = supervisor.intensity(limit);
    }
    for (place, name) in NAMES.iter().enumerate().take(1 + dice.below(4)) {
        let is_group = depth > 0 && dice.one_in(3);
        let spec = if is_group {
            let inner = random_group(dice, depth - 1);
            ChildSpec::group(*name, inner).backoff(Backoff::none())
        } else {
            random_child(dice, place)
        };
        supervisor = supervisor.child(spec);
    }
    supervisor
}

impl World {
    fn random_step(&mut self, dice: &mut Dice) {
        let alive: Vec<_> = self.live.values().copied().collect();
        match dice.below(10) {
            0..=3 if !alive.is_empty() => {
                let life = dice.of(&alive);
                let exits = [
                    ChildExit::Completed,
                    ChildExit::Failed("boom".into()),
                    ChildExit::Panicked("bang".into()),
                    ChildExit::Cancelled,
                ];
                let exit = exits[dice.below(exits.len())].clone();
                self.end(life, exit);
                if dice.one_in(4) {
                    // The same again: it is stale.
                    let before = self.live.clone();
                    let exit = ChildExit::Completed;
                    self.handle(Event::Exited { life, exit });
                    assert_eq!(self.live, before, "a stale exit acts");
                }
            }
            4..=5 if !alive.is_empty() => {
                let life = dice.of(&alive);
                self.handle(Event::Ready { life });
            }
            6 => {
                let mut all: Vec<_> = self.phases.keys().copied().collect();
                all.sort_unstable();
                let steers = [
                    Steer::Restart,
                    Steer::Pause,
                    Steer::Resume,
                    Steer::Quarantine,
                    Steer::Remove,
                ];
                if !all.is_empty() {
                    let mut out = Vec::new();
                    let what = (dice.of(&all), dice.of(&steers));
                    let _ = self.engine.steer(self.now, what, &mut out);
                    self.perform(out);
                }
            }
            7 if dice.one_in(20) => self.handle(Event::Hurry),
            _ => {
                self.beat = dice.one_in(2).then_some(self.now);
                let millis = u32::try_from(dice.below(2_000)).unwrap_or(1);
                self.wait(MILLI * millis);
            }
        }
    }

    /// What must hold between any two events.
    fn check(&self, seed: u64) {
        for (id, phase) in &self.phases {
            let is_group = !self.live.contains_key(id) && self.engine.nodes[*id].group.is_some();
            if matches!(phase, ChildPhase::Starting | ChildPhase::Running) {
                let lives = self.live.contains_key(id) || is_group;
                assert!(
                    lives,
                    "seed {seed}: {} is dead and reads {phase}",
                    self.name(*id)
                );
            }
            let told = self.engine.phase(*id);
            assert_eq!(
                told,
                Some(*phase),
                "seed {seed}: {} was not told",
                self.name(*id)
            );
        }
        for id in self.live.keys() {
            let phase = self.phases[id];
            let may_live = matches!(
                phase,
                ChildPhase::Starting | ChildPhase::Running | ChildPhase::Stopping
            );
            let is_stuck = self.engine.nodes[*id].record.is_stuck;
            assert!(
                may_live || is_stuck,
                "seed {seed}: {} lives and reads {phase}",
                self.name(*id)
            );
        }
    }
}

/// 10 000 lives of up to 60 events, each to its end.
#[tokio::test(start_paused = true)]
async fn random_lives_never_break_what_is_promised() {
    for seed in 0..10_000_u64 {
        let mut dice = Dice(Jitter::seeded(seed));
        let mut world = World::of(random_group(&mut dice, 2));
        world.handle(Event::Begin);
        for _ in 0..dice.below(60) {
            world.random_step(&mut dice);
            world.check(seed);
        }

        let deadline = Some(world.now + 5 * SECOND);
        let began = world.now;
        world.handle(Event::Shut { deadline });
        // Some obey, some are aborted, some are stuck for ever.
        for _ in 0..dice.below(10) {
            let told: Vec<_> = world.told.values().copied().collect();
            if !told.is_empty() {
                let life = dice.of(&told);
                world.end(life, ChildExit::Completed);
            }
            world.check(seed);
        }
        world.wait(5 * SECOND);

        world.check(seed);
        assert_eq!(world.reports.len(), 1, "seed {seed}: no report, or two");
        assert!(world.reports[0].took <= 5 * SECOND, "seed {seed}");
        assert_eq!(
            world.engine.next_due(),
            None,
            "seed {seed}: a timer is left"
        );
        for (id, phase) in &world.phases {
            assert!(
                phase.is_resting(),
                "seed {seed}: {} is left {phase}",
                world.name(*id)
            );
        }
        let mut paths: Vec<_> = world.reports[0].children.iter().map(|c| &c.path).collect();
        let count = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), count, "seed {seed}: one is reported twice");
        // What comes afterwards starts nothing.
        let alive: Vec<_> = world.live.values().copied().collect();
        for life in alive {
            world.end(life, ChildExit::Failed("late".into()));
        }
        world.wait(3600 * SECOND);
        assert!(
            world.live.is_empty(),
            "seed {seed}: started after the shutdown"
        );
        assert!(world.now > began);
    }
}
