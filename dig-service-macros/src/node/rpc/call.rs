//! The arm of the `match` that answers one method.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::argument::default_expr;
use super::{Absence, Argument, Name, Param, Rpc, Structure, subscription};
use crate::krate::Krate;
use crate::node::expand::Locals;
use crate::node::hook::boxed;
use crate::node::roles;
use crate::spans;

/// Writes one arm, and that of what ends a subscription; `wrap` is what becomes of the futures.
pub(crate) fn arm(
    rpc: &Rpc,
    krate: &Krate,
    locals: &Locals,
    wrap: impl Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    let cfgs = roles::cfgs(&rpc.conditions);
    let names = rpc.names().map(|name| &name.text);
    let answer = wrap(boxed_call(rpc, krate, locals));
    let end = subscription::end(rpc, krate, locals).map(|(name, answer)| {
        let answer = wrap(answer);
        quote!(#cfgs #name => #answer,)
    });
    quote! {
        #cfgs
        #(#names)|* => #answer,
        #end
    }
}

/// Writes the boxed future of one call.
fn boxed_call(rpc: &Rpc, krate: &Krate, locals: &Locals) -> TokenStream {
    let Locals {
        this, cx, params, ..
    } = locals;
    let reads = reads(rpc, krate, params);
    let call = call(rpc, krate, this, cx);
    let answer = answer(rpc, krate, cx);
    let allow = rpc
        .deprecated
        .as_ref()
        .map(|_| quote!(#[allow(deprecated)]));
    let outcome = if rpc.is_endless {
        // Anything behind the call would be unreachable.
        call
    } else {
        quote_spanned! {spans::generated()=>
            #allow
            let __r = #call;
            #answer
        }
    };
    let check = rpc.subscription.as_ref().map(|_| {
        let (private, name) = (krate.private(spans::generated()), &rpc.name.text);
        quote_spanned!(spans::generated()=> #private::subscribable(#cx, #name)?;)
    });
    let inside = quote_spanned!(spans::generated()=> #check #reads #outcome);
    match rpc.timeout {
        Some(millis) => {
            let span = spans::at(rpc.ident.span());
            let private = krate.private(span);
            quote_spanned!(span=> #private::within(#millis, async move { #inside }))
        }
        None => boxed(krate, &rpc.ident, &inside),
    }
}

/// Writes the statements that sort the params and read them: owned values first, as they are moved.
fn reads(rpc: &Rpc, krate: &Krate, params: &Ident) -> TokenStream {
    let private = krate.private(spans::generated());
    if let Some(whole) = rpc.whole() {
        let (shape, take) = (shape(rpc, krate), spans::at(spans::first(&whole.ty)));
        let new = shape.map_or_else(
            || quote!(#private::Whole::new(#params)?),
            |shape| quote!(#private::Whole::shaped(#params, #shape)?),
        );
        let ty = &whole.ty;
        let verb = Ident::new(if whole.is_borrowed { "borrow" } else { "take" }, take);
        let read = match whole.is_borrowed {
            true => quote_spanned!(take=> (&__s).#verb::<#ty>()?),
            false => quote_spanned!(take=> __s.#verb::<#ty>()?),
        };
        return quote_spanned! {spans::generated()=>
            let __s = #new;
            let __a0 = #read;
        };
    }
    let all: Vec<&Param> = rpc.params().collect();
    let (count, names) = (all.len(), all.iter().map(|param| &param.name));
    let new = shape(rpc, krate).map_or_else(
        || quote!(#private::Slots::<#count>::new(#params, &[#(#names),*])?),
        |shape| quote!(#private::Slots::<#count>::shaped(#params, #shape)?),
    );
    if all.is_empty() {
        return quote!(#new;);
    }
    let (borrowed, owned): (Vec<_>, Vec<_>) = all
        .into_iter()
        .enumerate()
        .partition(|(_, param)| param.is_borrowed);
    let mutable = (!owned.is_empty()).then(|| quote!(mut));
    let reads = owned.into_iter().chain(borrowed);
    let reads = reads.map(|(place, param)| read(place, param));
    quote_spanned! {spans::generated()=>
        let #mutable __s = #new;
        #(#reads)*
    }
}

fn read(place: usize, param: &Param) -> TokenStream {
    let span = spans::at(spans::first(&param.ty));
    let (ty, name, local) = (&param.ty, &param.name, local(place));
    // The reference is written out: behind an implied `&mut`, a trait of the user's with a method
    // `take(&self)` on everything would come first.
    let (slots, verb) = match param.is_borrowed {
        true => (quote_spanned!(span=> (&__s)), "borrow"),
        false => (quote_spanned!(span=> (&mut __s)), "take"),
    };
    let value = match &param.absence {
        Absence::Refused => {
            let verb = Ident::new(verb, span);
            quote_spanned!(span=> #slots.#verb::<#ty>(#place, #name)?)
        }
        Absence::Null => {
            let verb = format_ident!("{verb}_opt", span = span);
            quote_spanned!(span=> #slots.#verb::<#ty>(#place, #name)?)
        }
        Absence::Default | Absence::Expr(_) => {
            let verb = format_ident!("{verb}_or", span = span);
            let default = default_expr(&param.absence).map_or_else(
                || quote_spanned!(span=> ::core::default::Default::default),
                |expr| quote!(|| #expr),
            );
            quote_spanned!(span=> #slots.#verb::<#ty>(#place, #name, #default)?)
        }
    };
    quote_spanned!(spans::generated()=> let #local = #value;)
}

fn local(place: usize) -> Ident {
    format_ident!("__a{place}", span = spans::generated())
}

/// Writes the shape of params that differ from the plain one.
fn shape(rpc: &Rpc, krate: &Krate) -> Option<TokenStream> {
    let params: Vec<&Param> = rpc.params().collect();
    let aliases: Vec<TokenStream> = params
        .iter()
        .enumerate()
        .flat_map(|(place, param)| {
            param
                .aliases
                .iter()
                .map(move |alias| quote!((#alias, #place)))
        })
        .collect();
    if rpc.structure == Structure::Either && !rpc.is_lenient && aliases.is_empty() {
        return None;
    }
    let private = krate.private(spans::generated());
    let names = params.iter().map(|param| &param.name);
    let mut shape = quote!(#private::Shape::new(&[#(#names),*]));
    if !aliases.is_empty() {
        shape = quote!(#shape.aliases(&[#(#aliases),*]));
    }
    match rpc.structure {
        Structure::Either => {}
        Structure::Named => shape = quote!(#shape.named()),
        Structure::Positional => shape = quote!(#shape.positional()),
    }
    if rpc.is_lenient {
        shape = quote!(#shape.lenient());
    }
    Some(quote!(const { &#shape }))
}

/// Writes the call of the user's method.
fn call(rpc: &Rpc, krate: &Krate, this: &Ident, cx: &Ident) -> TokenStream {
    let mut place = 0;
    let arguments = rpc.arguments.iter().map(|argument| match argument {
        Argument::Context { owned, place } => {
            let mut cx = cx.clone();
            cx.set_span(cx.span().located_at(*place));
            let span = spans::at(*place);
            if *owned {
                quote_spanned!(span=> ::core::clone::Clone::clone(#cx))
            } else {
                quote!(#cx)
            }
        }
        Argument::Param(_) | Argument::Whole(_) => {
            let local = local(place);
            place += 1;
            quote!(#local)
        }
    });
    let this = rpc.has_receiver.then(|| quote!(#this));
    let arguments = this.into_iter().chain(arguments);
    let method = &rpc.ident;
    let call = quote_spanned!(spans::generated()=> Self::#method(#(#arguments),*));
    if rpc.is_async {
        return quote_spanned!(spans::at(method.span())=> #call.await);
    }
    if rpc.is_blocking {
        let private = krate.private(spans::generated());
        return quote_spanned!(spans::generated()=> #private::in_place(|| #call));
    }
    call
}

/// Writes what becomes of the method's outcome; a type that cannot be sent is reported where it
/// stands in the signature.
fn answer(rpc: &Rpc, krate: &Krate, cx: &Ident) -> TokenStream {
    let private = krate.private(spans::generated());
    let (ok, err) = rpc.output;
    let ok = match rpc.subscription {
        Some(_) => subscription::open(rpc, krate, cx, ok),
        None => quote_spanned!(spans::at(ok)=> __k.ok(__v)),
    };
    let err = quote_spanned!(spans::at(err)=> __k.err(__e));
    quote_spanned! {spans::generated()=>
        {
            let __k = {
                use #private::{ResultKind as _, ValueKind as _};
                (&__r).__dig_kind()
            };
            match __k.split(__r) {
                ::core::result::Result::Ok(__v) => #ok,
                ::core::result::Result::Err(__e) => #err,
            }
        }
    }
}

impl Rpc {
    /// Returns all the names that the method takes up, that of its end included.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Name> {
        let end = self.subscription.iter();
        self.names()
            .chain(end.map(|subscription| &subscription.unsubscribe))
    }

    /// Returns all the names under which the method answers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.name).chain(&self.aliases)
    }

    /// Returns the params, in the order of their positions.
    pub(super) fn params(&self) -> impl Iterator<Item = &Param> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Param(param) => Some(&**param),
            Argument::Context { .. } | Argument::Whole(_) => None,
        })
    }

    /// Returns what is read from params, as one or one by one.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Param> {
        self.params().chain(self.whole())
    }

    /// Returns the argument that takes all the params.
    pub(super) fn whole(&self) -> Option<&Param> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::Whole(param) => Some(&**param),
            Argument::Context { .. } | Argument::Param(_) => None,
        })
    }
}
