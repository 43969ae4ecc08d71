//! What is said of each check.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Counts what holds.
#[derive(Default)]
pub struct Report(usize);

impl Report {
    /// Waits for a check and says that it holds.
    pub async fn check(
        &mut self,
        name: &str,
        check: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let done = tokio::time::timeout(PATIENCE, check).await;
        done.context("takes too long")
            .flatten()
            .with_context(|| format!("failed: {name}"))?;
        println!("holds: {name}");
        self.0 += 1;
        Ok(())
    }

    pub const fn count(&self) -> usize {
        self.0
    }
}

/// Both are the same.
pub fn same<G: PartialEq<E> + Debug, E: Debug>(got: G, expected: E) -> anyhow::Result<()> {
    ensure!(got == expected, "{got:?} in place of {expected:?}");
    Ok(())
}

/// Polls until it is so; a check that waits in vain runs out of time.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// The error of a call that should fail.
pub fn error<T: Debug, E>(result: Result<T, E>) -> anyhow::Result<E> {
    match result {
        Ok(value) => bail!("{value:?} in place of an error"),
        Err(error) => Ok(error),
    }
}
