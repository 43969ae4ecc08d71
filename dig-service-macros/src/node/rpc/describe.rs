//! The row that describes one method.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{Param, Rpc, Structure};
use crate::krate::Krate;
use crate::node::roles;
use crate::spans;

/// Writes the `MethodInfo` of one method, its conditions before it.
pub(crate) fn row(rpc: &Rpc, krate: &Krate) -> TokenStream {
    let cfgs = roles::cfgs(&rpc.conditions);
    let root = krate.root(spans::generated());
    let (name, doc) = (&rpc.name.text, &rpc.doc);
    let params = rpc.params().map(|param| describe(param, &root));
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
    if let Some(tier) = &rpc.tier {
        row = quote!(#row.with_tier(#tier));
    }
    if let Some(millis) = rpc.timeout {
        let private = krate.private(spans::generated());
        row = quote!(#row.with_timeout(#private::Duration::from_millis(#millis)));
    }
    quote!(#cfgs #row)
}

fn describe(param: &Param, root: &TokenStream) -> TokenStream {
    let (name, doc, required) = (&param.name, &param.doc, param.is_required());
    let mut row = quote_spanned! {spans::generated()=>
        #root::ParamInfo::new(#name, #doc, #required)
    };
    if !param.aliases.is_empty() {
        let aliases = &param.aliases;
        row = quote!(#row.with_aliases(&[#(#aliases),*]));
    }
    row
}
