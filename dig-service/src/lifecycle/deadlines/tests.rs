use proptest::prelude::*;

use super::*;

const PARTS: [StopPart; 7] = [
    StopPart::Drain,
    StopPart::Run,
    StopPart::Tasks,
    StopPart::OnStop,
    StopPart::Providers,
    StopPart::PostStop,
    StopPart::Cleanup,
];

fn seconds(deadlines: Deadlines) -> [u64; 7] {
    let clock = StopClock::new(Instant::now(), deadlines);
    PARTS.map(|part| clock.budget(part).as_secs())
}

#[test]
fn default_shares_add_up_to_25_seconds() {
    assert_eq!(seconds(Deadlines::default()), [0, 5, 13, 19, 23, 24, 25]);
}

#[test]
fn each_share_moves_its_own_deadline_and_all_later_ones() {
    let base = Deadlines::default();
    let two = Duration::from_secs(2);

    assert_eq!(seconds(base.drain(two)), [2, 7, 15, 21, 25, 26, 27]);
    assert_eq!(seconds(base.run(two)), [0, 2, 10, 16, 20, 21, 22]);
    assert_eq!(seconds(base.tasks(two)), [0, 5, 7, 13, 17, 18, 19]);
    assert_eq!(seconds(base.on_stop(two)), [0, 5, 13, 15, 19, 20, 21]);
    assert_eq!(seconds(base.providers(two)), [0, 5, 13, 19, 21, 22, 23]);
    assert_eq!(
        seconds(base.post_stop(Duration::from_secs(9))),
        [0, 5, 13, 19, 23, 29, 32]
    );
}

#[test]
fn another_total_scales_every_share() {
    let doubled = Deadlines::default().with_total(Duration::from_secs(50));

    assert_eq!(seconds(doubled), [0, 10, 26, 38, 46, 49, 50]);
}

#[test]
fn total_of_nothing_scales_the_default_shares() {
    let nothing = Deadlines::default().with_total(Duration::ZERO);
    assert_eq!(nothing.total(), Duration::ZERO);

    assert_eq!(
        nothing.with_total(Duration::from_secs(25)),
        Deadlines::default()
    );
}

#[test]
fn endless_share_is_no_deadline() {
    let clock = StopClock::new(Instant::now(), Deadlines::default().on_stop(Duration::MAX));

    assert!(clock.deadline(StopPart::Tasks).is_some());
    assert_eq!(clock.deadline(StopPart::OnStop), None);
    assert_eq!(clock.deadline(StopPart::PostStop), None);
}

proptest! {
    #[test]
    fn scaled_shares_add_up_exactly_and_deadlines_never_go_back(
        shares in prop::array::uniform6(0_u64..100_000),
        total in 0_u64..10_000_000,
    ) {
        let [drain, run, tasks, on_stop, providers, post_stop] = shares.map(Duration::from_millis);
        let total = Duration::from_millis(total);

        let scaled = Deadlines::default()
            .drain(drain).run(run).tasks(tasks)
            .on_stop(on_stop).providers(providers).post_stop(post_stop)
            .with_total(total);

        prop_assert_eq!(scaled.total(), total);
        let clock = StopClock::new(Instant::now(), scaled);
        let budgets = PARTS.map(|part| clock.budget(part));
        prop_assert!(budgets.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
