//! Typed clients: what comes in is what the method returned, whatever carries it.

mod http;
mod local;
mod node;
