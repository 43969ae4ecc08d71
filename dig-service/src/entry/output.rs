//! What a program's `main` may return.

use std::future::Future;
use std::sync::Arc;

use crate::control::ExitReport;
use crate::error::Result as ServiceResult;
use crate::lifecycle::NodeLifecycle;
use crate::peer::PeerApi;
use crate::rpc::RpcApi;
use crate::service::{Service, ServiceBuilder};
use crate::shutdown::ExitStatus;

/// What an `async fn main` under `#[dig_main]` may return.
///
/// A [`Service`] or a [`ServiceBuilder`], which is then run; an [`ExitStatus`], if `main` ran the
/// service itself; `()`, if there was none; and `Option` or `Result` of these. `None` is `()`; an
/// error is printed with its chain and fails the program.
#[diagnostic::on_unimplemented(
    message = "`#[dig_main]` cannot run `{Self}`",
    label = "not a service, nor the outcome of one",
    note = "return a `Service`, a `ServiceBuilder`, an `ExitStatus`, `()`, or an `Option` or a \
            `Result` of one of these"
)]
pub trait MainOutput: Sized {
    /// Brings the program to its end.
    #[doc(hidden)]
    fn finish(self) -> impl Future<Output = Ending>;
}

/// An error that `main` may return under `#[dig_main]`: whatever `?` turns into an `anyhow::Error`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a `main` under `#[dig_main]`",
    label = "not an error that keeps its causes",
    note = "return `anyhow::Result<..>`; `?` turns any error into an `anyhow::Error`"
)]
#[doc(hidden)]
pub trait MainError {
    /// Makes the error that is printed.
    fn into_error(self) -> anyhow::Error;
}

#[diagnostic::do_not_recommend]
impl<E: Into<anyhow::Error>> MainError for E {
    fn into_error(self) -> anyhow::Error {
        self.into()
    }
}

/// How a program ended.
#[doc(hidden)]
#[derive(Debug)]
pub enum Ending {
    /// There was no service to run.
    Done,
    /// A service ran.
    Ran(ServiceResult<ExitStatus>, Option<Box<ExitReport>>),
    /// `main` failed: there was no service, or it ran one itself.
    Failed(Arc<anyhow::Error>),
}

impl<N: NodeLifecycle, A: PeerApi, R: RpcApi> MainOutput for Service<N, A, R> {
    async fn finish(self) -> Ending {
        let handle = self.handle();
        let result = self.start().await;
        Ending::Ran(result, handle.exit_report().map(Box::new))
    }
}

impl<N: NodeLifecycle, A: PeerApi, R: RpcApi> MainOutput for ServiceBuilder<N, A, R> {
    async fn finish(self) -> Ending {
        self.build().finish().await
    }
}

impl MainOutput for ExitStatus {
    async fn finish(self) -> Ending {
        Ending::Ran(Ok(self), None)
    }
}

impl MainOutput for () {
    async fn finish(self) -> Ending {
        Ending::Done
    }
}

impl<T: MainOutput> MainOutput for Option<T> {
    async fn finish(self) -> Ending {
        match self {
            Some(output) => output.finish().await,
            None => Ending::Done,
        }
    }
}

impl<T: MainOutput, E: MainError> MainOutput for Result<T, E> {
    async fn finish(self) -> Ending {
        match self {
            Ok(output) => output.finish().await,
            Err(error) => Ending::Failed(Arc::new(error.into_error())),
        }
    }
}

#[cfg(test)]
mod tests;
