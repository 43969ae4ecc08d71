//! The attribute macros of `dig-service`.
//!
//! Use them through that crate, which re-exports them all; the generated code names nothing else.
//! [`macro@node`] is where to begin.

mod dig_main;
mod duration;
mod errors;
mod krate;
mod node;
mod options;
mod provider;
mod role;
mod rpc_error;
mod spans;
mod syntax;

use proc_macro::TokenStream;

/// Makes a node: a type with a lifecycle and RPC methods.
///
/// It goes on an inherent `impl` block, where methods get their roles by attributes, or on a struct.
/// A struct has all the default hooks and no RPC methods; [`macro@methods`] on an `impl` block adds
/// behaviour to it.
///
/// # Examples
///
/// ```
/// use dig_service::{RpcApi, Service};
/// use serde_json::json;
///
/// struct FullNode {
///     height: u64,
/// }
///
/// #[dig_service::node(name = "fullnode", namespace = "chain", separator = ".")]
/// impl FullNode {
///     /// Returns how many blocks are above this one.
///     #[rpc]
///     async fn depth(&self, height: u64) -> Option<u64> {
///         self.height.checked_sub(height)
///     }
///
///     #[on_stop]
///     fn flush(&self) {}
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let service = Service::for_node(FullNode { height: 12 });
/// let depth = service.rpc_api().dispatch("chain.depth", json!([10])).await;
/// assert_eq!(depth, Ok(json!(2)));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "fullnode"` | `NodeLifecycle::NAME` |
/// | `namespace = "chain"` | stands before every RPC name, aliases excepted |
/// | `separator = "."` | stands behind the namespace; `_` by default |
/// | `rename_all = "camelCase"` | spells RPC methods and params; or `"snake_case"` |
/// | `rpc_only`, `lifecycle_only` | writes one of the two traits, and leaves the other to you |
/// | `bounds(S: Store)` | on a struct: bounds that the `#[methods]` need and the struct lacks |
/// | `crate = path` | where `dig_service` is, if it was renamed |
///
/// # Roles
///
/// [`macro@rpc`], [`macro@pre_start`], [`macro@on_start`], [`macro@run`], [`macro@on_stop`],
/// [`macro@post_stop`], [`macro@cleanup`], [`macro@task`], [`macro@supervised`], [`macro@reload`].
/// Inside the block they need no import; one that is
/// imported all the same is an unused import, as the block takes the attributes off. A role may
/// stand in `cfg_attr`, and a method with a role may have a `cfg`.
#[proc_macro_attribute]
pub fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand(options.into(), item.into()).into()
}

/// Adds behaviour to a struct marked [`macro@node`].
///
/// A node has one such block; it may stand in any module of the crate, before or behind the struct.
/// It takes the same roles as `#[node]` on an `impl` block, and the options that shape RPC names:
/// `namespace`, `separator`, `rename_all`, and `crate`.
///
/// # Examples
///
/// ```
/// use dig_service::RpcApi;
///
/// #[dig_service::node(name = "relay")]
/// struct Relay;
///
/// #[dig_service::methods(namespace = "relay")]
/// impl Relay {
///     #[rpc]
///     fn peers(&self) -> u32 {
///         0
///     }
/// }
///
/// assert_eq!(Relay::methods()[0].name(), "relay_peers");
/// ```
#[proc_macro_attribute]
pub fn methods(options: TokenStream, item: TokenStream) -> TokenStream {
    node::expand_methods(options.into(), item.into()).into()
}

/// Makes an `async fn main` that runs the service it returns.
///
/// The function may return whatever implements `MainOutput`: a `Service`, a `ServiceBuilder`, an
/// `ExitStatus`, `()`, and `Option` or `Result` of these. Signals are handled from the first line;
/// the outcome becomes the exit code.
///
/// # Examples
///
/// ```
/// use dig_service::Service;
///
/// struct Clock;
///
/// #[dig_service::node]
/// impl Clock {
///     #[run]
///     async fn tick(&self) {}
/// }
///
/// #[dig_service::dig_main(flavor = "current_thread")]
/// async fn main() -> anyhow::Result<Service<Clock, (), Clock>> {
///     Ok(Service::for_node(Clock))
/// }
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `flavor = "current_thread"` | the runtime's kind; `"multi_thread"` by default |
/// | `worker_threads = 4` | threads of a multi-thread runtime |
/// | `runtime = path` | `fn() -> tokio::runtime::Builder`, in place of the two above |
/// | `signals = "none"` | handles no signals |
/// | `shutdown_timeout = "30s"` | bounds the runtime's own end; one second by default |
/// | `exit_codes = "sysexits"` | the table of exit codes; `"simple"` by default |
/// | `exit_code = path` | `fn(&Result<ExitStatus, ServiceError>) -> u8`, in place of a table |
/// | `signal_exit = "reraise"` | how a clean stop that INT or TERM asked for ends: `"zero"` by default, `"code"` for 128+n, `"reraise"` to die by the signal |
/// | `crate = path` | where `dig_service` is, if it was renamed |
#[proc_macro_attribute]
pub fn dig_main(options: TokenStream, item: TokenStream) -> TokenStream {
    dig_main::expand(options.into(), &item.into()).into()
}

