//! The code of a hook.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{ContextKind, UserMethod};
use crate::krate::Krate;
use crate::spans;

/// Writes the boxed future that runs the user's method.
pub(crate) fn call(
    method: &UserMethod,
    krate: &Krate,
    this: impl ToTokens,
    ctx: &Ident,
) -> TokenStream {
    boxed(krate, &method.ident, &inside(method, krate, this, ctx))
}

/// Writes what is inside that future.
pub(crate) fn inside(
    user: &UserMethod,
    krate: &Krate,
    this: impl ToTokens,
    ctx: &Ident,
) -> TokenStream {
    let method = &user.ident;
    let context = user.context.map(|span| {
        let mut ctx = ctx.clone();
        ctx.set_span(ctx.span().located_at(span));
        quote!(, #ctx)
    });
    let mut called = quote_spanned!(spans::generated()=> Self::#method(#this #context));
    if user.is_async {
        called = quote_spanned!(spans::at(method.span())=> #called.await);
    }
    if user.is_endless {
        // Anything behind the call would be unreachable.
        return called;
    }
    let allow = user.is_deprecated.then(|| quote!(#[allow(deprecated)]));
    let output = spans::at(user.output);
    let end = quote_spanned!(output=> (&__r).__dig_kind().hook(__r));
    let private = krate.private(spans::generated());
    quote_spanned! {spans::generated()=>
        #allow
        let __r = #called;
        {
            use #private::{ResultKind as _, ValueKind as _};
            #end
        }
    }
}

/// Boxes a body; a future that is not `Send` is reported at the method's name.
pub(crate) fn boxed(krate: &Krate, method: &Ident, inside: &TokenStream) -> TokenStream {
    let span = spans::at(method.span());
    let private = krate.private(span);
    quote_spanned!(span=> #private::boxed(async move { #inside }))
}

/// Writes the trait method's generics, parameters and where clause.
pub(crate) fn parameters(
    kind: ContextKind,
    krate: &Krate,
    ctx: &Ident,
) -> (TokenStream, TokenStream, TokenStream) {
    let root = krate.root(spans::generated());
    match kind {
        ContextKind::Run => (
            quote!('__a, '__z),
            quote!(&'__a self, #ctx: #root::RunContext),
            quote!('__a: '__z, Self: '__z),
        ),
        ContextKind::Start => (
            quote!('__a, '__b, '__c, '__z),
            quote!(&'__a self, #ctx: &'__b #root::StartContext<'__c>),
            quote!('__a: '__z, '__b: '__z, '__c: '__z, Self: '__z),
        ),
        ContextKind::Stop => (
            quote!('__a, '__b, '__c, '__z),
            quote!(&'__a self, #ctx: &'__b #root::StopContext<'__c>),
            quote!('__a: '__z, '__b: '__z, '__c: '__z, Self: '__z),
        ),
    }
}
