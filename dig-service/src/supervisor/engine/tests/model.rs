//! The engine against a model that keeps everything, and looks at all of it each time.

use super::*;
use crate::decl::{Jitter, OnGiveUp};

/// How a child stands in the model.
#[derive(Clone, Copy, Debug)]
enum Stands {
    RunsSince(Instant),
    WaitsUntil(Instant),
    Out,
}

struct Model {
    path: &'static str,
    limit: (u32, Duration),
    delays: (u32, u32),
    stable: Duration,
    stands: Stands,
    restarts: Vec<Instant>,
    in_a_row: i32,
}

fn recent(restarts: &[Instant], now: Instant, window: Duration) -> usize {
    restarts.iter().filter(|at| now - **at < window).count()
}

impl Model {
    fn tick(&mut self, now: Instant) {
        if let Stands::WaitsUntil(until) = self.stands
            && until <= now
        {
            self.stands = Stands::RunsSince(until);
        }
    }

    fn phase(&self) -> ChildPhase {
        match self.stands {
            Stands::RunsSince(_) => ChildPhase::Running,
            Stands::WaitsUntil(_) => ChildPhase::BackingOff,
            Stands::Out => ChildPhase::Quarantined,
        }
    }

    /// The child ends; `true` if it is to be started again.
    fn end(&mut self, now: Instant) -> bool {
        let Stands::RunsSince(since) = self.stands else {
            panic!("{} does not run", self.path);
        };
        if recent(&self.restarts, now, self.limit.1) >= self.limit.0 as usize {
            self.stands = Stands::Out;
            return false;
        }
        self.restarts.push(now);
        let is_stable = now - since >= self.stable;
        self.in_a_row = if is_stable { 1 } else { self.in_a_row + 1 };
        let (base, top) = self.delays;
        let grown = f64::from(base) * f64::from(2_u32).powi(self.in_a_row - 1);
        let delay = Duration::from_secs_f64(grown.min(f64::from(top)) / 1000.0);
        self.stands = Stands::WaitsUntil(now + delay);
        true
    }
}

/// Three children, and what the model knows of them.
fn three(pick: &mut impl FnMut(f64) -> u32, of_all: (u32, Duration)) -> (Supervisor, Vec<Model>) {
    let mut models = Vec::new();
    let all = Intensity::new(of_all.0, of_all.1).unwrap();
    let mut supervisor = Supervisor::new().intensity(all);
    for (name, path) in [("a", "/a"), ("b", "/b"), ("c", "/c")] {
        let limit = (pick(5.0), SECOND * (5 + pick(60.0)));
        let delays = (1 + pick(100.0), 100 + pick(1_000.0));
        let stable = SECOND * pick(10.0);
        let backoff = Backoff::new(MILLI * delays.0, MILLI * delays.1).unwrap();
        let backoff = backoff.with_jitter(0.0).unwrap().with_stable_for(stable);
        let spec = child(name)
            .restart(RestartPolicy::Always)
            .backoff(backoff)
            .intensity(Intensity::new(limit.0, limit.1).unwrap());
        supervisor = supervisor.child(spec.on_give_up(OnGiveUp::Quarantine));
        models.push(Model {
            path,
            limit,
            delays,
            stable,
            stands: Stands::Out,
            restarts: Vec::new(),
            in_a_row: 0,
        });
    }
    (supervisor, models)
}

/// 10 000 sequences of ends of three children, with limits of their own and one for all.
#[tokio::test(start_paused = true)]
async fn decisions_are_those_of_a_naive_model() {
    for seed in 0..10_000_u64 {
        let mut dice = Jitter::seeded(seed);
        let mut pick = |n: f64| (dice.part() * n) as u32;
        let of_all = (1 + pick(12.0), SECOND * (1 + pick(60.0)));
        let (supervisor, mut models) = three(&mut pick, of_all);
        let mut world = World::begun(supervisor);
        for model in &mut models {
            model.stands = Stands::RunsSince(world.now);
        }
        let mut of_group = Vec::new();
        for _ in 0..30 {
            world.wait(MILLI * pick(6_000.0));
            for model in &mut models {
                model.tick(world.now);
                assert_eq!(world.phase(model.path), model.phase(), "seed {seed}");
            }
            let running: Vec<_> = models
                .iter_mut()
                .filter(|model| model.phase() == ChildPhase::Running)
                .collect();
            let place = pick(running.len() as f64) as usize;
            let Some(model) = running.into_iter().nth(place) else {
                continue;
            };
            match pick(3.0) {
                0 => world.exit(model.path, ChildExit::Completed),
                1 => world.exit(model.path, ChildExit::Panicked("bang".into())),
                _ => world.fail(model.path),
            }
            if model.end(world.now) {
                if recent(&of_group, world.now, of_all.1) >= of_all.0 as usize {
                    // At once, if none of the others runs.
                    assert_ne!(world.phase("/"), ChildPhase::Running, "seed {seed}");
                    break;
                }
                of_group.push(world.now);
            }
            let root = world.phase("/");
            assert_eq!(root, ChildPhase::Running, "seed {seed}");
            assert_eq!(world.phase(model.path), model.phase(), "seed {seed}");
        }
    }
}
