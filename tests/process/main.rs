//! Whole programs: signals, exit codes, data that survives.
#![cfg(unix)]

mod child;
mod lifecycle;
mod review;
