//! The typed client of a block's RPC methods: `client = NodeClient`.
//!
//! It stands beside the block and outside its generics, so it can only name types that do not
//! mention them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericParam, Generics, Type};

use super::Target;
use super::model::Behaviour;
use super::roles;
use super::rpc::{self, Absence, Argument, Param, Rpc, Structure, Subscription};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::spans;

/// Takes the methods of which a client can be made, and says why it cannot of the others.
pub(crate) fn check<'a>(
    client: &Ident,
    generics: &Generics,
    behaviour: &'a Behaviour,
    errors: &mut Errors,
) -> Vec<&'a Rpc> {
    let mut fit = Vec::new();
    for rpc in &behaviour.rpcs {
        let method = &rpc.ident;
        if method == "new" {
            errors.push(
                method,
                format!("`new` collides with `{client}::new`; rename the method or drop `client`"),
            );
            continue;
        }
        if let Some(name) = unknown_outside(rpc, generics) {
            let what = if name == "Self" {
                "`Self`, as the client is another type"
            } else {
                "a generic node"
            };
            errors.push(
                client,
                format!(
                    "`client` cannot be made for {what}: `{name}` is in the signature of `{method}`"
                ),
            );
            continue;
        }
        if rpc
            .subscription
            .as_ref()
            .is_some_and(|subscription| subscription.item.is_none())
        {
            errors.push(method, format!("`{client}` has to know what the stream of `{method}` gives; write it as in `impl Stream<Item = Block> + Send + use<>`"));
            continue;
        }
        fit.push(rpc);
    }
    fit
}

/// Returns the first name in a signature that means nothing outside the block.
fn unknown_outside(rpc: &Rpc, generics: &Generics) -> Option<String> {
    let params = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.to_string()),
        GenericParam::Const(param) => Some(param.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    });
    let mut unknown: Vec<String> = params.collect();
    unknown.push("Self".to_owned());
    let returned = match &rpc.subscription {
        Some(subscription) => &subscription.item,
        None => &rpc.returned,
    };
    let types = rpc.inputs().map(|param| &param.ty).chain(returned);
    let mut found = types.filter_map(|ty| first_among(ty.to_token_stream(), &unknown));
    found.next()
}

fn first_among(tokens: TokenStream, names: &[String]) -> Option<String> {
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(ident) => names.iter().find(|name| ident == name.as_str()).cloned(),
        TokenTree::Group(group) => first_among(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// Writes the client.
pub(crate) fn expand(
    client: &Ident,
    target: &Target<'_>,
    methods: &[&Rpc],
    krate: &Krate,
) -> TokenStream {
    let root = krate.root(spans::generated());
    let (attrs, ty) = (&target.attrs, target.ty.to_string());
    let doc = format!("Calls the RPC methods of `{ty}` through a transport.");
    // The user's types stand in the scope of this parameter, so it has no name that one may have.
    let wire = Ident::new("__T", Span::call_site());
    let (pushing, plain): (Vec<&Rpc>, Vec<&Rpc>) =
        methods.iter().partition(|rpc| rpc.subscription.is_some());
    let methods = plain.into_iter().map(|rpc| method(rpc, krate));
    let subscriptions = (!pushing.is_empty()).then(|| {
        let methods = pushing.into_iter().map(|rpc| method(rpc, krate));
        quote_spanned! {spans::generated()=>
            #attrs
            impl<#wire: #root::client::SubscribeTransport> #client<#wire> {
                #(#methods)*
            }
        }
    });
    quote_spanned! {spans::generated()=>
        #attrs
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        pub struct #client<#wire>(#wire);
        #attrs
        impl<#wire> #client<#wire> {
            /// Calls through `transport`.
            #[must_use]
            pub const fn new(transport: #wire) -> Self {
                Self(transport)
            }
        }
        #attrs
        impl<#wire: #root::client::RpcTransport> #client<#wire> {
            #(#methods)*
        }
        #subscriptions
    }
}

