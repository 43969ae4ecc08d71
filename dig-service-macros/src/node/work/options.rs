//! The options of `#[task(..)]`, `#[supervised(..)]` and `#[reload(..)]`, as the code they become.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, Token, UnOp};

use super::{Begin, WorkKind};
use crate::duration;
use crate::errors::Errors;
use crate::options::{Key, Options};

const NAME: Key = Key::value("name", "\"sync\"");
const KIND: Key = Key::value("kind", "\"maintenance\"");

const TASK: &[Key] = &[
    Key::value("every", "\"10s\""),
    Key::value("initial_delay", "\"1s\""),
    Key::value("jitter", "\"10%\""),
    Key::value("missed", "\"skip\""),
    Key::value("on_error", "\"log\""),
    KIND,
    NAME,
];

const SUPERVISED: &[Key] = &[
    Key::value("restart", "\"on_failure\""),
    Key::list("backoff", "\"100ms\", \"30s\""),
    Key::value("max_restarts", "5"),
    Key::value("within", "\"1m\""),
    Key::value("give_up", "\"escalate\""),
    KIND,
    NAME,
];

const RELOAD: &[Key] = &[Key::value("order", "10")];

/// A word that may be given, and what it becomes.
type Words = [(&'static str, &'static str)];

const KINDS: &Words = &[
    ("background_loop", "BackgroundLoop"),
    ("peer_connection", "PeerConnection"),
    ("rpc_handler", "RpcHandler"),
    ("maintenance", "Maintenance"),
];
const POLICIES: &Words = &[
    ("always", "Always"),
    ("on_failure", "OnFailure"),
    ("never", "Never"),
];
const MISSED: &Words = &[("skip", "Skip"), ("burst", "Burst"), ("delay", "Delay")];
const ON_ERROR: &Words = &[("log", "Log"), ("stop", "Fail")];
const GIVE_UP: &Words = &[
    ("escalate", "Escalate"),
    ("quarantine", "Quarantine"),
    ("ignore", "Ignore"),
];

/// The keys of an attribute.
pub(super) const fn keys(kind: WorkKind) -> &'static [Key] {
    match kind {
        WorkKind::Task => TASK,
        WorkKind::Supervised => SUPERVISED,
        WorkKind::Reload => RELOAD,
    }
}

