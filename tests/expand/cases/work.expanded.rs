//! Work that a node declares, on an `impl` block and on a struct.
use dig_service::TaskContext;
pub struct Node;
impl Node {
    async fn gc(&self) -> anyhow::Result<()> {
        Ok(())
    }
    async fn sync(&self, ctx: &TaskContext) -> anyhow::Result<()> {
        ctx.shutdown.cancelled().await;
        Ok(())
    }
    fn reopen(&self) {}
}
#[automatically_derived]
impl ::dig_service::__private::NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods
for Node {}
#[automatically_derived]
impl ::dig_service::NodeLifecycle for Node {
    fn tasks() -> &'static [::dig_service::TaskDecl<Self>]
    where
        Self: Sized,
    {
        const {
            &[
                ::dig_service::TaskDecl::every(
                        "gc",
                        ::dig_service::__private::Duration::from_millis(90000u64),
                        |__this, __ctx| ::dig_service::__private::boxed(async move {
                            let _ = __ctx;
                            let __r = Self::gc(&__this).await;
                            {
                                use ::dig_service::__private::{
                                    ResultKind as _, ValueKind as _,
                                };
                                (&__r).__dig_kind().hook(__r)
                            }
                        }),
                    )
                    .jitter(0.1f64),
                ::dig_service::TaskDecl::supervised(
                        "sync",
                        ::dig_service::__private::RestartPolicy::OnFailure,
                        |__this, __ctx| ::dig_service::__private::boxed(async move {
                            let __ctx = &__ctx;
                            let __r = Self::sync(&__this, __ctx).await;
                            {
                                use ::dig_service::__private::{
                                    ResultKind as _, ValueKind as _,
                                };
                                (&__r).__dig_kind().hook(__r)
                            }
                        }),
                    )
                    .max_restarts(
                        5u32,
                        ::dig_service::__private::Duration::from_millis(60000u64),
                    ),
            ]
        }
    }
    fn reloads() -> &'static [::dig_service::ReloadDecl<Self>]
    where
        Self: Sized,
    {
        const {
            &[
                ::dig_service::ReloadDecl::new(
                    "reopen",
                    10,
                    |__this| ::dig_service::__private::boxed(async move {
                        let __r = Self::reopen(__this);
                        {
                            use ::dig_service::__private::{
                                ResultKind as _, ValueKind as _,
                            };
                            (&__r).__dig_kind().hook(__r)
                        }
                    }),
                ),
            ]
        }
    }
}
#[automatically_derived]
impl ::dig_service::RpcApi for Node {
    fn dispatch<'__a, '__b, '__z>(
        &'__a self,
        __method: &'__b str,
        __params: ::dig_service::__private::Value,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::RpcResult>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        <Self as ::dig_service::RpcApi>::dispatch_cx(
            self,
            ::dig_service::RpcContext::LOCAL,
            __method,
            __params,
        )
    }
    fn dispatch_cx<'__a, '__b, '__c, '__z>(
        &'__a self,
        __cx: &'__b ::dig_service::RpcContext,
        __method: &'__c str,
        __params: ::dig_service::__private::Value,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::RpcResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        ::dig_service::__private::ready(::dig_service::__private::not_found(__method))
    }
    fn methods() -> &'static [::dig_service::MethodInfo]
    where
        Self: Sized,
    {
        const { &[] }
    }
}
pub struct Split;
#[automatically_derived]
impl ::dig_service::__private::NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods
for Split {}
#[automatically_derived]
impl ::dig_service::__private::NodeStruct for Split {
    type Rpc = ::dig_service::__private::Kept;
    type Lifecycle = ::dig_service::__private::Kept;
}
#[automatically_derived]
impl ::dig_service::NodeLifecycle for Split {
    fn pre_start<'__a, '__b, '__c, '__z>(
        &'__a self,
        __ctx: &'__b ::dig_service::StartContext<'__c>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.pre_start(self, __ctx)
    }
    fn on_start<'__a, '__b, '__c, '__z>(
        &'__a self,
        __ctx: &'__b ::dig_service::StartContext<'__c>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.on_start(self, __ctx)
    }
    fn run<'__a, '__z>(
        &'__a self,
        __ctx: ::dig_service::RunContext,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.run(self, __ctx)
    }
    fn on_stop<'__a, '__b, '__c, '__z>(
        &'__a self,
        __ctx: &'__b ::dig_service::StopContext<'__c>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.on_stop(self, __ctx)
    }
    fn post_stop<'__a, '__b, '__c, '__z>(
        &'__a self,
        __ctx: &'__b ::dig_service::StopContext<'__c>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.post_stop(self, __ctx)
    }
    fn cleanup<'__a, '__b, '__c, '__z>(
        &'__a self,
        __ctx: &'__b ::dig_service::StopContext<'__c>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::HookResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.cleanup(self, __ctx)
    }
    fn tasks() -> &'static [::dig_service::TaskDecl<Self>]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.tasks()
    }
    fn reloads() -> &'static [::dig_service::ReloadDecl<Self>]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.reloads()
    }
}
#[automatically_derived]
impl ::dig_service::RpcApi for Split {
    fn dispatch<'__a, '__b, '__z>(
        &'__a self,
        __method: &'__b str,
        __params: ::dig_service::__private::Value,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::RpcResult>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        <Self as ::dig_service::RpcApi>::dispatch_cx(
            self,
            ::dig_service::RpcContext::LOCAL,
            __method,
            __params,
        )
    }
    fn dispatch_cx<'__a, '__b, '__c, '__z>(
        &'__a self,
        __cx: &'__b ::dig_service::RpcContext,
        __method: &'__c str,
        __params: ::dig_service::__private::Value,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::__private::RpcResult>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.dispatch(self, __cx, __method, __params)
    }
    fn methods() -> &'static [::dig_service::MethodInfo]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Split::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.methods()
    }
}
impl Split {
    fn beat(&self) {}
    fn interval(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1)
    }
}
impl Split {
    #[doc(hidden)]
    pub(crate) const ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE: ::dig_service::__private::Table<
        Self,
    > = {
        ::dig_service::__private::declared_hooks::<Self>();
        let __table = ::dig_service::__private::Table::new();
        let __table = __table
            .with_tasks(const {
                &[
                    ::dig_service::TaskDecl::asked(
                        "beat",
                        Self::interval,
                        |__this, __ctx| ::dig_service::__private::boxed(async move {
                            let _ = __ctx;
                            let __r = Self::beat(&__this);
                            {
                                use ::dig_service::__private::{
                                    ResultKind as _, ValueKind as _,
                                };
                                (&__r).__dig_kind().hook(__r)
                            }
                        }),
                    ),
                ]
            });
        __table
    };
}
fn main() {}