/// Writes the client's side of one method.
fn method(rpc: &Rpc, krate: &Krate) -> TokenStream {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let (ident, name) = (&rpc.ident, &rpc.name.text);
    let cfgs = roles::cfgs(&rpc.conditions);
    let doc = match rpc.doc.as_str() {
        "" => format!("Calls `{name}`."),
        doc => format!("{doc}\n\nCalls `{name}`."),
    };
    let deprecated = rpc.deprecated.as_ref().map(|reason| match reason.as_str() {
        "" => quote!(#[deprecated]),
        reason => quote!(#[deprecated = #reason]),
    });
    let this = Ident::new("self", Span::call_site());
    let (inputs, params) = params(rpc, &private);
    let (returned, call) = match &rpc.subscription {
        Some(subscription) => subscribes(rpc, subscription, krate, &this),
        None if rpc.is_notification => {
            let returned = quote!(::core::result::Result<(), #root::client::ClientError>);
            let call = quote_spanned! {spans::generated()=>
                #private::notify(&#this.0, #name, __p).await
            };
            (returned, call)
        }
        None => calls(rpc, krate, &this),
    };
    quote_spanned! {spans::generated()=>
        #cfgs
        #[doc = #doc]
        #deprecated
        pub async fn #ident(&#this, #(#inputs),*) -> #returned {
            let __p = #params;
            #call
        }
    }
}

/// Writes what the client returns for a call, and how it gets there.
fn calls(rpc: &Rpc, krate: &Krate, this: &Ident) -> (TokenStream, TokenStream) {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let name = &rpc.name.text;
    let (ok, err) = sides(rpc.returned.as_ref(), &private);
    let check = no_hidden_result(rpc.returned.as_ref(), krate);
    let returned = quote!(::core::result::Result<#ok, #root::client::ClientError<#err>>);
    let place = spans::at(rpc.output.0);
    let at_type = krate.private(place);
    let call = quote_spanned!(spans::generated()=> #private::call(&#this.0, #name, __p));
    let read = quote_spanned!(place=> #at_type::received::<#ok, #err>(#call.await));
    (returned, quote!(#check #read))
}

/// Writes a check that a type which is not spelt as a `Result` is none: its answers would be read as
/// what is never sent.
fn no_hidden_result(returned: Option<&Type>, krate: &Krate) -> Option<TokenStream> {
    let ty = rpc::owned(returned.filter(|ty| !rpc::is_result(ty))?);
    let place = spans::at(spans::first(&ty));
    let private = krate.private(spans::generated());
    let at_type = krate.private(place);
    let probe = quote!((&#private::Probe::<#ty>::NEW).__dig_probe());
    let check = quote_spanned!(place=> #at_type::no_result(#probe););
    Some(quote_spanned! {spans::generated()=>
        {
            use #private::{ResultProbe as _, ValueProbe as _};
            #check
        }
    })
}

/// The same for a subscription.
fn subscribes(
    rpc: &Rpc,
    subscription: &Subscription,
    krate: &Krate,
    this: &Ident,
) -> (TokenStream, TokenStream) {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let (name, end) = (&rpc.name.text, &subscription.unsubscribe.text);
    let (item, item_err) = sides(subscription.item.as_ref(), &private);
    let err = match &rpc.returned {
        Some(returned) if rpc::is_result(returned) => {
            // Its first side may be an opaque type, which has no name here.
            rpc::error_of(returned).map_or_else(
                || quote!(::core::convert::Infallible),
                |err| rpc::owned(err).to_token_stream(),
            )
        }
        _ => quote!(::core::convert::Infallible),
    };
    let returned = quote! {
        ::core::result::Result<
            #root::client::Subscription<#item, #item_err>,
            #root::client::ClientError<#err>,
        >
    };
    let place = spans::at(rpc.output.0);
    let at_type = krate.private(place);
    let call = quote_spanned! {spans::generated()=>
        #private::subscribe(&#this.0, #name, #end, __p)
    };
    let read = quote_spanned!(place=> #at_type::subscribed::<#item, #item_err, #err>(#call.await));
    (returned, read)
}

/// Writes the arguments, and the expression that makes params of them.
fn params(rpc: &Rpc, private: &TokenStream) -> (Vec<TokenStream>, TokenStream) {
    let mut inputs = Vec::new();
    let mut params = match rpc.structure {
        Structure::Either | Structure::Named => quote!(#private::Params::named()),
        Structure::Positional => quote!(#private::Params::positional()),
    };
    for argument in &rpc.arguments {
        match argument {
            Argument::Context { .. } => {}
            Argument::Whole(param) => {
                let (ident, ty) = (local(param), &param.ty);
                inputs.push(quote!(#ident: #ty));
                let place = spans::at(spans::first(ty));
                params = quote_spanned!(place=> #private::Params::whole(&#ident));
            }
            Argument::Param(param) => {
                let (ident, ty, name) = (local(param), &param.ty, &param.name);
                let (input, with) = match param.absence {
                    Absence::Default | Absence::Expr(_) => {
                        (quote!(::core::option::Option<#ty>), "with_given")
                    }
                    Absence::Null => (ty.to_token_stream(), "with_optional"),
                    Absence::Refused => (ty.to_token_stream(), "with"),
                };
                inputs.push(quote!(#ident: #input));
                let place = spans::at(spans::first(ty));
                let with = Ident::new(with, place);
                params = quote_spanned!(place=> #params.#with(#name, &#ident));
            }
        }
    }
    (inputs, params)
}

fn local(param: &Param) -> Ident {
    let given = param.ident.clone();
    given.unwrap_or_else(|| format_ident!("params", span = spans::generated()))
}

/// Writes the types of result and error.
///
/// A macro cannot see through an alias, so a `Result` goes by its spelling: a last segment that ends
/// in `Result`.
fn sides(returned: Option<&Type>, private: &TokenStream) -> (TokenStream, TokenStream) {
    let never = quote!(::core::convert::Infallible);
    let Some(returned) = returned else {
        return (quote!(()), never);
    };
    let owned = rpc::owned(returned);
    if rpc::is_result(&owned) {
        let of = |side: &str| {
            let side = Ident::new(side, Span::call_site());
            quote!(<#owned as #private::ReturnType>::#side)
        };
        return (of("Ok"), of("Err"));
    }
    let ok = match &owned {
        Type::Reference(reference) => {
            let inner = &reference.elem;
            quote!(<#inner as #private::ToOwned>::Owned)
        }
        other => other.to_token_stream(),
    };
    (ok, never)
}
