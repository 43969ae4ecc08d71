use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn i37_defaults_double_from_100_ms_to_30_s() {
    let backoff = Backoff::default().with_jitter(0.0).unwrap();
    let mut jitter = Jitter::seeded(1);
    let delays: Vec<_> = (1..=11).map(|n| backoff.delay(n, &mut jitter)).collect();

    let expected = [
        100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000,
    ];
    assert_eq!(delays, expected.map(Duration::from_millis));
    assert_eq!(Backoff::default().stable_for(), Duration::from_secs(60));
    assert_eq!(Backoff::default().jitter, 0.2);
}

#[test]
fn no_backoff_is_no_delay_at_all() {
    let none = Backoff::none();
    assert!(none.is_none());
    assert_eq!(none.delay(1, &mut Jitter::seeded(1)), Duration::ZERO);
    assert_eq!(none.delay(u32::MAX, &mut Jitter::seeded(1)), Duration::ZERO);
    assert!(!Backoff::default().is_none());
}

#[test]
fn bad_values_are_errors_that_name_them() {
    let low = Backoff::new(Duration::from_micros(999), MS).unwrap_err();
    assert_eq!(
        low.to_string(),
        "a base of 999µs is below 1 ms; use `Backoff::none()` to start again at once"
    );
    assert!(Backoff::new(MS, MS).is_ok());
    let below = Backoff::new(2 * MS, MS).unwrap_err();
    assert_eq!(
        below.to_string(),
        "a maximum of 1ms is below the base of 2ms"
    );
    for factor in [0.99, f64::NAN, f64::INFINITY, -2.0] {
        assert!(matches!(
            Backoff::default().with_factor(factor),
            Err(InvalidBackoff::Factor(_))
        ));
    }
    assert!(Backoff::default().with_factor(1.0).is_ok());
    for jitter in [-0.01, 1.01, f64::NAN] {
        assert!(matches!(
            Backoff::default().with_jitter(jitter),
            Err(InvalidBackoff::Jitter(_))
        ));
    }
    assert!(Backoff::default().with_jitter(1.0).is_ok());
}

#[test]
fn same_seed_gives_the_same_delays_and_another_gives_others() {
    let delays = |mut jitter: Jitter| -> Vec<_> {
        (1..=8)
            .map(|n| Backoff::default().delay(n, &mut jitter))
            .collect()
    };
    assert_eq!(delays(Jitter::seeded(7)), delays(Jitter::seeded(7)));
    assert_ne!(delays(Jitter::seeded(7)), delays(Jitter::seeded(8)));
    assert_ne!(delays(Jitter::random()), delays(Jitter::random()));
}

#[test]
fn full_jitter_has_a_floor() {
    let backoff = Backoff::new(MS, MS).unwrap().with_jitter(1.0).unwrap();
    let mut jitter = Jitter::seeded(3);
    let delays: Vec<_> = (1..1000).map(|n| backoff.delay(n, &mut jitter)).collect();
    assert!(delays.iter().all(|delay| *delay >= MS && *delay <= 2 * MS));
    assert!(
        delays.iter().any(|delay| *delay > MS),
        "the jitter does nothing"
    );
}

proptest! {
    #[test]
    fn delays_stay_within_the_jitter(n in 1_u32.., seed: u64, part in 0.0..=1.0_f64) {
        let backoff = Backoff::default().with_jitter(part).unwrap();
        let plain = backoff.with_jitter(0.0).unwrap().delay(n, &mut Jitter::seeded(seed));
        let delay = backoff.delay(n, &mut Jitter::seeded(seed));
        prop_assert!(delay >= plain.mul_f64(1.0 - part).max(MS) - Duration::from_nanos(2));
        prop_assert!(delay <= plain.mul_f64(1.0 + part) + Duration::from_nanos(2));
    }
}