/// Derives `IntoRpcError`: which code, message and data are sent for an error.
///
/// `#[rpc_error(..)]` on a variant wins over the one on the type. Without `code` it is
/// `InternalError`; without `message` it is the error's `Display`.
///
/// # Examples
///
/// ```
/// use dig_service::{ErrorCode, IntoRpcError};
///
/// #[derive(Debug, thiserror::Error, dig_service::RpcError)]
/// enum ChainError {
///     #[error("{0} blocks behind")]
///     #[rpc_error(code = NotSynced)]
///     Behind(u64),
///     #[error("no block has that hash")]
///     #[rpc_error(code = 4001)]
///     NoBlock,
///     #[error("cannot read {0}")]
///     #[rpc_error(message = "internal error")]
///     Disk(String),
/// }
///
/// let sent = ChainError::Behind(3).into_rpc_error();
/// assert_eq!((sent.code, &*sent.message), (ErrorCode::NotSynced, "3 blocks behind"));
/// assert_eq!(ChainError::NoBlock.into_rpc_error().code.code(), 4001);
/// assert_eq!(ChainError::Disk("/secret".to_owned()).into_rpc_error().message, "internal error");
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `code = NotSynced` | a variant of `ErrorCode`, or a number |
/// | `message = ".."` | a fixed text, in place of the error's own |
/// | `data = Self::details` | `fn(&Self) -> impl Serialize`; `null` is left out |
/// | `crate = path` | on the type: where `dig_service` is, if it was renamed |
#[proc_macro_derive(RpcError, attributes(rpc_error))]
pub fn rpc_error(item: TokenStream) -> TokenStream {
    rpc_error::expand(item.into()).into()
}

/// Makes a provider: `registry::Provider`, and `Reloadable` and `Runnable` where methods are marked
/// so.
///
/// It goes on an inherent `impl` block. What [`macro@boot`] takes as `Arc<T>` is required and as
/// `Option<Arc<T>>` optional: these types are the provider's dependencies.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, OnceLock};
/// use dig_service::registry::{Provider, Registry};
///
/// #[derive(Default)]
/// struct Store(OnceLock<String>);
///
/// #[dig_service::provider(name = "store")]
/// impl Store {
///     #[boot]
///     async fn open(&self) -> anyhow::Result<()> {
///         self.0.set("blocks.db".to_owned()).ok();
///         Ok(())
///     }
/// }
///
/// #[derive(Default)]
/// struct Cache(OnceLock<Arc<Store>>);
///
/// #[dig_service::provider(name = "cache", boot_timeout = "10s")]
/// impl Cache {
///     #[boot]
///     fn fill(&self, store: Arc<Store>) {
///         self.0.set(store).ok();
///     }
///
///     #[shutdown]
///     fn flush(&self) {}
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let registry = Registry::new();
/// registry.insert(Arc::new(Cache::default())).insert(Arc::new(Store::default()));
/// assert_eq!(registry.list_names(), ["store", "cache"]);
///
/// registry.boot_all(&()).await?;
/// assert!(registry.resolve::<Cache>().unwrap().0.get().is_some());
/// # Ok::<(), dig_service::registry::Error>(())
/// # }).unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `state = AppState` | the type of the shared state; `()` by default |
/// | `name = "store"` | in place of the type's |
/// | `boot_priority`, `run_priority`, `reload_priority = priority::EARLY` | a `u8` each |
/// | `boot_timeout = "10s"`, `shutdown_timeout = "2s"` | how long the hooks may take |
/// | `restart = "on_failure"` | whether [`macro@run`] starts again: `"always"`, `"on_failure"`, `"never"` by default |
/// | `crate = path` | where `dig_service` is, if it was renamed |
///
/// # Roles
///
/// [`macro@boot`], [`macro@validate`], [`macro@prepare`], [`macro@reload`], [`macro@revert`],
/// [`macro@run`], [`macro@shutdown`]. All but `run` may take the state by reference; all return `()`
/// or a `Result<(), E>`; all but `validate` may be async.
#[proc_macro_attribute]
pub fn provider(options: TokenStream, item: TokenStream) -> TokenStream {
    provider::expand(options.into(), item.into()).into()
}

