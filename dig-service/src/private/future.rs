//! The futures of the traits, in the shape that `async-trait` gives them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;
use serde_json::Value;
use tokio::runtime::{Handle, RuntimeFlavor};

/// What the traits' methods return.
pub type BoxFut<'z, T> = Pin<Box<dyn Future<Output = T> + Send + 'z>>;

/// What a hook gives.
pub type HookResult = anyhow::Result<()>;

/// What a call gives.
pub type RpcResult = Result<Value, JsonRpcError>;

/// Boxes a future.
pub fn boxed<'z, F: Future + Send + 'z>(future: F) -> BoxFut<'z, F::Output> {
    Box::pin(future)
}

/// Boxes a value.
pub fn ready<'z, T: Send + 'z>(value: T) -> BoxFut<'z, T> {
    Box::pin(std::future::ready(value))
}

/// Runs code that blocks; on a multi-thread runtime the other tasks of this worker move on.
pub fn in_place<T>(block: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(block),
        // A current-thread runtime has no other worker, and `block_in_place` panics there.
        _ => block(),
    }
}

/// Boxes a call that may take so many milliseconds; the timer is made only if it does not end at once.
pub fn within<'z, F>(millis: u64, call: F) -> BoxFut<'z, RpcResult>
where
    F: Future<Output = RpcResult> + Send + 'z,
{
    let limit = Duration::from_millis(millis);
    Box::pin(async move {
        tokio::select! {
            // The call first: what it returned counts, even if its time ran out in that moment.
            biased;
            result = call => result,
            () = async { tokio::time::sleep(limit).await } => {
                tracing::warn!(?limit, "call timed out");
                let error = JsonRpcError::new(ErrorCode::InternalError, "the call took too long");
                Err(error.with_data("timeout"))
            }
        }
    })
}

/// Answers a call of a method that does not exist.
#[cold]
pub fn not_found(method: &str) -> RpcResult {
    let message = format!("method `{method}` not found");
    Err(JsonRpcError::new(ErrorCode::MethodNotFound, message))
}
