//! What can be set.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use dig_rpc_types::envelope::JsonRpcError;

use crate::control::ServiceHandle;
use crate::rpc::http::hooks::{Hooks, RequestHead};
#[cfg(feature = "ws")]
use crate::rpc::http::websocket::WebSocketOptions;
use crate::rpc::info::ADMIN;
use crate::rpc::{MethodInfo, RpcContext};

/// How the JSON-RPC server listens, and what it lets in.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use dig_service::Service;
/// use dig_service::rpc_http::HttpOptions;
/// # struct Node;
/// # impl dig_service::NodeLifecycle for Node {}
///
/// let options = HttpOptions::new("127.0.0.1:9778")
///     .body_limit(64 * 1024)
///     .call_timeout(Duration::from_secs(5))
///     .allow_host("node.example");
/// let service = Service::builder(Node).rpc_http_with(options).build();
/// # let _ = service.handle();
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until given to a builder"]
pub struct HttpOptions {
    pub(super) address: String,
    pub(super) body_limit: usize,
    pub(super) batch_limit: usize,
    pub(super) max_concurrent_calls: usize,
    pub(super) max_connections: usize,
    pub(super) call_timeout: Duration,
    pub(super) header_timeout: Duration,
    pub(super) body_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) access: Access,
    pub(super) tiers: Tiers,
    pub(super) pages: Vec<Page>,
    pub(super) hooks: Hooks,
    #[cfg(feature = "ws")]
    pub(super) websocket: Option<WebSocketOptions>,
}

/// Which tiers of methods are refused and allowed, beside what the address suggests.
#[derive(Clone, Debug, Default)]
pub(super) struct Tiers {
    refused: Vec<String>,
    allowed: Vec<String>,
}

impl Tiers {
    /// Whether methods of a tier are refused on this address.
    pub(super) fn refuse(&self, tier: &str, address: IpAddr) -> bool {
        let is_listed = |tiers: &[String]| tiers.iter().any(|listed| listed == tier);
        let is_risky = tier == ADMIN && !address.is_loopback();
        is_listed(&self.refused) || is_risky && !is_listed(&self.allowed)
    }

    /// Finds a tier that is refused and that none of the methods has.
    pub(super) fn check(&self, methods: &[MethodInfo]) -> anyhow::Result<()> {
        let has = |tier: &str| methods.iter().any(|method| method.tier() == Some(tier));
        let unknown = |tier: &&String| *tier != ADMIN && !has(tier);
        let Some(unknown) = self.refused.iter().find(unknown) else {
            return Ok(());
        };
        let mut known: Vec<_> = methods.iter().filter_map(MethodInfo::tier).collect();
        known.sort_unstable();
        known.dedup();
        anyhow::bail!(
            "`refuse_tier(\"{unknown}\")` refuses nothing: no method has this tier; there are {known:?}"
        )
    }
}

/// A page beside JSON-RPC, made anew for each `GET`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) render: fn(&ServiceHandle) -> String,
}

/// Who may call, beside those who always may.
#[derive(Clone, Debug, Default)]
pub(super) struct Access {
    pub(super) hosts: Vec<String>,
    pub(super) origins: Vec<String>,
    pub(super) any_host: bool,
}

