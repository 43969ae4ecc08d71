//! What a look-up by type costs, and a plan.
//!
//! `cargo bench -p dig-service --bench registry` prints the lines of `docs/performance.md`; with
//! `-- --check` it fails if a budget is missed.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::mem_forget,
    clippy::print_stdout,
    reason = "a program that measures real time and shows it; what fails here is a bug of its own"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use dig_service::registry::{Dependencies, Provider, Registry};

/// One of many providers, each a type of its own.
struct Part<const N: usize>;

impl<const N: usize> Provider for Part<N> {
    fn dependencies(&self) -> Dependencies {
        let none = Dependencies::new();
        if N == 0 {
            none
        } else {
            none.requires::<Part<0>>()
        }
    }
}

macro_rules! insert {
    ($registry:ident: $($n:literal)*) => { $($registry.insert(Arc::new(Part::<$n>));)* };
}

/// A thousand of them, by their digits.
macro_rules! insert_thousand {
    ($registry:ident) => { insert_thousand!($registry: [0 1 2 3 4 5 6 7 8 9]); };
    ($registry:ident: [$($a:literal)*]) => {
        $(insert_thousand!($registry: $a [0 1 2 3 4 5 6 7 8 9]);)*
    };
    ($registry:ident: $a:literal [$($b:literal)*]) => {
        $(insert_thousand!($registry: $a $b [0 1 2 3 4 5 6 7 8 9]);)*
    };
    ($registry:ident: $a:literal $b:literal [$($c:literal)*]) => {
        $($registry.insert(Arc::new(Part::<{ 100 * $a + 10 * $b + $c }>));)*
    };
}

const LOOK_UPS: u32 = 10_000_000;

/// Nanoseconds of each, the best of five rounds.
fn per_look_up(mut look_up: impl FnMut()) -> f64 {
    let round = |_| {
        let began = Instant::now();
        for _ in 0..LOOK_UPS {
            look_up();
        }
        began.elapsed().as_nanos() as f64 / f64::from(LOOK_UPS)
    };
    (0..5).map(round).fold(f64::MAX, f64::min)
}

fn main() -> ExitCode {
    let registry = Registry::new();
    insert!(registry: 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime can be built");
    let began = Instant::now();
    runtime
        .block_on(registry.boot_all(&()))
        .expect("nothing fails");
    let booted = began.elapsed();

    // What a look-up gives is dropped by who asked: counted apart.
    let owned = per_look_up(|| std::mem::forget(black_box(registry.resolve::<Part<7>>())));
    let dropped = per_look_up(|| drop(black_box(registry.resolve::<Part<9>>()))) - owned;
    let borrowed = per_look_up(|| {
        black_box(
            registry.with_typed(|part: &Part<11>| black_box(std::ptr::from_ref(part)).is_null()),
        );
    });
    let many: Registry = Registry::new();
    insert_thousand!(many);
    let planned = (0..20).map(|_| {
        let began = Instant::now();
        assert_eq!(black_box(many.list_names()).len(), 1000);
        began.elapsed().as_secs_f64() * 1e3
    });
    let planned = planned.fold(f64::MAX, f64::min);

    println!("\nlook-up by type, 16 registered, best of 5 rounds");
    println!("  resolve      {owned:>6.2} ns  <= 10 ns");
    println!("  and its drop {dropped:>6.2} ns");
    println!("  with_typed   {borrowed:>6.2} ns");
    println!("  plan and boot of the 16: {booted:?}");
    println!("  plan of 1000 {planned:>6.2} ms  <= 5 ms");

    let is_met = owned <= 10.0 && planned <= 5.0;
    if !is_met && std::env::args().any(|arg| arg == "--check") {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