macro_rules! roles {
    ($block:literal: $($(#[$doc:meta])* $name:ident;)+) => {
        $(
            $(#[$doc])*
            #[proc_macro_attribute]
            pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
                role::outside(stringify!($name), $block, &item.into()).into()
            }
        )+
    };
}

roles! { "provider":
    /// Marks the method that builds and publishes what a provider offers, inside a block marked
    /// [`macro@provider`].
    ///
    /// Beside `&self` it may take the state by reference, `&BootContext<'_, S>`, and the providers
    /// that it depends on as `Arc<T>` or `Option<Arc<T>>`.
    boot;
    /// Marks the method that says whether a provider fits together with the rest, inside a block
    /// marked [`macro@provider`]. It is not async.
    validate;
    /// Marks the method that reads and checks what [`macro@reload`] will apply, inside a block marked
    /// [`macro@provider`].
    prepare;
    /// Marks the method that goes back to what was before the last [`macro@reload`], inside a block
    /// marked [`macro@provider`].
    revert;
    /// Marks the method that takes back what a provider has outside, inside a block marked
    /// [`macro@provider`].
    shutdown;
}

/// Marks what applies a change when the configuration is reloaded.
///
/// Inside a block marked [`macro@provider`] the provider is reloadable by it. Inside a block marked
/// [`macro@node`] or [`macro@methods`] it is a step of the node's own reload, after that of the
/// providers: it takes `&self` and returns `()` or a `Result<(), E>`; there may be several, which
/// run one by one. A node with such a step is reloaded in place, and goes on.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `order = 10` | in a node: steps of lower order come first; 0 by default |
#[proc_macro_attribute]
pub fn reload(_: TokenStream, item: TokenStream) -> TokenStream {
    let blocks = "node]` or `#[dig_service::provider";
    role::outside("reload", blocks, &item.into()).into()
}

roles! { "node":
    /// Marks work that is done again and again while the node runs, inside a block marked
    /// [`macro@node`] or [`macro@methods`].
    ///
    /// It takes `&self` and at most `&TaskContext`, is sync or async, and returns `()` or a
    /// `Result<(), E>`. Each is a supervised child of the service, called like the method: a round
    /// that panics is told and the rounds go on, after a delay.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use dig_service::NodeLifecycle;
    ///
    /// struct Node { interval: Duration }
    ///
    /// #[dig_service::node]
    /// impl Node {
    ///     #[task(every = "1m30s", jitter = "10%")]
    ///     async fn compact(&self) -> anyhow::Result<()> { Ok(()) }
    ///
    ///     #[task(every = Self::interval, initial_delay = "1s", name = "peer-check")]
    ///     fn check_peers(&self) {}
    ///
    ///     fn interval(&self) -> Duration { self.interval }
    /// }
    ///
    /// let names: Vec<_> = Node::tasks().iter().map(|task| task.name()).collect();
    /// assert_eq!(names, ["compact", "peer-check"]);
    /// ```
    ///
    /// # Options
    ///
    /// | option | meaning |
    /// |---|---|
    /// | `every = "10s"` | the period; or a `fn(&Self) -> Duration`, asked at the start and after each reload |
    /// | `initial_delay = "1s"` | when the first round begins; after one period by default |
    /// | `jitter = "10%"` | by which part of the period a round may begin later |
    /// | `missed = "skip"` | what becomes of rounds that were due during another: `"skip"`, `"burst"`, `"delay"` |
    /// | `on_error = "log"` | what follows an error: `"log"`, or `"stop"` for the end of the service with `Fatal` |
    /// | `kind = "maintenance"` | what it is shown as; or `"background_loop"`, `"peer_connection"`, `"rpc_handler"` |
    /// | `name = "gc"` | in place of the method's own |
    task;
    /// Marks work that lasts, and is started again when it ends, inside a block marked
    /// [`macro@node`] or [`macro@methods`].
    ///
    /// It takes `&self` and at most `&TaskContext`, whose token fires when the work is to end. Each
    /// is a supervised child of the service, called like the method.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::{NodeLifecycle, TaskContext};
    ///
    /// struct Node;
    ///
    /// #[dig_service::node]
    /// impl Node {
    ///     #[supervised(restart = "always", backoff("10ms", "5s"), max_restarts = 3, within = "1m")]
    ///     async fn sync(&self, cx: &TaskContext) -> anyhow::Result<()> {
    ///         cx.shutdown.cancelled().await; // the work goes here
    ///         Ok(())
    ///     }
    /// }
    ///
    /// assert_eq!(Node::tasks()[0].name(), "sync");
    /// ```
    ///
    /// # Options
    ///
    /// | option | meaning |
    /// |---|---|
    /// | `restart = "on_failure"` | after which ends it is started again: `"always"`, `"on_failure"`, `"never"` |
    /// | `backoff("100ms", "30s")` | the first and the longest delay before that |
    /// | `max_restarts = 5`, `within = "1m"` | how often within which time |
    /// | `give_up = "escalate"` | what follows one more: the service stops with `Fatal`; `"quarantine"`: it rests; `"ignore"`: it is left |
    /// | `kind = "background_loop"` | what it is shown as; see [`macro@task`] |
    /// | `name = "feed"` | in place of the method's own |
    supervised;
    /// Marks an RPC method, inside a block marked [`macro@node`] or [`macro@methods`].
    ///
    /// The method takes `&self` or nothing, is sync or async, and returns a value to send or a
    /// `Result` of one; which of the two is told by type, so an alias will do.
    ///
    /// # Examples
    ///
    /// ```
    /// use dig_service::{JsonRpcError, RpcApi, RpcContext};
    /// use serde_json::json;
    ///
    /// struct Node;
    ///
    /// #[dig_service::node]
    /// impl Node {
    ///     /// Joins two texts.
    ///     #[rpc(alias = "concat")]
    ///     fn join(
    ///         &self,
    ///         /// The first.
    ///         left: &str,
    ///         #[arg(default = "!")] right: &str,
    ///     ) -> String {
    ///         format!("{left}{right}")
    ///     }
    ///
    ///     #[rpc(params = "named")]
    ///     async fn page(&self, cx: &RpcContext, size: Option<u32>) -> Result<u32, JsonRpcError> {
    ///         Ok(size.unwrap_or(100))
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// assert_eq!(Node.dispatch("join", json!(["a", "b"])).await, Ok(json!("ab")));
    /// assert_eq!(Node.dispatch("concat", json!({ "left": "a" })).await, Ok(json!("a!")));
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Options
    ///
    /// | option | meaning |
    /// |---|---|
    /// | `name = "get"` | in place of the method's own; the namespace still stands before it |
    /// | `alias = "say"` | one more name, without the namespace; may be repeated |
    /// | `params = "named"` | how params may come: `"either"`, `"named"` or `"positional"` |
    /// | `lenient` | lets params pass that the method does not know |
    /// | `blocking` | a sync method that blocks: the worker's other tasks move on |
    /// | `hidden` | left out of listings |
    ///
    /// # Params
    ///
    /// | on an argument | meaning |
    /// |---|---|
    /// | `Option<T>` | may be left out |
    /// | `&str`, `&[u8]`, `View<'_>` | borrows from the params |
    /// | `&RpcContext`, or `#[ctx]` | is not a param: who calls, and through what |
    /// | `#[arg(name = "h", alias = "height")]` | its name, other names |
    /// | `#[arg(default)]`, `#[arg(default = 10)]` | may be left out |
    /// | `#[params]` | is made from all the params |
    rpc;
    /// Marks the hook that opens what must be there before anything else, inside a block marked
    /// [`macro@node`] or [`macro@methods`].
    ///
    /// It takes `&self` and at most `&StartContext<'_>`, and returns `()` or a `Result<(), E>`; so
    /// do all hooks, each with its context.
    pre_start;
    /// Marks the hook that runs when the transports are bound, inside a block marked
    /// [`macro@node`] or [`macro@methods`]. Its context is `&StartContext<'_>`.
    on_start;
    /// Marks the node's work, inside a block marked [`macro@node`] or [`macro@methods`]. Its context
    /// is `RunContext`; without this hook a node waits until it is told to stop.
    ///
    /// Inside a block marked [`macro@provider`] it marks the provider's long work, which may take the
    /// state by value and a `TaskContext`. An `async fn` runs on a clone of the provider; a `fn` that
    /// returns a future needs none.
    run;
    /// Marks the hook that runs when all tasks are joined, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    on_stop;
    /// Marks the hook that closes what `pre_start` opened, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    post_stop;
    /// Marks the hook that runs last on every path, inside a block marked [`macro@node`] or
    /// [`macro@methods`]. Its context is `&StopContext<'_>`.
    cleanup;
}
