//! A node on an `impl` block.
use dig_service::{JsonRpcError, RpcContext, StartContext};
pub struct Node<S> {
    store: S,
}
impl<S> Node<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Gets a block.
    pub async fn get_block(
        &self,
        height: u64,
        full: Option<bool>,
    ) -> Result<Option<u64>, JsonRpcError> {
        let _ = (&self.store, full);
        Ok(Some(height))
    }
    #[deprecated]
    fn echo(&self, text: &str, times: usize) -> String {
        text.repeat(times)
    }
    async fn caller(&self, ctx: &RpcContext) -> bool {
        ctx.peer().is_some()
    }
    async fn warm(&self, ctx: &StartContext<'_>) -> Result<(), std::fmt::Error> {
        let _ = ctx.name;
        Ok(())
    }
    fn flush(&self) {}
    fn helper(&self) -> u64 {
        7
    }
}
#[automatically_derived]
impl<S> ::dig_service::__private::NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods
for Node<S>
where
    S: Clone + Send + Sync + 'static,
{}
#[automatically_derived]
impl<S> ::dig_service::NodeLifecycle for Node<S>
where
    S: Clone + Send + Sync + 'static,
{
    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(
        "fullnode",
    );
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
        ::dig_service::__private::boxed(async move {
            let __r = Self::warm(self, __ctx).await;
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                (&__r).__dig_kind().hook(__r)
            }
        })
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
        ::dig_service::__private::boxed(async move {
            let __r = Self::flush(self);
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                (&__r).__dig_kind().hook(__r)
            }
        })
    }
}
#[automatically_derived]
impl<S> ::dig_service::RpcApi for Node<S>
where
    S: Clone + Send + Sync + 'static,
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
        match __method {
            "chain.get_block" => {
                ::dig_service::__private::boxed(async move {
                    let mut __s = ::dig_service::__private::Slots::<
                        2usize,
                    >::new(__params, &["height", "full"])?;
                    let __a0 = (&mut __s).take::<u64>(0usize, "height")?;
                    let __a1 = (&mut __s).take_opt::<Option<bool>>(1usize, "full")?;
                    let __r = Self::get_block(self, __a0, __a1).await;
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
            "chain.echo" | "say" => {
                ::dig_service::__private::boxed(async move {
                    let mut __s = ::dig_service::__private::Slots::<
                        2usize,
                    >::shaped(
                        __params,
                        const {
                            &::dig_service::__private::Shape::new(&["text", "times"])
                                .lenient()
                        },
                    )?;
                    let __a1 = (&mut __s).take_or::<usize>(1usize, "times", || 1)?;
                    let __a0 = (&__s).borrow::<&str>(0usize, "text")?;
                    #[allow(deprecated)]
                    let __r = Self::echo(self, __a0, __a1);
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
            "chain.caller" => {
                ::dig_service::__private::boxed(async move {
                    ::dig_service::__private::Slots::<0usize>::new(__params, &[])?;
                    let __r = Self::caller(self, __cx).await;
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
        }
    }
    fn methods() -> &'static [::dig_service::MethodInfo]
    where
        Self: Sized,
    {
        const {
            &[
                ::dig_service::MethodInfo::new(
                    "chain.get_block",
                    "Gets a block.",
                    const {
                        &[
                            ::dig_service::ParamInfo::new(
                                "height",
                                "Height of the block.",
                                true,
                            ),
                            ::dig_service::ParamInfo::new("full", "", false),
                        ]
                    },
                ),
                ::dig_service::MethodInfo::new(
                        "chain.echo",
                        "",
                        const {
                            &[
                                ::dig_service::ParamInfo::new("text", "", true),
                                ::dig_service::ParamInfo::new("times", "", false),
                            ]
                        },
                    )
                    .with_aliases(&["say"])
                    .with_deprecation(""),
                ::dig_service::MethodInfo::new("chain.caller", "", const { &[] }),
            ]
        }
    }
}
fn main() {}
