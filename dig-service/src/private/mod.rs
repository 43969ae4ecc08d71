//! What generated code names. Not for use by hand: it may change in any release.
//!
//! | item | what the macros do with it |
//! |---|---|
//! | [`boxed`], [`ready`], [`in_place`], [`within`] | make the futures of the traits |
//! | [`fn@admin`], [`is_admin`], [`ADMIN_METHODS`] | answer the methods of the tier `admin` |
//! | [`run_main`], [`MainConfig`] | run a program |
//! | [`Probe`], [`no_result`] | tell `Result`s by type where there is no value |
//! | `discover`, `Described` | describe the methods of a node with `discover`; feature `openrpc` |
//! | [`Params`], [`call`], [`received`], [`notify`], [`subscribe`], [`subscribed`] | make the calls of a client |
//! | [`Group`], [`joined`], [`distinct`] | hold the methods of further blocks |
//! | [`Slots`], [`Whole`], [`Shape`] | read the params of a call |
//! | [`ResultKind`], [`ValueKind`] | tell `Result`s from plain values by type |
//! | [`rpc_error`] and its parts | map an error in `#[derive(RpcError)]` |
//! | [`required`], [`outcome`], [`shared`] | make the hooks of a provider |
//! | [`items_of`], [`unsubscribe`] | open and end subscriptions |
//! | [`Table`], [`TableDefault`] | join a `#[node]` struct and its `#[methods]` |

mod admin;
mod client;
#[cfg(feature = "openrpc")]
mod describe;
mod error;
mod future;
mod group;
mod kind;
mod node;
mod provider;
mod subscription;
mod table;

pub use dig_rpc_types::envelope::JsonRpcError;
pub use dig_rpc_types::errors::ErrorCode;
pub use serde_json::Value;
pub use std::borrow::ToOwned;
pub use std::time::Duration;

pub use self::admin::{ADMIN_METHODS, admin, is_admin};
pub use self::client::{
    Params, ReceivedResult, ReturnType, SentParam, call, notify, received, subscribe, subscribed,
};
#[cfg(feature = "openrpc")]
pub use self::describe::{About, Described, discover};
pub use self::error::{
    SentField, data, display, error_code, field_value, named_fields, plain_fields, read_named,
    read_plain, rpc_error, text,
};
pub use self::future::{BoxFut, HookResult, RpcResult, boxed, in_place, not_found, ready, within};
pub use self::group::{Group, distinct, joined};
pub use self::kind::{Reply, ResultKind, ResultTag, ValueKind, ValueTag};
pub use self::node::{
    Kept, Left, LifecycleHalf, NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods, NodeStruct,
    RpcHalf, declared, declared_both, declared_hooks, declared_rpc,
};
pub use self::provider::{Shared, outcome, required, shared};
pub use self::subscription::{
    Items, ResultItems, Subscribable, ValueItems, items_of, subscribable, unsubscribe,
};
pub use self::table::{Table, TableDefault};
pub use crate::control::{ExitCodes, SignalExit};
pub use crate::decl::{MissedTick, OnError, OnGiveUp, RestartPolicy};
pub use crate::entry::{Ending, MainConfig, MainError, run_main};
pub use crate::rpc::probe::{
    NoResult, Probe, ResultProbe, ResultProbed, ValueProbe, ValueProbed, no_result,
};
pub use crate::rpc::{BorrowedParam, Param, Shape, Slots, Whole};
pub use crate::tasks::TaskKind;
