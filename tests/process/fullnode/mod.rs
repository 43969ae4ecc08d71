//! The example `fullnode`, as a real process with real sockets and files.

mod bad_input;
mod client;
mod durability;
mod follow;
mod import;
mod misbehaviour;
mod node;
mod peers;
mod rpc;
mod stop;
