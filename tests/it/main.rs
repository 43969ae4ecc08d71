//! Whole-workspace tests, in one binary.

mod auto_traits;
mod http;
mod macros;
mod model;
mod panics;
