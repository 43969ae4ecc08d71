//! Whole-workspace tests, in one binary.

mod macros;
mod panics;