/// Reads the options of `#[task(..)]`: the constructor with its arguments, and the settings.
pub(super) fn task(
    options: &Options,
    (place, p): (Span, &TokenStream),
    errors: &mut Errors,
) -> (Begin, TokenStream) {
    let begin = period(options, (place, p), errors);
    let mut settings = kind(options, p, errors);
    if let Some(text) = options.string("initial_delay", errors)
        && let Some(millis) = duration::millis(&text, errors)
    {
        settings.extend(quote!(.initial_delay(#p::Duration::from_millis(#millis))));
    }
    if let Some(text) = options.string("jitter", errors)
        && let Some(part) = percent(&text, errors)
    {
        settings.extend(quote!(.jitter(#part)));
    }
    if let Some(word) = word(
        options,
        ("missed", "answer to missed rounds"),
        MISSED,
        errors,
    ) {
        settings.extend(quote!(.missed(#p::MissedTick::#word)));
    }
    if let Some(word) = word(options, ("on_error", "answer to errors"), ON_ERROR, errors) {
        settings.extend(quote!(.on_error(#p::OnError::#word)));
    }
    (begin, settings)
}

/// `every = "10s"`, or `every = Self::interval`.
fn period(options: &Options, (place, p): (Span, &TokenStream), errors: &mut Errors) -> Begin {
    let begin = |constructor, argument| Begin {
        constructor,
        argument,
    };
    let Some(value) = options.get("every").and_then(|given| given.expr()) else {
        let message = "`#[task]` needs a period, as in `#[task(every = \"10s\")]`; for a loop that \
                       runs until shutdown use `#[supervised]`";
        errors.push_error(syn::Error::new(place, message));
        return begin("every", TokenStream::new());
    };
    if let Expr::Path(path) = value {
        return begin("asked", path.to_token_stream());
    }
    let text = options.string("every", errors);
    let millis = text.and_then(|text| duration::positive(&text, "the period", errors));
    begin("every", quote!(#p::Duration::from_millis(#millis)))
}

/// Reads the options of `#[supervised(..)]`.
pub(super) fn supervised(
    options: &Options,
    p: &TokenStream,
    errors: &mut Errors,
) -> (Begin, TokenStream) {
    let policy = word(options, ("restart", "restart policy"), POLICIES, errors);
    let policy = policy.unwrap_or_else(|| quote!(OnFailure));
    let mut settings = kind(options, p, errors);
    if let Some(given) = options.list("backoff") {
        settings.extend(backoff(given, p, errors));
    }
    settings.extend(limit(options, p, errors));
    if let Some(word) = word(options, ("give_up", "answer to giving up"), GIVE_UP, errors) {
        settings.extend(quote!(.give_up(#p::OnGiveUp::#word)));
    }
    let begin = Begin {
        constructor: "supervised",
        argument: quote!(#p::RestartPolicy::#policy),
    };
    (begin, settings)
}

/// `backoff("100ms", "30s")`.
fn backoff(given: &TokenStream, p: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let read = Punctuated::<LitStr, Token![,]>::parse_terminated;
    let texts: Vec<_> = match read.parse2(given.clone()) {
        Ok(texts) if texts.len() == 2 => texts.into_iter().collect(),
        _ => {
            let message = "`backoff` takes the first and the longest delay, as in \
                           `backoff(\"100ms\", \"30s\")`";
            errors.push(given, message);
            return None;
        }
    };
    let millis: Vec<_> = texts
        .iter()
        .filter_map(|text| duration::millis(text, errors))
        .collect();
    let [base, max] = *millis.as_slice() else {
        return None;
    };
    if base == 0 {
        errors.push(&texts[0], "the first delay must be at least `1ms`");
        return None;
    }
    if max < base {
        errors.push(&texts[1], "the longest delay is shorter than the first");
        return None;
    }
    Some(quote!(.backoff(#p::Duration::from_millis(#base), #p::Duration::from_millis(#max))))
}

/// `max_restarts = 5, within = "1m"`, either of which may be left out.
fn limit(options: &Options, p: &TokenStream, errors: &mut Errors) -> Option<TokenStream> {
    let max = options.get("max_restarts").and_then(|given| given.expr());
    let within = options.string("within", errors);
    if max.is_none() && within.is_none() {
        return None;
    }
    let max = match max {
        Some(max) => match whole(max).and_then(|max| u32::try_from(max).ok()) {
            Some(max) => max,
            None => {
                errors.push(
                    max,
                    "`max_restarts` expects a number, as in `max_restarts = 5`",
                );
                return None;
            }
        },
        None => 5,
    };
    let millis = match &within {
        Some(text) => duration::positive(text, "the window", errors)?,
        None => 60_000,
    };
    Some(quote!(.max_restarts(#max, #p::Duration::from_millis(#millis))))
}

/// Reads `order = 10` of `#[reload(..)]`.
pub(super) fn order(options: &Options, errors: &mut Errors) -> TokenStream {
    let Some(value) = options.get("order").and_then(|given| given.expr()) else {
        return quote!(0);
    };
    if whole(value)
        .and_then(|order| i32::try_from(order).ok())
        .is_none()
    {
        errors.push(value, "`order` expects a number, as in `order = 10`");
        return quote!(0);
    }
    value.to_token_stream()
}

fn kind(options: &Options, p: &TokenStream, errors: &mut Errors) -> TokenStream {
    match word(options, ("kind", "kind of task"), KINDS, errors) {
        Some(word) => quote!(.kind(#p::TaskKind::#word)),
        None => TokenStream::new(),
    }
}

/// One of several words.
fn word(
    options: &Options,
    (name, what): (&str, &str),
    words: &'static Words,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let text = options.string(name, errors)?;
    let given = text.value();
    if let Some((_, variant)) = words.iter().find(|(known, _)| *known == given) {
        return variant.parse().ok();
    }
    let names: Vec<_> = words
        .iter()
        .map(|(known, _)| format!("`{known}`"))
        .collect();
    let (last, others) = names.split_last()?;
    let known = format!("{} or {last}", others.join(", "));
    errors.push(&text, format!("unknown {what} `{given}`; use {known}"));
    None
}

/// `"10%"`, as a part of one.
fn percent(text: &LitStr, errors: &mut Errors) -> Option<f64> {
    let value = text.value();
    let number = value.trim().strip_suffix('%').map(str::trim);
    let number = number.and_then(|number| number.parse::<f64>().ok());
    match number.filter(|number| (0.0..=100.0).contains(number)) {
        Some(number) => Some(number / 100.0),
        None => {
            let message = format!("`{value}` is not a part: write it from `0%` to `100%`");
            errors.push(text, message);
            None
        }
    }
}

fn whole(value: &Expr) -> Option<i64> {
    match value {
        Expr::Group(group) => whole(&group.expr),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => whole(expr).map(|number| -number),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        _ => None,
    }
}
