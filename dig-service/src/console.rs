//! Wiring for tokio-console; feature `tokio-console`.
//!
//! The console needs a build with `--cfg tokio_unstable`. Without it [`init`] returns an error and
//! does nothing, so the call can stay in a program.

/// Why the console is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConsoleError {
    /// The program was built without the cfg that the console needs.
    #[error("tokio-console needs a build with `RUSTFLAGS=\"--cfg tokio_unstable\"`")]
    NotBuiltIn,
    /// The process has a tracing subscriber already.
    #[error("a global tracing subscriber is set already; call `console::init` before")]
    SubscriberSet,
}

/// Installs a tracing subscriber that serves tokio-console, with the console's own environment
/// variables (`TOKIO_CONSOLE_BIND` and others).
///
/// # Errors
///
/// [`ConsoleError::NotBuiltIn`] without `--cfg tokio_unstable`; [`ConsoleError::SubscriberSet`] if
/// the process has a global subscriber.
#[cfg(not(tokio_unstable))]
pub const fn init() -> Result<(), ConsoleError> {
    Err(ConsoleError::NotBuiltIn)
}

/// Installs a tracing subscriber that serves tokio-console, with the console's own environment
/// variables (`TOKIO_CONSOLE_BIND` and others).
///
/// # Errors
///
/// [`ConsoleError::SubscriberSet`] if the process has a global subscriber.
#[cfg(tokio_unstable)]
pub fn init() -> Result<(), ConsoleError> {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;

    let layer = console_subscriber::ConsoleLayer::builder()
        .with_default_env()
        .spawn();
    let subscriber = tracing_subscriber::registry().with(layer);
    subscriber
        .try_init()
        .map_err(|_| ConsoleError::SubscriberSet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(tokio_unstable)]
    #[test]
    fn second_subscriber_is_an_error_and_no_panic() {
        let taken = tracing_subscriber::registry();
        tracing::subscriber::set_global_default(taken).unwrap();

        assert_eq!(init().unwrap_err(), ConsoleError::SubscriberSet);
    }

    #[cfg(not(tokio_unstable))]
    #[test]
    fn without_the_cfg_init_says_so() {
        let error = init().unwrap_err();

        assert_eq!(error, ConsoleError::NotBuiltIn);
        assert!(error.to_string().contains("tokio_unstable"));
    }
}