impl HttpOptions {
    /// Listens on `address`: an IP address and a port, as in `127.0.0.1:9778` or `[::1]:9778`, or
    /// `localhost:9778`. Port 0 lets the system choose one.
    ///
    /// The address is read when the service starts; one that cannot be read fails the start.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            body_limit: 2 * 1024 * 1024,
            batch_limit: 100,
            max_concurrent_calls: 256,
            max_connections: 1024,
            call_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            access: Access::default(),
            tiers: Tiers::default(),
            pages: Vec::new(),
            hooks: Hooks::default(),
            #[cfg(feature = "ws")]
            websocket: None,
        }
    }

    /// Sets how many bytes a request's body may have; 2 MiB by default.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets how many calls a batch may hold; 100 by default. With 0 there are no batches.
    pub const fn batch_limit(mut self, calls: usize) -> Self {
        self.batch_limit = calls;
        self
    }

    /// Sets how many calls may run at once, those of batches included; 256 by default. With 0 every
    /// call is refused.
    pub const fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.max_concurrent_calls = calls;
        self
    }

    /// Sets how many connections are served at once; 1024 by default. 64 more are told that there
    /// are too many, or have a probe answered.
    pub const fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// Sets how long a call may take, from its start; 30 s by default. `Duration::MAX` is for ever.
    ///
    /// An `async` method is dropped at the `.await` where it stands. A sync one, `blocking` or not,
    /// cannot be ended and takes its time. A `timeout` of the method's own can only end it earlier.
    pub const fn call_timeout(mut self, limit: Duration) -> Self {
        self.call_timeout = limit;
        self
    }

    /// Sets how long a client may take to send the head of a request, counted from the end of the
    /// one before: so long, too, a connection may idle. 30 s by default.
    pub const fn header_timeout(mut self, limit: Duration) -> Self {
        self.header_timeout = limit;
        self
    }

    /// Sets how long a client may take to send the body of a request, all in all; 30 s by default.
    pub const fn body_timeout(mut self, limit: Duration) -> Self {
        self.body_timeout = limit;
        self
    }

    /// Sets how long a client may leave an answer lying without taking a single byte of it; 30 s by
    /// default.
    pub const fn write_timeout(mut self, limit: Duration) -> Self {
        self.write_timeout = limit;
        self
    }

    /// Refuses methods of this tier (`#[rpc(tier = "..")]`) with `PermissionDenied`. A tier that no
    /// method has fails the start, as it would keep nobody out; but `admin` may be refused anyway.
    ///
    /// On an address that other machines reach, the tier `admin` is refused unless it is
    /// [allowed](Self::allow_tier).
    pub fn refuse_tier(mut self, tier: impl Into<String>) -> Self {
        self.tiers.refused.push(tier.into());
        self
    }

    /// Takes calls of this tier whatever the address, unless it is [refused](Self::refuse_tier).
    pub fn allow_tier(mut self, tier: impl Into<String>) -> Self {
        self.tiers.allowed.push(tier.into());
        self
    }

    /// Looks at each request before its calls are run, and may add to their context who calls, or
    /// refuse it.
    ///
    /// A refusal is answered with HTTP 403, or 500 for `InternalError`, and the error. Of a WebSocket it is the request that
    /// opens it. The hook runs for `POST /`, the opening of WebSockets and `GET /openrpc.json`, behind the checks of `Host`
    /// and `Origin`, on a worker of the runtime: it must not block. A hook that panics refuses with
    /// `InternalError`.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::rpc_http::HttpOptions;
    /// use dig_service::{ErrorCode, JsonRpcError};
    ///
    /// struct User(String);
    /// # let _ = |user: &User| user.0.len();
    ///
    /// let options = HttpOptions::new("127.0.0.1:9778").on_request(|head, cx| {
    ///     match head.headers.get("x-user").and_then(|user| user.to_str().ok()) {
    ///         Some(user) => Ok(cx.with_extension(User(user.to_owned()))),
    ///         None => Err(JsonRpcError::new(ErrorCode::PermissionDenied, "who are you?")),
    ///     }
    /// });
    /// # drop(options);
    /// ```
    pub fn on_request<F>(mut self, hook: F) -> Self
    where
        F: Fn(&RequestHead, RpcContext) -> Result<RpcContext, JsonRpcError> + Send + Sync + 'static,
    {
        self.hooks.on_request = Some(Arc::new(hook));
        self
    }

    /// Looks at each call before it is run, by the method's own name, whatever the alias, and by what
    /// the node says of the method, and may refuse it with an error. What ends a subscription comes
    /// under its own name, with what the node says of the subscription. Of a name that the node does
    /// not list, `rpc.discover` for one, there is the name as it was called and `None`.
    ///
    /// So methods are switched off while the service runs, or kept to some callers. The filter runs
    /// on a worker of the runtime: it must not block. One that panics refuses with `InternalError`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::sync::Arc;
    ///
    /// use dig_service::rpc_http::HttpOptions;
    /// use dig_service::{ErrorCode, JsonRpcError};
    ///
    /// let is_open = Arc::new(AtomicBool::new(true));
    /// let options = HttpOptions::new("127.0.0.1:9778").filter(move |_cx, method, _info| {
    ///     if method == "send" && !is_open.load(Ordering::Relaxed) {
    ///         return Err(JsonRpcError::new(ErrorCode::PermissionDenied, "closed for now"));
    ///     }
    ///     Ok(())
    /// });
    /// # drop(options);
    /// ```
    pub fn filter<F>(mut self, filter: F) -> Self
    where
        F: Fn(&RpcContext, &str, Option<&MethodInfo>) -> Result<(), JsonRpcError>
            + Send
            + Sync
            + 'static,
    {
        self.hooks.filter = Some(Arc::new(filter));
        self
    }

    /// Serves WebSockets, too: a `GET /` with `Upgrade: websocket`. They carry the same calls, and
    /// subscriptions.
    #[cfg(feature = "ws")]
    pub const fn websocket(mut self, options: WebSocketOptions) -> Self {
        self.websocket = Some(options);
        self
    }

    /// Serves these pages as well.
    pub(crate) fn with_pages(mut self, pages: Vec<Page>) -> Self {
        self.pages = pages;
        self
    }

    /// Accepts requests for this host, too: a name or an address as it stands in a URL
    /// (`node.example`, `[2001:db8::1]`), for any port, or with one for this port only.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.access.hosts.push(host.into());
        self
    }

    /// Accepts requests for any host.
    ///
    /// That lets a page that rebinds its own name reach the server. Use it behind a proxy that
    /// checks the host itself.
    pub const fn allow_any_host(mut self) -> Self {
        self.access.any_host = true;
        self
    }

    /// Lets pages of this origin (`https://app.example`) call from a browser: their preflights are
    /// answered, and they may read the answers.
    pub fn allow_origin(mut self, origin: impl Into<String>) -> Self {
        let mut origin = origin.into();
        // An origin has no path; one copied from an address bar has this one.
        origin.truncate(origin.trim_end_matches('/').len());
        self.access.origins.push(origin);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_is_refused_where_other_machines_reach_unless_it_is_allowed() {
        let plain = HttpOptions::new("x");
        let allowed = plain.clone().allow_tier("admin");
        let both = allowed.clone().refuse_tier("admin");
        let refuses = |options: &HttpOptions, tier: &str, address: &str| {
            options.tiers.refuse(tier, address.parse().unwrap())
        };

        for reached in ["0.0.0.0", "::", "192.0.2.7", "2001:db8::1"] {
            assert!(refuses(&plain, "admin", reached), "{reached}");
            assert!(!refuses(&allowed, "admin", reached));
            assert!(refuses(&both, "admin", reached));
            assert!(!refuses(&plain, "control", reached));
        }
        for own in ["127.0.0.1", "::1"] {
            assert!(!refuses(&plain, "admin", own));
            assert!(refuses(&both, "admin", own));
        }
    }
}
