//! What a part of a program implements.

use std::any::{Any, type_name};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;

use crate::decl::RestartPolicy;
use crate::registry::{BootContext, Dependencies, Error, Result};
use crate::tasks::TaskContext;

/// Where a provider stands among those that do not depend on one another; lower is earlier.
pub mod priority {
    /// Before all others.
    pub const FIRST: u8 = 0;
    /// Before most.
    pub const EARLY: u8 = 50;
    /// What a provider without a priority has.
    pub const NORMAL: u8 = 100;
    /// After most.
    pub const LATE: u8 = 150;
    /// After all others.
    pub const LAST: u8 = 255;
}

/// The long work of a [`Runnable`].
pub type TaskFuture = Pin<Box<dyn Future<Output = Result<()>> + Send + 'static>>;

/// Any type as `dyn Any`; what [`Provider::as_any`] does unless it is written out.
pub trait AsAny {
    /// Returns `self`.
    fn as_dyn_any(&self) -> &dyn Any;
}

impl<T: Any> AsAny for T {
    fn as_dyn_any(&self) -> &dyn Any {
        self
    }
}

/// A part of a program, registered once by its type.
///
/// Every hook has a default that does nothing. A hook may fail, panic, hang or block:
///
/// | a hook that | is |
/// |---|---|
/// | fails or panics | told with the provider's name; what follows is said at each hook |
/// | hangs | dropped at its timeout, or a grace after a stop was requested |
/// | blocks its thread | beyond reach from inside the process: it holds up those beside it, and a stop that has to wait for it is ended by the [watchdog](crate::ServiceBuilder::stop_watchdog) |
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> anyhow::Result<()> {
/// use std::sync::{Arc, OnceLock};
/// use async_trait::async_trait;
/// use dig_service::registry::{BootContext, Dependencies, Provider, Registry, Result};
///
/// #[derive(Default)]
/// struct Store {
///     path: OnceLock<String>,
/// }
///
/// #[async_trait]
/// impl Provider for Store {
///     async fn boot(&self, _: &()) -> Result<()> {
///         self.path.set("blocks.db".to_owned()).ok();
///         Ok(())
///     }
/// }
///
/// #[derive(Default)]
/// struct Cache {
///     store: OnceLock<Arc<Store>>,
/// }
///
/// #[async_trait]
/// impl Provider for Cache {
///     fn dependencies(&self) -> Dependencies {
///         Dependencies::new().requires::<Store>()
///     }
///
///     async fn boot_with(&self, cx: &BootContext<'_, ()>) -> Result<()> {
///         let store = cx.resolve::<Store>().expect("it is required, so it has booted");
///         self.store.set(store).ok();
///         Ok(())
///     }
/// }
///
/// let registry = Registry::new();
/// registry.insert(Arc::new(Cache::default())).insert(Arc::new(Store::default()));
/// registry.boot_all(&()).await?;
///
/// let cache = registry.resolve::<Cache>().expect("registered");
/// assert_eq!(cache.store.get().unwrap().path.get().unwrap(), "blocks.db");
/// registry.shutdown_all(&()).await?;
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no provider with the state `{S}`",
    label = "no provider",
    note = "mark an `impl` block of `{Self}` with `#[dig_service::provider(state = ..)]`, or \
            implement `Provider` for it"
)]
#[async_trait]
pub trait Provider<S: Send + Sync + 'static = ()>: Any + AsAny + Send + Sync {
    /// The name in errors, reports, logs and commands; unique. The type's name by default.
    fn name(&self) -> &'static str {
        type_name::<Self>()
    }

    /// The provider as `dyn Any`, for code that holds a `dyn Provider`.
    fn as_any(&self) -> &dyn Any {
        self.as_dyn_any()
    }

    /// Its place in the boot among those it does not depend on; [`priority::NORMAL`] by default.
    fn boot_priority(&self) -> Option<u8> {
        None
    }

    /// Its place among the [runnables](Runnable); [`priority::NORMAL`] by default.
    fn run_priority(&self) -> Option<u8> {
        None
    }

    /// The providers that are to be ready before this one boots.
    fn dependencies(&self) -> Dependencies {
        Dependencies::new()
    }

    /// Builds and publishes what the provider offers. Spawns nothing: long work is for
    /// [`Runnable`].
    ///
    /// # Errors
    ///
    /// An error fails the boot: what has booted is shut down in reverse, this one is not.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its timeout, and a grace after a stop was requested or a sibling
    /// has failed.
    async fn boot(&self, state: &S) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// As [`boot`](Self::boot), with what was declared as dependencies; this one is called, and
    /// calls `boot` by default.
    ///
    /// # Errors
    ///
    /// As for [`boot`](Self::boot).
    async fn boot_with(&self, cx: &BootContext<'_, S>) -> Result<()> {
        self.boot(cx.state()).await
    }

    /// Takes back what would be in the way of the next boot. Idempotent; called only after a boot
    /// that succeeded.
    ///
    /// # Errors
    ///
    /// An error is kept and told; the other providers are shut down all the same.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped at its timeout.
    async fn shutdown(&self, state: &S) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// Says whether the provider fits together with the rest, after all have booted.
    ///
    /// # Errors
    ///
    /// Errors of all providers are collected; any of them fails the start.
    fn validate(&self, state: &S) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// The provider as one that can be reloaded.
    fn as_reloadable(&self) -> Option<&dyn Reloadable<S>> {
        None
    }

    /// The provider as one that has long work.
    fn as_runnable(&self) -> Option<&dyn Runnable<S>> {
        None
    }

    /// How long [`boot`](Self::boot) may take; without it, until a stop is requested. Each hook of a
    /// reload may take as long; without it, a minute.
    fn boot_timeout(&self) -> Option<Duration> {
        None
    }

    /// How long [`shutdown`](Self::shutdown) may take. In a service, an even part of what is left of
    /// the share of all at most; otherwise four seconds, if there is none.
    fn shutdown_timeout(&self) -> Option<Duration> {
        None
    }
}

