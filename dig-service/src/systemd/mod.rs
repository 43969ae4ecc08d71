//! systemd: what a unit with `Type=notify` is told; feature `systemd`.
//!
//! [`ServiceBuilder::systemd`](crate::ServiceBuilder::systemd) attaches a view that reads the
//! journal and writes datagrams to `$NOTIFY_SOCKET`. Nothing depends on it: a socket that is missing
//! or full costs a warning.
//!
//! | datagram | when |
//! |---|---|
//! | `READY=1` | the phase is `Running`: everything has started |
//! | `STATUS=..` | a phase begins, the stop still waits for something, progress, stale heartbeats |
//! | `EXTEND_TIMEOUT_USEC=..` | progress while starting or stopping: our own deadline, and 1 s (I30) |
//! | `STOPPING=1` | the stop has really begun, not when it is asked for |
//! | `WATCHDOG=1` | at half of `$WATCHDOG_USEC`, while the service is alive (I53) |
//!
//! The pings come from a task of the runtime, and only while
//! [`ServiceHandle::is_alive`](crate::ServiceHandle::is_alive): a service with a stale heartbeat, or
//! whose runtime is stuck, is not fed. There is no `RELOADING=1`, as nothing is reloaded in place.
//!
//! The socket is our own few lines of the standard library, not the `sd-notify` crate: that reads
//! the environment anew for each message, blocks while the socket is full, and takes the name of
//! an abstract socket for a path.

mod builder;
#[cfg(unix)]
mod message;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod surroundings;
#[cfg(unix)]
mod view;

#[cfg(unix)]
#[cfg(test)]
mod tests;
