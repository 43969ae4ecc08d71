//! User types that are called like those in the code for work, clients and providers.
#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

struct Arc;
struct Box;
struct Result;
struct Vec;
struct TaskKind;
struct MissedTick;
struct OnError;
struct OnGiveUp;
struct RestartPolicy;
struct TaskDecl;
struct ReloadDecl;
struct Group;
struct Value;
struct Some;
struct None;
struct Ok;
struct Err;
struct Pin;
struct Instant;
struct Provider;
struct Registry;
struct TaskContext;
struct RpcContext;

#[derive(serde::Deserialize, serde::Serialize, dig_service::schemars::JsonSchema)]
#[schemars(crate = "dig_service::schemars")]
struct Duration(u8);

#[derive(serde::Deserialize, serde::Serialize, dig_service::schemars::JsonSchema)]
#[schemars(crate = "dig_service::schemars")]
struct Local(u8);

#[derive(serde::Deserialize, serde::Serialize, dig_service::schemars::JsonSchema)]
#[schemars(crate = "dig_service::schemars")]
struct Option(u8);

#[derive(serde::Deserialize, serde::Serialize, dig_service::schemars::JsonSchema)]
#[schemars(crate = "dig_service::schemars")]
struct Params(u8);

#[derive(serde::Deserialize, serde::Serialize, dig_service::schemars::JsonSchema)]
#[schemars(crate = "dig_service::schemars")]
struct String(u8);

trait Clone {}
trait Debug {}
trait Default {}
trait From {}
trait Future {}
trait Into {}
trait Send {}
trait Sync {}
trait ToOwned {}

/// A trait with the names of methods that are called.
trait Named {
    fn kind(&self) {}
    fn name(&self) {}
    fn jitter(&self) {}
    fn missed(&self) {}
    fn on_error(&self) {}
    fn backoff(&self) {}
    fn max_restarts(&self) {}
    fn give_up(&self) {}
    fn initial_delay(&self) {}
    fn with(&self) {}
    fn with_optional(&self) {}
    fn with_given(&self) {}
    fn call(&self) {}
    fn split(&self) {}
    fn methods(&self) {}
}

impl<T: ?Sized> Named for T {}

struct Node;

#[dig_service::node(
    name = "hostile",
    admin,
    discover,
    client = Client,
    groups(more, r#mod, More)
)]
impl Node {
    #[rpc]
    async fn get(&self, __p: u8, params: u8, #[arg(default)] limit: u8) -> u8 {
        __p + params + limit
    }

    #[rpc]
    fn maybe(&self, x: std::option::Option<u8>) -> core::result::Result<u8, Fault> {
        x.ok_or(Fault)
    }

    #[rpc(notification)]
    fn note(&self, text: &str) {
        let _ = text;
    }

    #[rpc]
    fn own(&self, a: Duration, b: Params, c: Option, #[arg(default = String(4))] d: String) -> Local {
        Local(a.0 + b.0 + c.0 + d.0)
    }

    #[rpc(timeout = "1s")]
    async fn slow(&self) {}

    #[rpc(blocking)]
    fn blocks(&self) {}

    #[task(
        every = "10s",
        initial_delay = "1s",
        jitter = "10%",
        missed = "delay",
        on_error = "stop",
        kind = "rpc_handler",
        name = "gc"
    )]
    async fn tasks(&self, cx: &dig_service::TaskContext) -> std::io::Result<()> {
        let _ = cx.name;
        core::result::Result::Ok(())
    }

    #[task(every = Self::every)]
    fn __this(&self) {}

    #[supervised(
        restart = "always",
        backoff("10ms", "5s"),
        max_restarts = 3,
        within = "10m",
        give_up = "quarantine",
        kind = "peer_connection",
        name = "feed"
    )]
    async fn supervise(&self, __ctx: &dig_service::TaskContext) -> anyhow::Result<()> {
        __ctx.shutdown.cancelled().await;
        core::result::Result::Ok(())
    }

    #[reload(order = -1)]
    async fn reloads(&self) -> core::result::Result<(), std::fmt::Error> {
        core::result::Result::Ok(())
    }

    #[reload]
    fn again(&self) {}

    fn every(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1)
    }
}

#[dig_service::rpc_group(more, namespace = "more", discover, client = MoreClient)]
impl Node {
    #[rpc]
    fn count(&self) -> usize {
        1
    }
}

// Names of groups that differ in case are two names.
#[dig_service::rpc_group(More, namespace = "most", discover)]
impl Node {
    #[rpc]
    fn count_all(&self) -> usize {
        2
    }
}

#[dig_service::rpc_group(r#mod, discover)]
impl Node {
    #[rpc]
    fn r#type(&self) -> bool {
        true
    }
}

#[derive(Debug, dig_service::RpcError)]
#[rpc_error(code = 1)]
struct Fault;

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("x")
    }
}

struct Store;

#[dig_service::provider(name = "store", state = u8, boot_timeout = "1s", shutdown_timeout = "1s")]
impl Store {
    #[boot]
    async fn boot(&self) {}

    #[reload]
    fn reload(&self) {}

    #[shutdown]
    async fn shutdown(&self) {}
}

struct Cold;

#[dig_service::provider(state = u8)]
impl Cold {}

#[derive(core::clone::Clone)]
struct Cache;

#[dig_service::provider(restart = "on_failure", state = u8)]
impl Cache {
    #[boot]
    fn fill(&self, state: &u8, store: std::sync::Arc<Store>, none: std::option::Option<std::sync::Arc<Cold>>) {
        let _ = (state, store, none);
    }

    #[validate]
    fn check(&self) -> anyhow::Result<()> {
        core::result::Result::Ok(())
    }

    #[prepare]
    async fn read(&self) {}

    #[reload]
    async fn apply(&self) -> anyhow::Result<()> {
        core::result::Result::Ok(())
    }

    #[revert]
    fn undo(&self) {}

    #[run]
    async fn run(&self, task: dig_service::TaskContext) {
        task.shutdown.cancelled().await;
    }
}

#[dig_service::dig_main(flavor = "current_thread", signals = "none", shutdown_timeout = "1s")]
async fn main() {
    let _ = dig_service::Service::for_node(Node);
    let client = Client::new(dig_service::client::Local::new(std::sync::Arc::new(Node)));
    assert_eq!(client.get(1, 2, core::option::Option::None).await.unwrap(), 3);
    assert!(client.maybe(core::option::Option::None).await.is_err());
    let own = client.own(Duration(1), Params(2), Option(3), core::option::Option::None);
    assert_eq!(own.await.unwrap().0, 10);
    client.note("x").await.unwrap();
    let more = MoreClient::new(dig_service::client::Local::new(std::sync::Arc::new(Node)));
    assert_eq!(more.count().await.unwrap(), 1);
}
