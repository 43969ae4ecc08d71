//! A node on a struct, and its methods.
pub struct Relay<S: Send + Sync + 'static = u8>(S);
#[automatically_derived]
impl<
    S: Send + Sync + 'static,
> ::dig_service::__private::NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods
for Relay<S>
where
    S: Clone,
{}
#[automatically_derived]
impl<S: Send + Sync + 'static> ::dig_service::__private::NodeStruct for Relay<S>
where
    S: Clone,
{
    type Rpc = ::dig_service::__private::Kept;
    type Lifecycle = ::dig_service::__private::Kept;
}
#[automatically_derived]
impl<S: Send + Sync + 'static> ::dig_service::NodeLifecycle for Relay<S>
where
    S: Clone,
{
    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "relay",
    );
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.cleanup(self, __ctx)
    }
    fn tasks() -> &'static [::dig_service::TaskDecl<Self>]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.tasks()
    }
    fn reloads() -> &'static [::dig_service::ReloadDecl<Self>]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.reloads()
    }
}
#[automatically_derived]
impl<S: Send + Sync + 'static> ::dig_service::RpcApi for Relay<S>
where
    S: Clone,
{
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
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.dispatch(self, __cx, __method, __params)
    }
    fn methods() -> &'static [::dig_service::MethodInfo]
    where
        Self: Sized,
    {
        use ::dig_service::__private::TableDefault as _;
        let __table: ::dig_service::__private::Table<Self> = Relay::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;
        __table.methods()
    }
}
impl<S: Clone + Send + Sync + 'static> Relay<S> {
    fn peer_count(&self, filter: Vec<u8>) -> usize {
        filter.len()
    }
    async fn work(&self) {}
}
impl<S: Clone + Send + Sync + 'static> Relay<S> {
    #[doc(hidden)]
    pub(crate) const ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE: ::dig_service::__private::Table<
        Self,
    > = {
        ::dig_service::__private::declared_both::<Self>();
        let __table = ::dig_service::__private::Table::new();
        let __table = __table
            .with_run(|__this, __ctx| ::dig_service::__private::boxed(async move {
                let __r = Self::work(__this).await;
                {
                    use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                    (&__r).__dig_kind().hook(__r)
                }
            }));
        let __table = __table
            .with_rpc(
                |__this, __cx, __method, __params| match __method {
                    "peerCount" => {
                        ::dig_service::__private::boxed(async move {
                            let __s = ::dig_service::__private::Whole::new(__params)?;
                            let __a0 = __s.take::<Vec<u8>>()?;
                            let __r = Self::peer_count(__this, __a0);
                            {
                                let __k = {
                                    use ::dig_service::__private::{
                                        ResultKind as _, ValueKind as _,
                                    };
                                    (&__r).__dig_kind()
                                };
                                match __k.split(__r) {
                                    ::core::result::Result::Ok(__v) => __k.ok(__v),
                                    ::core::result::Result::Err(__e) => __k.err(__e),
                                }
                            }
                        })
                    }
                    _ => {
                        ::dig_service::__private::ready(
                            ::dig_service::__private::not_found(__method),
                        )
                    }
                },
                || const {
                    &[::dig_service::MethodInfo::new("peerCount", "", const { &[] })]
                },
            );
        __table
    };
}
fn main() {}
