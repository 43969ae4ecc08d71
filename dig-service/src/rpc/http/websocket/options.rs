//! What can be set for WebSockets.

use std::time::Duration;

/// How WebSockets are served; given to [`HttpOptions::websocket`](crate::rpc_http::HttpOptions::websocket).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use dig_service::rpc_http::{HttpOptions, WebSocketOptions};
///
/// let options = HttpOptions::new("127.0.0.1:9778").websocket(
///     WebSocketOptions::new()
///         .max_subscriptions(8)
///         .ping_interval(Duration::from_secs(10)),
/// );
/// # drop(options);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "options do nothing until given to a server"]
pub struct WebSocketOptions {
    pub(super) max_subscriptions: usize,
    pub(super) max_pending_calls: usize,
    pub(super) ping_interval: Duration,
}

impl WebSocketOptions {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_subscriptions: 64,
            max_pending_calls: 32,
            ping_interval: Duration::from_secs(30),
        }
    }

    /// Sets how many subscriptions a connection may have; 64 by default. One more is refused with
    /// `RateLimited`.
    pub const fn max_subscriptions(mut self, subscriptions: usize) -> Self {
        self.max_subscriptions = subscriptions;
        self
    }

    /// Sets how many messages of a connection may be worked on at once; 32 by default, and at least
    /// 1. Beyond that nothing is read from it until one is answered.
    pub const fn max_pending_calls(mut self, messages: usize) -> Self {
        self.max_pending_calls = if messages == 0 { 1 } else { messages };
        self
    }

    /// Sets how often a client is pinged; 30 s by default. One from which nothing came in that
    /// time, counted from when the ping was sent, is taken for gone. `Duration::ZERO` is never.
    pub const fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }
}

impl Default for WebSocketOptions {
    fn default() -> Self {
        Self::new()
    }
}
