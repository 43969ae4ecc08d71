//! Whether a type is a `Result`, told without a value of it.
//!
//! `(&Probe::<T>::NEW).__dig_probe()` finds the impl for `Result`s first, as it needs one reference
//! less; so it sees through an alias.

use std::fmt;
use std::marker::PhantomData;

/// Stands for a type of which there is no value.
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    /// The only one.
    pub const NEW: Self = Self(PhantomData);
}

impl<T> fmt::Debug for Probe<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

/// Stands for a `Result`.
#[derive(Debug)]
pub struct ResultProbed<T, E>(Probe<(T, E)>);

/// Stands for everything else.
#[derive(Debug)]
pub struct ValueProbed<T>(Probe<T>);

/// Found on every `Result`.
pub trait ResultProbe<T, E> {
    /// Returns what stands for it.
    fn __dig_probe(&self) -> ResultProbed<T, E>;
}

impl<T, E> ResultProbe<T, E> for Probe<Result<T, E>> {
    fn __dig_probe(&self) -> ResultProbed<T, E> {
        ResultProbed(Probe::NEW)
    }
}

/// Found on everything, at the price of one more reference.
pub trait ValueProbe<T> {
    /// Returns what stands for it.
    fn __dig_probe(&self) -> ValueProbed<T>;
}

impl<T> ValueProbe<T> for &Probe<T> {
    fn __dig_probe(&self) -> ValueProbed<T> {
        ValueProbed(Probe::NEW)
    }
}

/// A type that is not a `Result`.
#[diagnostic::on_unimplemented(
    message = "this type is a `Result`, and the client of this node cannot see that",
    label = "a `Result` under another name",
    note = "write `Result<..>` out, or call the alias by a name that ends in `Result` and give it parameters, as in `ChainResult<Block>`"
)]
pub trait NoResult {}

impl<T> NoResult for ValueProbed<T> {}

/// Checks that a type is not a `Result`.
pub fn no_result<P: NoResult>(_: P) {}
