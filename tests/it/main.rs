//! Whole-workspace tests, in one binary.

mod auto_traits;
#[cfg(unix)]
mod client;
mod dashboard;
mod http;
mod late_spawn;
mod macros;
mod model;
mod openrpc;
mod panics;
mod providers;
mod running;
mod steering;
mod supervised;
mod websocket;
