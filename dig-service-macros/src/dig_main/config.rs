//! The options of `#[dig_main(..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Expr, ExprLit, Lit, LitStr, Path};

use crate::duration;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};
use crate::spans;

/// The keys of `#[dig_main]`.
pub(super) const KEYS: &[Key] = &[
    Key::value("flavor", "\"current_thread\""),
    Key::value("worker_threads", "4"),
    Key::value("runtime", "my_runtime"),
    Key::value("signals", "\"none\""),
    Key::value("shutdown_timeout", "\"30s\""),
    Key::value("exit_codes", "\"sysexits\""),
    Key::value("exit_code", "my_exit_code"),
    Key::value("signal_exit", "\"reraise\""),
    Key::value("crate", "my_crate::dig_service"),
];

/// Writes the configuration: a builder call for each option that was given.
pub(super) fn config(options: &Options, krate: &Krate, errors: &mut Errors) -> TokenStream {
    let private = krate.private(spans::generated());
    let mut config = quote!(#private::MainConfig::new());
    let mut add = |step: TokenStream| config.extend(step);
    let flavor = options.string("flavor", errors);
    let current = flavor
        .as_ref()
        .is_some_and(|flavor| is_current_thread(flavor, errors));
    if current {
        add(quote!(.current_thread()));
    }
    if let Some(count) = workers(options, current, errors) {
        add(quote!(.worker_threads(#count)));
    }
    if let Some(path) = options.path("runtime", errors) {
        alone_with_runtime(options, errors);
        add(quote!(.runtime(#path)));
    }
    if let Some(signals) = options.string("signals", errors) {
        if signals.value() == "none" {
            add(quote!(.no_signals()));
        } else {
            errors.push(
                &signals,
                format!(
                    "unknown signals `{}`; use `none`, or leave the option out",
                    signals.value()
                ),
            );
        }
    }
    let timeout = options.string("shutdown_timeout", errors);
    if let Some(millis) = timeout.and_then(|timeout| duration::millis(&timeout, errors)) {
        add(quote!(.shutdown_timeout(#private::Duration::from_millis(#millis))));
    }
    let policy = options.string("exit_codes", errors);
    if let Some(policy) = policy.and_then(|policy| exit_codes(&policy, errors)) {
        add(quote!(.exit_codes(#private::ExitCodes::#policy)));
    }
    if let Some(path) = exit_code(options, errors) {
        add(quote!(.exit_code(#path)));
    }
    let how = options.string("signal_exit", errors);
    if let Some(how) = how.and_then(|how| signal_exit(&how, errors)) {
        add(quote!(.signal_exit(#private::SignalExit::#how)));
    }
    config
}

fn is_current_thread(flavor: &LitStr, errors: &mut Errors) -> bool {
    match flavor.value().as_str() {
        "current_thread" => return true,
        "multi_thread" => {}
        other => errors.push(
            flavor,
            format!("unknown runtime flavor `{other}`; use `multi_thread` or `current_thread`"),
        ),
    }
    false
}

fn workers(options: &Options, current: bool, errors: &mut Errors) -> Option<usize> {
    let given = options.get("worker_threads")?;
    let value = given.expr()?;
    if current {
        errors.push(
            &given.key,
            "`worker_threads` needs the `multi_thread` flavor",
        );
        return None;
    }
    let Expr::Lit(ExprLit {
        lit: Lit::Int(count),
        ..
    }) = value
    else {
        errors.push(
            value,
            "`worker_threads` expects a number, as in `worker_threads = 4`",
        );
        return None;
    };
    match count.base10_parse() {
        Ok(0) => errors.push(value, "`worker_threads` must be at least 1"),
        Ok(count) => return Some(count),
        Err(error) => errors.push_error(error),
    }
    None
}

fn alone_with_runtime(options: &Options, errors: &mut Errors) {
    for name in ["flavor", "worker_threads"] {
        if let Some(given) = options.get(name) {
            errors.push(
                &given.key,
                format!("`{name}` has no effect beside `runtime`, which makes the whole runtime"),
            );
        }
    }
}

fn exit_codes(policy: &LitStr, errors: &mut Errors) -> Option<Ident> {
    match policy.value().as_str() {
        "simple" => Some(Ident::new("Simple", Span::call_site())),
        "sysexits" => Some(Ident::new("Sysexits", Span::call_site())),
        other => {
            errors.push(
                policy,
                format!("unknown exit codes `{other}`; use `simple` or `sysexits`"),
            );
            None
        }
    }
}

fn exit_code(options: &Options, errors: &mut Errors) -> Option<Path> {
    let path = options.path("exit_code", errors)?;
    for name in ["exit_codes", "signal_exit"] {
        if let Some(given) = options.get(name) {
            errors.push(
                &given.key,
                format!("`{name}` has no effect beside `exit_code`, which decides alone"),
            );
        }
    }
    Some(path)
}

fn signal_exit(how: &LitStr, errors: &mut Errors) -> Option<Ident> {
    let name = match how.value().as_str() {
        "zero" => "Zero",
        "code" => "Code",
        "reraise" => "Reraise",
        other => {
            let message = format!("unknown signal exit `{other}`; use `zero`, `code` or `reraise`");
            errors.push(how, message);
            return None;
        }
    };
    Some(Ident::new(name, Span::call_site()))
}
