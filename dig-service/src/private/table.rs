//! The table that joins a `#[node]` struct and its `#[methods]`.
//!
//! `#[methods]` emits an inherent constant of this type; the struct's trait impls call through the
//! constant, named by the bare type name. [`TableDefault`] supplies one that does nothing for a
//! struct without `#[methods]`. As an inherent constant is preferred to a trait's whether or not its
//! bounds hold, a block with stricter bounds is an error and never a silent default.

use std::fmt;

use serde_json::Value;

use super::future::{BoxFut, HookResult, RpcResult, boxed, not_found, ready};
use crate::lifecycle::{ReloadDecl, RunContext, StartContext, StopContext, TaskDecl};
use crate::rpc::{MethodInfo, RpcContext};

type StartHook<N> = for<'z> fn(&'z N, &'z StartContext<'z>) -> BoxFut<'z, HookResult>;
type RunHook<N> = for<'z> fn(&'z N, RunContext) -> BoxFut<'z, HookResult>;
type StopHook<N> = for<'z> fn(&'z N, &'z StopContext<'z>) -> BoxFut<'z, HookResult>;
type Dispatch<N> = for<'z> fn(&'z N, &'z RpcContext, &'z str, Value) -> BoxFut<'z, RpcResult>;

/// The behaviour of a node of type `N`.
pub struct Table<N: 'static> {
    pre_start: StartHook<N>,
    on_start: StartHook<N>,
    run: RunHook<N>,
    on_stop: StopHook<N>,
    post_stop: StopHook<N>,
    cleanup: StopHook<N>,
    dispatch: Dispatch<N>,
    methods: fn() -> &'static [MethodInfo],
    tasks: &'static [TaskDecl<N>],
    reloads: &'static [ReloadDecl<N>],
}

/// Supplies the table of a struct without `#[methods]`.
pub trait TableDefault: Sized + 'static {
    /// A table that does nothing. Called like the constant that `#[methods]` emits.
    const ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE: Table<Self> = Table::new();
}

impl<N: 'static> TableDefault for N {}

impl<N: 'static> Table<N> {
    /// A table that does nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            pre_start: |_, _| ready(Ok(())),
            on_start: |_, _| ready(Ok(())),
            run: |_, ctx| {
                boxed(async move {
                    ctx.shutdown.cancelled().await;
                    Ok(())
                })
            },
            on_stop: |_, _| ready(Ok(())),
            post_stop: |_, _| ready(Ok(())),
            cleanup: |_, _| ready(Ok(())),
            dispatch: |_, _, method, _| ready(not_found(method)),
            methods: || &[],
            tasks: &[],
            reloads: &[],
        }
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_pre_start(mut self, hook: StartHook<N>) -> Self {
        self.pre_start = hook;
        self
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_on_start(mut self, hook: StartHook<N>) -> Self {
        self.on_start = hook;
        self
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_run(mut self, hook: RunHook<N>) -> Self {
        self.run = hook;
        self
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_on_stop(mut self, hook: StopHook<N>) -> Self {
        self.on_stop = hook;
        self
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_post_stop(mut self, hook: StopHook<N>) -> Self {
        self.post_stop = hook;
        self
    }

    /// Sets a hook.
    #[must_use]
    pub const fn with_cleanup(mut self, hook: StopHook<N>) -> Self {
        self.cleanup = hook;
        self
    }

    /// Sets the RPC methods.
    #[must_use]
    pub const fn with_rpc(
        mut self,
        dispatch: Dispatch<N>,
        methods: fn() -> &'static [MethodInfo],
    ) -> Self {
        self.dispatch = dispatch;
        self.methods = methods;
        self
    }

    /// Sets the children.
    #[must_use]
    pub const fn with_tasks(mut self, tasks: &'static [TaskDecl<N>]) -> Self {
        self.tasks = tasks;
        self
    }

    /// Sets the steps of a reload.
    #[must_use]
    pub const fn with_reloads(mut self, reloads: &'static [ReloadDecl<N>]) -> Self {
        self.reloads = reloads;
        self
    }

    /// Returns the children.
    pub const fn tasks(self) -> &'static [TaskDecl<N>] {
        self.tasks
    }

    /// Returns the steps of a reload.
    pub const fn reloads(self) -> &'static [ReloadDecl<N>] {
        self.reloads
    }

    /// Calls a hook.
    pub fn pre_start<'z>(self, node: &'z N, ctx: &'z StartContext<'z>) -> BoxFut<'z, HookResult> {
        (self.pre_start)(node, ctx)
    }

    /// Calls a hook.
    pub fn on_start<'z>(self, node: &'z N, ctx: &'z StartContext<'z>) -> BoxFut<'z, HookResult> {
        (self.on_start)(node, ctx)
    }

    /// Calls a hook.
    pub fn run(self, node: &N, ctx: RunContext) -> BoxFut<'_, HookResult> {
        (self.run)(node, ctx)
    }

    /// Calls a hook.
    pub fn on_stop<'z>(self, node: &'z N, ctx: &'z StopContext<'z>) -> BoxFut<'z, HookResult> {
        (self.on_stop)(node, ctx)
    }

    /// Calls a hook.
    pub fn post_stop<'z>(self, node: &'z N, ctx: &'z StopContext<'z>) -> BoxFut<'z, HookResult> {
        (self.post_stop)(node, ctx)
    }

    /// Calls a hook.
    pub fn cleanup<'z>(self, node: &'z N, ctx: &'z StopContext<'z>) -> BoxFut<'z, HookResult> {
        (self.cleanup)(node, ctx)
    }

    /// Calls an RPC method.
    pub fn dispatch<'z>(
        self,
        node: &'z N,
        cx: &'z RpcContext,
        method: &'z str,
        params: Value,
    ) -> BoxFut<'z, RpcResult> {
        (self.dispatch)(node, cx, method, params)
    }

    /// Returns the RPC methods.
    #[must_use]
    pub fn methods(self) -> &'static [MethodInfo] {
        (self.methods)()
    }
}

impl<N: 'static> Default for Table<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: 'static> fmt::Debug for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("methods", &(self.methods)())
            .finish_non_exhaustive()
    }
}
