//! What the code of `#[provider]` names.

use std::sync::Arc;

use super::HookResult;
use crate::registry::{BootContext, Error, Provider, Result};

/// Returns a dependency that was declared as required.
pub fn required<T: Provider<S>, S: Send + Sync + 'static>(
    cx: &BootContext<'_, S>,
) -> Result<Arc<T>> {
    cx.resolve().ok_or_else(|| cx.missing::<T>())
}

/// Ends a hook.
pub fn outcome(result: HookResult) -> Result<()> {
    result.map_err(Error::from_anyhow)
}

/// A provider that an `async fn` can work on for as long as it likes.
#[diagnostic::on_unimplemented(
    message = "the `async fn` marked `#[run]` works on a clone of `{Self}`, which cannot be cloned",
    label = "not `Clone`",
    note = "derive `Clone` for `{Self}` and keep what is shared in an `Arc`, or write a `fn` that \
            returns a future which borrows nothing"
)]
pub trait Shared {
    /// Clones the provider.
    #[must_use]
    fn share(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Shared for T {
    fn share(&self) -> Self {
        self.clone()
    }
}

/// Clones a provider.
pub fn shared<T: Shared>(provider: &T) -> T {
    provider.share()
}