/// A provider that takes in changes without being made anew. A reload never changes which
/// providers exist.
#[async_trait]
pub trait Reloadable<S: Send + Sync + 'static = ()>: Send + Sync {
    /// Its place among the reloadables it does not depend on; [`priority::NORMAL`] by default.
    fn priority(&self) -> Option<u8> {
        None
    }

    /// Reads and checks what [`reload`](Self::reload) will apply. No effect outside.
    ///
    /// # Errors
    ///
    /// An error of any provider ends the reload before anything has changed.
    async fn prepare(&self, state: &S) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// Applies what was prepared: replace a snapshot in one step, so that no reader sees a part.
    ///
    /// # Errors
    ///
    /// An error ends the reload; what was applied before is [reverted](Self::revert).
    async fn reload(&self, state: &S) -> Result<()>;

    /// Goes back to what was before the last [`reload`](Self::reload).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] by default: then the provider stays as it is now, and the report says
    /// so.
    async fn revert(&self, state: &S) -> Result<()> {
        let _ = state;
        Err(Error::Unsupported)
    }
}

/// A provider with long work, the only legal place for it. Starts after all have booted.
///
/// `Ok` means that the work is done, as for one that is switched off. [`Error::recoverable`] is
/// logged and the service goes on; any other error and a panic stop the service with `Fatal`,
/// unless the [policy](Self::restart_policy) starts the work again.
pub trait Runnable<S: Send + Sync + 'static = ()>: Send + Sync {
    /// Makes the work. One that has only this is dropped as soon as a stop is requested.
    fn run(&self, state: S) -> TaskFuture;

    /// As [`run`](Self::run), with a token to end by; this one is called.
    fn run_with(&self, state: S, task: TaskContext) -> TaskFuture {
        let work = self.run(state);
        Box::pin(async move {
            tokio::select! {
                biased;
                result = work => result,
                () = task.shutdown.cancelled() => Ok(()),
            }
        })
    }

    /// Whether work that ended is started again; `Never` by default.
    ///
    /// It goes by the default [`Backoff`](crate::supervisor::Backoff) and
    /// [`Intensity`](crate::supervisor::Intensity): after about 100 ms the first time, twice as long
    /// each further time, and from the beginning once the work has run for a minute; the sixth end
    /// within a minute counts as under `Never`.
    fn restart_policy(&self) -> RestartPolicy {
        RestartPolicy::Never
    }
}

/// Shared state that is reloaded before the providers are.
#[async_trait]
pub trait ReloadState: Sized {
    /// Reads and checks what [`reload`](Self::reload) will apply. No effect outside.
    ///
    /// # Errors
    ///
    /// An error ends the reload before anything has changed.
    async fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// Applies what was prepared.
    ///
    /// # Errors
    ///
    /// An error ends the reload; no provider is reloaded.
    async fn reload(&self) -> Result<()>;

    /// Goes back to what was before the last [`reload`](Self::reload).
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] by default.
    async fn revert(&self) -> Result<()> {
        Err(Error::Unsupported)
    }
}

/// There is nothing to reload.
#[async_trait]
impl ReloadState for () {
    async fn reload(&self) -> Result<()> {
        Ok(())
    }
}
