//! Whole-workspace tests, in one binary.

mod http;
mod macros;
mod panics;
