//! What it costs to call a method inside the process, beside a `match` written by hand.
//!
//! `cargo bench -p dig-service --bench dispatch` prints the lines of `docs/performance.md`; with
//! `-- --check` it fails if a budget is missed.

#![expect(
    clippy::cast_precision_loss,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures real time and shows it; what fails here is a bug of its own"
)]

use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use dig_service::{ErrorCode, JsonRpcError, RpcApi};
use serde_json::{Value, json};

/// Few enough to stay in the cache, as the params of a call do that were just read.
const CALLS: usize = 64;
const ROUNDS: usize = 20_000;

struct Node {
    offset: u64,
}

/// The same methods, with nothing but what they need.
struct ByHand {
    offset: u64,
}

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Value, JsonRpcError>> + Send + 'a>>;

fn pair(params: &Value) -> Result<(u64, u64), JsonRpcError> {
    let invalid = || JsonRpcError::from(ErrorCode::InvalidParams);
    let number = |name: &str| params.get(name).and_then(Value::as_u64).ok_or_else(invalid);
    Ok((number("left")?, number("right")?))
}

/// Writes the methods twice: for the macro, and as a `match` by hand.
macro_rules! methods {
    ($($name:ident = $number:literal),+ $(,)?) => {
        #[dig_service::node(name = "bench")]
        impl Node {
            $(#[rpc]
            async fn $name(&self, left: u64, right: u64) -> u64 {
                self.offset + left + right + $number
            })+
        }

        impl ByHand {
            fn dispatch<'a>(&'a self, method: &str, params: Value) -> Answering<'a> {
                let sum = |number| {
                    let (left, right) = pair(&params)?;
                    Ok(Value::from(self.offset + left + right + number))
                };
                let answer = match method {
                    $(stringify!($name) => sum($number),)+
                    _ => Err(ErrorCode::MethodNotFound.into()),
                };
                drop(params);
                Box::pin(async move { answer })
            }
        }

        const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

methods! {
    add_00 = 1, add_01 = 2, add_02 = 3, add_03 = 4,
    add_04 = 5, add_05 = 6, add_06 = 7, add_07 = 8,
    add_08 = 9, add_09 = 10, add_10 = 11, add_11 = 12,
    add_12 = 13, add_13 = 14, add_14 = 15, add_15 = 16,
    add_16 = 17, add_17 = 18, add_18 = 19, add_19 = 20,
    add_20 = 21, add_21 = 22, add_22 = 23, add_23 = 24,
    add_24 = 25, add_25 = 26, add_26 = 27, add_27 = 28,
    add_28 = 29, add_29 = 30, add_30 = 31, add_31 = 32,
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("these methods wait for nothing"),
    }
}

/// The time of a call in one batch, in nanoseconds; the params are made outside of it.
fn batch(round: usize, mut call: impl FnMut(&str, Value) -> Value) -> f64 {
    let params: Vec<_> = (0..CALLS as u64)
        .map(|n| json!({ "left": n, "right": 7 }))
        .collect();
    let began = Instant::now();
    for (place, params) in params.into_iter().enumerate() {
        // Not in order, so that no branch is foreseen.
        let name = NAMES[(round * CALLS + place).wrapping_mul(2_654_435_761) % NAMES.len()];
        black_box(call(black_box(name), params));
    }
    began.elapsed().as_nanos() as f64 / CALLS as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() -> ExitCode {
    let (node, by_hand) = (Node { offset: 1 }, ByHand { offset: 1 });
    let (mut hand, mut ours) = (Vec::new(), Vec::new());
    // In turns, so that both see the same machine.
    for round in 0..ROUNDS {
        hand.push(batch(round, |name, params| {
            ready(by_hand.dispatch(name, params)).expect("a method")
        }));
        ours.push(batch(round, |name, params| {
            ready(node.dispatch(name, params)).expect("a method")
        }));
    }
    let (hand, ours) = (median(hand), median(ours));
    let ratio = ours / hand;
    println!("one of 32 methods, two named numbers, median of {ROUNDS} batches in turns");
    println!("  a match by hand   {hand:>6.1} ns   1.00");
    println!("  #[node]           {ours:>6.1} ns   {ratio:.2}   (budget 1.50)");
    let is_checked = std::env::args().any(|argument| argument == "--check");
    if is_checked && ratio > 1.5 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
