//! The options of `#[provider(..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, LitStr};

use super::part::PartKind;
use crate::duration;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};
use crate::spans;

const KEYS: &[Key] = &[
    Key::value("state", "AppState"),
    Key::value("name", "\"store\""),
    Key::value("boot_priority", "priority::EARLY"),
    Key::value("run_priority", "priority::LATE"),
    Key::value("reload_priority", "priority::LATE"),
    Key::value("boot_timeout", "\"10s\""),
    Key::value("shutdown_timeout", "\"2s\""),
    Key::value("restart", "\"on_failure\""),
    Key::value("crate", "my_crate::dig_service"),
];

const POLICIES: [(&str, &str); 3] = [
    ("always", "Always"),
    ("on_failure", "OnFailure"),
    ("never", "Never"),
];

/// The options that say something of one hook, and without it nothing.
const OF_PARTS: [(&str, &[PartKind]); 5] = [
    ("run_priority", &[PartKind::Run]),
    ("reload_priority", &[PartKind::Reload]),
    ("boot_timeout", &[PartKind::Boot, PartKind::Reload]),
    ("shutdown_timeout", &[PartKind::Shutdown]),
    ("restart", &[PartKind::Run]),
];

/// What `#[provider(..)]` says.
pub(crate) struct ProviderOptions {
    /// The type of the shared state.
    pub(crate) state: TokenStream,
    /// The name, if it is not the type's.
    pub(crate) name: Option<LitStr>,
    /// `u8`s.
    pub(crate) boot_priority: Option<Expr>,
    pub(crate) run_priority: Option<Expr>,
    pub(crate) reload_priority: Option<Expr>,
    /// In milliseconds.
    pub(crate) boot_timeout: Option<u64>,
    pub(crate) shutdown_timeout: Option<u64>,
    /// A variant of `RestartPolicy`, and where it was asked for.
    pub(crate) restart: Option<(&'static str, Span)>,
    pub(crate) krate: Krate,
    /// Those that need a hook, with the hooks of which one will do.
    pub(crate) of_parts: Vec<(Ident, &'static [PartKind])>,
}

impl ProviderOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let options = Options::parse("provider", KEYS, tokens, errors);
        let expr = |name: &str| options.get(name).and_then(|given| given.expr()).cloned();
        // A type is written as an expression: a path, or `()`.
        let state = expr("state").map_or_else(|| quote!(()), Expr::into_token_stream);
        let millis = |name: &str, errors: &mut Errors| {
            let text = options.string(name, errors)?;
            duration::positive(&text, &format!("`{name}`"), errors)
        };
        let of_parts = OF_PARTS
            .iter()
            .filter_map(|(name, kinds)| Some((options.get(name)?.key.clone(), *kinds)));
        Self {
            of_parts: of_parts.collect(),
            state,
            name: options.string("name", errors),
            boot_priority: expr("boot_priority"),
            run_priority: expr("run_priority"),
            reload_priority: expr("reload_priority"),
            boot_timeout: millis("boot_timeout", errors),
            shutdown_timeout: millis("shutdown_timeout", errors),
            restart: restart(&options, errors),
            krate: Krate::new(options.path("crate", errors)),
        }
    }
}

fn restart(options: &Options, errors: &mut Errors) -> Option<(&'static str, Span)> {
    let text = options.string("restart", errors)?;
    let given = text.value();
    let known = POLICIES.iter().find(|(name, _)| *name == given);
    if known.is_none() {
        let message =
            format!("unknown restart policy `{given}`; use `always`, `on_failure` or `never`");
        errors.push(&text, message);
    }
    known.map(|(_, variant)| (*variant, spans::first(&text)))
}
