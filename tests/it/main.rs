//! Whole-workspace tests, in one binary.

mod auto_traits;
mod macros;
mod panics;
