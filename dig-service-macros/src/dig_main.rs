//! `#[dig_main]`: a `main` that runs a service.
//!
//! The user's function is nested whole, so no statement of it is rewritten and its spans stay the
//! user's. What running means is decided in the runtime crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Path, ReturnType, Signature, Visibility};

use crate::duration;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};
use crate::spans;
use crate::syntax;

const KEYS: &[Key] = &[
    Key::value("flavor", "\"current_thread\""),
    Key::value("worker_threads", "4"),
    Key::value("runtime", "my_runtime"),
    Key::value("signals", "\"none\""),
    Key::value("shutdown_timeout", "\"30s\""),
    Key::value("exit_codes", "\"sysexits\""),
    Key::value("exit_code", "my_exit_code"),
    Key::value("crate", "my_crate::dig_service"),
];

struct Function {
    attrs: Vec<Attribute>,
    visibility: Visibility,
    sig: Signature,
    body: TokenStream,
}

/// Expands `#[dig_main]`.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse("dig_main", KEYS, options, &mut errors);
    let krate = Krate::new(options.path("crate", &mut errors));
    let function = match parse(&item) {
        Ok(function) => function,
        Err(error) => {
            errors.push_error(error);
            let errors = errors.into_tokens();
            return quote!(#item #errors);
        }
    };
    let sig = &function.sig;
    if sig.asyncness.is_none() {
        errors.push(sig.fn_token, "`#[dig_main]` needs an `async fn`");
    }
    if !sig.inputs.is_empty() {
        let name = &sig.ident;
        errors.push(&sig.inputs, format!("`{name}` takes no parameters; read the command line with `std::env::args` or your argument parser"));
    }
    let config = config(&options, &krate, &mut errors);
    let errors = errors.into_tokens();
    if !errors.is_empty() {
        return broken(&function, &errors);
    }
    whole(&function, &krate, &config)
}

/// Keeps the user's function, under a `main` that the compiler accepts, so that the only errors are
/// ours.
fn broken(function: &Function, errors: &TokenStream) -> TokenStream {
    let Function {
        attrs,
        visibility,
        sig,
        body,
    } = function;
    let name = &sig.ident;
    quote! {
        #visibility fn #name() {
            #(#attrs)* #sig #body
            let _ = #name;
        }
        #errors
    }
}

fn whole(function: &Function, krate: &Krate, config: &TokenStream) -> TokenStream {
    let Function {
        attrs,
        visibility,
        sig,
        body,
    } = function;
    let name = &sig.ident;
    let output = match &sig.output {
        ReturnType::Default => name.span(),
        ReturnType::Type(_, ty) => spans::first(ty),
    };
    let private = krate.private(spans::at(output));
    let mut inner = name.clone();
    inner.set_span(name.span().located_at(output));
    let run = quote_spanned!(spans::at(output)=> #private::run_main(#config, #inner));
    let (cfgs, others): (Vec<_>, Vec<_>) =
        attrs.iter().partition(|attr| attr.path().is_ident("cfg"));
    quote_spanned! {spans::generated()=>
        #(#cfgs)*
        #visibility fn #name() -> ::std::process::ExitCode {
            #(#others)*
            #sig #body
            #run
        }
    }
}

fn parse(item: &TokenStream) -> syn::Result<Function> {
    let keyword = syntax::keyword(item)?;
    if keyword != "fn" {
        let message = format!("`#[dig_main]` goes on an `async fn`, not on `{keyword}`");
        return Err(syn::Error::new_spanned(keyword, message));
    }
    syn::parse2(item.clone())
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

/// Writes the configuration: a builder call for each option that was given.
fn config(options: &Options, krate: &Krate, errors: &mut Errors) -> TokenStream {
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
    if let Some(timeout) = options.string("shutdown_timeout", errors) {
        if let Some(millis) = duration::millis(&timeout, errors) {
            add(quote!(.shutdown_timeout(#private::Duration::from_millis(#millis))));
        }
    }
    if let Some(policy) = options.string("exit_codes", errors) {
        if let Some(policy) = exit_codes(&policy, errors) {
            add(quote!(.exit_codes(#private::ExitCodes::#policy)));
        }
    }
    if let Some(path) = exit_code(options, errors) {
        add(quote!(.exit_code(#path)));
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
    if let Some(policy) = options.get("exit_codes") {
        errors.push(
            &policy.key,
            "`exit_codes` has no effect beside `exit_code`, which decides alone",
        );
    }
    Some(path)
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.attrs.iter().map(ToTokens::to_token_stream));
        self.visibility.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
