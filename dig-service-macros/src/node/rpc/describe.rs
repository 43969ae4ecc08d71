//! The row that describes one method.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use super::{Param, Rpc, Structure, Subscription, types};
use crate::krate::Krate;
use crate::node::roles;
use crate::spans;

/// Writes the `MethodInfo` of one method, its conditions before it.
pub(crate) fn row(rpc: &Rpc, krate: &Krate, has_schemas: bool) -> TokenStream {
    let cfgs = roles::cfgs(&rpc.conditions);
    let root = krate.root(spans::generated());
    let (name, doc) = (&rpc.name.text, &rpc.doc);
    let schemas = has_schemas.then_some(krate);
    let params = rpc.params().map(|param| describe(param, &root, schemas));
    let mut row = quote_spanned! {spans::generated()=>
        #root::MethodInfo::new(#name, #doc, const { &[#(#params),*] })
    };
    if !rpc.aliases.is_empty() {
        let aliases = rpc.aliases.iter().map(|alias| &alias.text);
        row = quote!(#row.with_aliases(&[#(#aliases),*]));
    }
    match rpc.structure {
        Structure::Either => {}
        Structure::Named => row = quote!(#row.with_structure(#root::ParamStructure::ByName)),
        Structure::Positional => {
            row = quote!(#row.with_structure(#root::ParamStructure::ByPosition));
        }
    }
    if let Some(reason) = &rpc.deprecated {
        row = quote!(#row.with_deprecation(#reason));
    }
    if rpc.is_hidden {
        row = quote!(#row.with_hidden());
    }
    if rpc.is_notification {
        row = quote!(#row.with_notification());
    }
    if let Some(subscription) = &rpc.subscription {
        let end = &subscription.unsubscribe.text;
        row = quote!(#row.with_subscription(#end));
    }
    if let Some(tier) = &rpc.tier {
        row = quote!(#row.with_tier(#tier));
    }
    if let Some(millis) = rpc.timeout {
        let private = krate.private(spans::generated());
        row = quote!(#row.with_timeout(#private::Duration::from_millis(#millis)));
    }
    if has_schemas {
        row = schemas_of(row, rpc, krate);
    }
    quote!(#cfgs #row)
}

/// Adds what `rpc.discover` tells of a method beyond its names.
fn schemas_of(mut row: TokenStream, rpc: &Rpc, krate: &Krate) -> TokenStream {
    if let Some(whole) = rpc.whole() {
        let schema = schema(whole, krate);
        row = quote!(#row.with_whole(#schema));
    }
    if let Some(subscription) = &rpc.subscription {
        row = subscription_of(row, subscription, krate);
        let Some(err) = rpc.returned.as_ref().and_then(types::error_of) else {
            return row;
        };
        let private = krate.private(spans::generated());
        let err = types::owned(err);
        return quote_spanned! {spans::generated()=>
            #row.with_errors(|| {
                use #private::{ResultProbe as _, ValueProbe as _};
                (&#private::Probe::<::core::result::Result<(), #err>>::NEW).__dig_probe().errors()
            })
        };
    }
    let private = krate.private(spans::generated());
    let returned = rpc.returned.as_ref();
    let returned = returned.map_or_else(|| quote!(()), ToTokens::to_token_stream);
    let (ok, err) = rpc.output;
    let tag = quote_spanned! {spans::generated()=>
        use #private::{ResultProbe as _, ValueProbe as _};
        let __p = (&#private::Probe::<#returned>::NEW).__dig_probe();
    };
    let schema = quote_spanned!(spans::at(ok)=> __p.schema(__g));
    let errors = quote_spanned!(spans::at(err)=> __p.errors());
    quote_spanned! {spans::generated()=>
        #row.with_result(|__g| { #tag #schema }).with_errors(|| { #tag #errors })
    }
}

/// Adds the schema of what a subscription sends, where its type can be told.
fn subscription_of(row: TokenStream, subscription: &Subscription, krate: &Krate) -> TokenStream {
    let Some(item) = &subscription.item else {
        return row;
    };
    let item = types::owned(item);
    let span = spans::at(spans::first(&item));
    let private = krate.private(spans::generated());
    let schema = quote_spanned!(span=> __p.schema(__g));
    quote_spanned! {spans::generated()=>
        #row.with_item(|__g| {
            use #private::{ResultProbe as _, ValueProbe as _};
            let __p = (&#private::Probe::<#item>::NEW).__dig_probe();
            #schema
        })
    }
}

fn schema(param: &Param, krate: &Krate) -> TokenStream {
    let span = spans::at(spans::first(&param.ty));
    let (private, ty) = (krate.private(span), &param.ty);
    quote_spanned!(span=> |__g| <#ty as #private::Described>::describe(__g))
}

fn describe(param: &Param, root: &TokenStream, schemas: Option<&Krate>) -> TokenStream {
    let (name, doc, required) = (&param.name, &param.doc, param.is_required());
    let mut row = quote_spanned! {spans::generated()=>
        #root::ParamInfo::new(#name, #doc, #required)
    };
    if !param.aliases.is_empty() {
        let aliases = &param.aliases;
        row = quote!(#row.with_aliases(&[#(#aliases),*]));
    }
    if let Some(krate) = schemas {
        let schema = schema(param, krate);
        row = quote!(#row.with_schema(#schema));
    }
    row
}
