//! A child as data, for work that is registered by key.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::decl::{Backoff, Intensity, OnGiveUp, Readiness, RestartPolicy, Span};
use crate::supervisor::ChildSpec;

/// A child as data: what [`SupervisorHandle::add_manifest`](crate::supervisor::SupervisorHandle::add_manifest)
/// takes.
///
/// | key | value |
/// |---|---|
/// | `name` | the child's name |
/// | `factory_key` | which [factory](crate::supervisor::Supervisor::factory) makes its work |
/// | `params` | what the factory is given; `null` by default |
/// | `group` | the supervisor it is added to; `/` by default |
/// | `restart` | `always`, `on_failure`, `never` |
/// | `backoff` | `none`, or a map with some of `base`, `max`, `factor`, `jitter`, `stable_for` |
/// | `intensity` | `unlimited`, or a map with `max` and `within` |
/// | `on_give_up` | `escalate`, `quarantine`, `ignore` |
/// | `stop_budget`, `heartbeat` | durations as text, as in `10s` |
/// | `start_deadline` | a duration; the child says itself when it is ready |
/// | `depends_on`, `tags` | lists of names |
///
/// What is left out is as in [`ChildSpec`]. An unknown key is an error.
///
/// # Examples
///
/// ```
/// use dig_service::supervisor::ChildManifest;
///
/// let manifest: ChildManifest = serde_json::from_str(
///     r#"{ "name": "feed-7", "factory_key": "feed", "params": 7, "restart": "always" }"#,
/// )?;
/// assert_eq!(manifest.name, "feed-7");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ChildManifest {
    /// The child's name.
    pub name: String,
    /// Which factory makes its work.
    pub factory_key: String,
    /// What the factory is given.
    #[serde(default)]
    pub params: Value,
    /// The supervisor it is added to.
    #[serde(default = "root")]
    pub group: String,
    restart: Option<RestartPolicy>,
    backoff: Option<Backoff>,
    intensity: Option<Intensity>,
    on_give_up: Option<OnGiveUp>,
    stop_budget: Option<Span>,
    heartbeat: Option<Span>,
    start_deadline: Option<Span>,
    #[serde(default)]
    depends_on: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
}

fn root() -> String {
    "/".to_owned()
}

impl ChildManifest {
    /// Sets the rules on a child.
    pub(super) fn apply_to(self, mut spec: ChildSpec) -> ChildSpec {
        let rules = &mut spec.rules;
        let Self {
            restart,
            backoff,
            intensity,
            on_give_up,
            stop_budget,
            heartbeat,
            start_deadline,
            depends_on,
            tags,
            ..
        } = self;
        rules.policy = restart.unwrap_or(rules.policy);
        rules.backoff = backoff.unwrap_or(rules.backoff);
        rules.intensity = intensity.unwrap_or(rules.intensity);
        rules.on_give_up = on_give_up.unwrap_or(rules.on_give_up);
        rules.stop_budget = stop_budget.map(|span| span.0).or(rules.stop_budget);
        rules.heartbeat = heartbeat.map(|span| span.0).or(rules.heartbeat);
        if let Some(Span(deadline)) = start_deadline {
            rules.readiness = Readiness::Explicit { deadline };
        }
        spec.dependencies
            .extend(depends_on.into_iter().map(Arc::from));
        spec.tags.extend(tags.into_iter().map(Arc::from));
        spec
    }
}
