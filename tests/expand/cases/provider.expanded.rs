use std::sync::Arc;
use dig_service::registry::BootContext;
use dig_service::TaskContext;
pub struct Config;
pub struct Store;
impl Store {
    fn open(&self, config: &Config) -> anyhow::Result<()> {
        let _ = config;
        Ok(())
    }
    fn check(&self) {}
    async fn close(&self) {}
}
#[automatically_derived]
impl ::dig_service::registry::Provider<Config> for Store {
    fn name(&self) -> &'static str {
        "store"
    }
    fn boot_priority(&self) -> ::core::option::Option<u8> {
        ::core::option::Option::Some(50)
    }
    fn shutdown_timeout(
        &self,
    ) -> ::core::option::Option<::dig_service::__private::Duration> {
        ::core::option::Option::Some(
            ::dig_service::__private::Duration::from_millis(2000u64),
        )
    }
    fn boot_with<'__a, '__b, '__c, '__z>(
        &'__a self,
        __cx: &'__b ::dig_service::registry::BootContext<'__c, Config>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::open(self, __cx.state());
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
    fn validate(&self, __state: &Config) -> ::dig_service::registry::Result<()> {
        let __r = Self::check(self);
        {
            use ::dig_service::__private::{ResultKind as _, ValueKind as _};
            ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
        }
    }
    fn shutdown<'__a, '__b, '__z>(
        &'__a self,
        __state: &'__b Config,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::close(self).await;
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
}
pub struct Cache;
#[automatically_derived]
impl ::core::clone::Clone for Cache {
    #[inline]
    fn clone(&self) -> Cache {
        Cache
    }
}
impl Cache {
    async fn fill(
        &self,
        cx: &BootContext<'_, Config>,
        store: Arc<Store>,
        none: Option<Arc<Missing>>,
    ) {
        let _ = (cx, store, none);
    }
    async fn read(&self, config: &Config) -> std::io::Result<()> {
        let _ = config;
        Ok(())
    }
    fn apply(&self) {}
    fn undo(&self) {}
    async fn follow(&self, config: Config, task: TaskContext) {
        let _ = (config, task);
    }
}
#[automatically_derived]
impl ::dig_service::registry::Provider<Config> for Cache {
    fn dependencies(&self) -> ::dig_service::registry::Dependencies {
        ::dig_service::registry::Dependencies::new()
            .requires::<Store>()
            .optional::<Missing>()
    }
    fn boot_with<'__a, '__b, '__c, '__z>(
        &'__a self,
        __cx: &'__b ::dig_service::registry::BootContext<'__c, Config>,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        '__c: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::fill(
                    self,
                    __cx,
                    ::dig_service::__private::required::<Store, _>(__cx)?,
                    __cx.resolve::<Missing>(),
                )
                .await;
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
    fn as_reloadable(
        &self,
    ) -> ::core::option::Option<&dyn ::dig_service::registry::Reloadable<Config>> {
        ::core::option::Option::Some(self)
    }
    fn as_runnable(
        &self,
    ) -> ::core::option::Option<&dyn ::dig_service::registry::Runnable<Config>> {
        ::core::option::Option::Some(self)
    }
}
#[automatically_derived]
impl ::dig_service::registry::Reloadable<Config> for Cache {
    fn priority(&self) -> ::core::option::Option<u8> {
        ::core::option::Option::Some(150)
    }
    fn prepare<'__a, '__b, '__z>(
        &'__a self,
        __state: &'__b Config,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::read(self, __state).await;
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
    fn reload<'__a, '__b, '__z>(
        &'__a self,
        __state: &'__b Config,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::apply(self);
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
    fn revert<'__a, '__b, '__z>(
        &'__a self,
        __state: &'__b Config,
    ) -> ::dig_service::__private::BoxFut<'__z, ::dig_service::registry::Result<()>>
    where
        '__a: '__z,
        '__b: '__z,
        Self: '__z,
    {
        ::dig_service::__private::boxed(async move {
            let __r = Self::undo(self);
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
}
#[automatically_derived]
impl ::dig_service::registry::Runnable<Config> for Cache {
    fn run(&self, _: Config) -> ::dig_service::registry::TaskFuture {
        {
            ::core::panicking::panic_fmt(
                format_args!(
                    "internal error: entered unreachable code: {0}",
                    format_args!("`run_with` is called")
                ),
            );
        }
    }
    fn run_with(
        &self,
        __state: Config,
        __cx: ::dig_service::TaskContext,
    ) -> ::dig_service::registry::TaskFuture {
        let __this = ::dig_service::__private::shared(self);
        ::dig_service::__private::boxed(async move {
            let __r = Self::follow(&__this, __state, __cx).await;
            {
                use ::dig_service::__private::{ResultKind as _, ValueKind as _};
                ::dig_service::__private::outcome((&__r).__dig_kind().hook(__r))
            }
        })
    }
    fn restart_policy(&self) -> ::dig_service::supervisor::RestartPolicy {
        ::dig_service::supervisor::RestartPolicy::OnFailure
    }
}
pub struct Missing;
impl Missing {}
#[automatically_derived]
impl ::dig_service::registry::Provider<Config> for Missing {}
fn main() {}
