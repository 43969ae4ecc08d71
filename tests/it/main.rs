//! Whole-workspace tests, in one binary.

mod auto_traits;
#[cfg(unix)]
mod dashboard;
mod http;
mod late_spawn;
mod macros;
mod model;
mod panics;
mod providers;
mod steering;
mod supervised;
