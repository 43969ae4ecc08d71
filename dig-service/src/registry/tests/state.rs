//! Reloads of the shared state.

use super::*;

/// State that says which of its hooks fails.
#[derive(Clone)]
struct State(Log, &'static str);

#[async_trait]
impl ReloadState for State {
    async fn prepare(&self) -> Result<()> {
        self.note("prepare")
    }

    async fn reload(&self) -> Result<()> {
        self.note("reload")
    }

    async fn revert(&self) -> Result<()> {
        self.note("revert")
    }
}

impl State {
    fn note(&self, hook: &'static str) -> Result<()> {
        self.0.lock().push(format!("{hook} state"));
        if self.1 == hook {
            Err(Error::msg("bad file"))
        } else {
            Ok(())
        }
    }
}

struct Follows;

#[async_trait]
impl Provider<State> for Follows {
    fn as_reloadable(&self) -> Option<&dyn Reloadable<State>> {
        Some(self)
    }
}

#[async_trait]
impl Reloadable<State> for Follows {
    async fn reload(&self, state: &State) -> Result<()> {
        state.0.lock().push("reload follows".to_owned());
        if state.1 == "follows" {
            Err(Error::msg("no"))
        } else {
            Ok(())
        }
    }
}

#[tokio::test]
async fn state_is_prepared_and_applied_first_and_reverted_last() {
    let table: [(&str, &[&str]); 4] = [
        ("", &["prepare state", "reload state", "reload follows"]),
        ("prepare", &["prepare state"]),
        ("reload", &["prepare state", "reload state"]),
        (
            "follows",
            &[
                "prepare state",
                "reload state",
                "reload follows",
                "revert state",
            ],
        ),
    ];
    for (fault, expected) in table {
        let registry = Registry::new();
        registry.insert(Arc::new(Follows));
        let state = State(Log::default(), fault);

        let result = registry.reload_all(&state).await;

        assert_eq!(result.is_ok(), fault.is_empty());
        assert_eq!(taken(&state.0), expected, "{fault}");
        if fault == "prepare" {
            let error = result.unwrap_err().to_string();
            assert_eq!(error, "provider `state` did not reload: bad file");
        }
    }
}
