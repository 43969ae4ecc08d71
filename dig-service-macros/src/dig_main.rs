//! `#[dig_main]`: a `main` that runs a service.
//!
//! The user's function is nested whole, so no statement of it is rewritten and its spans stay the
//! user's. What running means is decided in the runtime crate.

mod config;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ReturnType, Signature, Visibility};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::Options;
use crate::spans;
use crate::syntax;

struct Function {
    attrs: Vec<Attribute>,
    visibility: Visibility,
    sig: Signature,
    body: TokenStream,
}

/// Expands `#[dig_main]`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse("dig_main", config::KEYS, options, &mut errors);
    let krate = Krate::new(options.path("crate", &mut errors));
    let function = match parse(item) {
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
    let config = config::config(&options, &krate, &mut errors);
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
    // What is said of the function holds for the one that others see.
    let (outer, inner_attrs): (Vec<_>, Vec<_>) = attrs
        .iter()
        .partition(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("doc"));
    quote_spanned! {spans::generated()=>
        #(#outer)*
        #visibility fn #name() -> ::std::process::ExitCode {
            #(#inner_attrs)*
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

#[cfg(test)]
mod tests;
