//! RPC methods in further blocks: `#[rpc_group(chain)]` and `groups(chain)`.
//!
//! A group is a hidden constant of the type, with a dispatch that gives the params back for a name
//! that is not its own. The node asks its groups in order, behind its own methods. As a macro sees
//! one block at a time, names that two blocks share are found by the compiler, in a constant.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::expand::{self, Locals, Target};
use super::model::Behaviour;
use super::roles;
use super::rpc;
use crate::krate::Krate;
use crate::spans;

/// The constant that holds a group.
fn holder(group: &Ident) -> Ident {
    let name = group.to_string();
    let name = format!("DIG_SERVICE_RPC_GROUP_{}", name.trim_start_matches("r#"));
    Ident::new(&name, spans::at(group.span()))
}

/// Writes the group that a block is.
pub(crate) fn expand(
    group: &Ident,
    target: &Target<'_>,
    behaviour: &Behaviour,
    krate: &Krate,
) -> TokenStream {
    let private = krate.private(spans::generated());
    let locals = Locals::in_closure();
    let Locals {
        this,
        cx,
        method,
        params,
        ..
    } = &locals;
    let arms = behaviour.rpcs.iter().map(|rpc| {
        rpc::arm(
            rpc,
            krate,
            &locals,
            |answer| quote!(::core::result::Result::Ok(#answer)),
        )
    });
    let rows = expand::rows(behaviour, krate);
    let (generics, _, where_clause) = target.generics.split_for_impl();
    let (attrs, ty, holder) = (&target.attrs, &target.ty, holder(group));
    quote_spanned! {spans::generated()=>
        #attrs
        impl #generics #ty #where_clause {
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            pub(crate) const #holder: #private::Group<Self> = #private::Group::new(
                |#this, #cx, #method, #params| match #method {
                    #(#arms)*
                    _ => ::core::result::Result::Err(#params),
                },
                const { &[#(#rows),*] },
            );
        }
    }
}

/// Writes what a node answers to a name that is not its own.
pub(crate) fn ask(groups: &[Ident], locals: &Locals, unknown: &TokenStream) -> TokenStream {
    let Locals {
        this,
        cx,
        method,
        params,
        ..
    } = locals;
    let mut answer = unknown.clone();
    for group in groups.iter().rev() {
        let holder = holder(group);
        answer = quote_spanned! {spans::generated()=>
            match Self::#holder.dispatch(#this, #cx, #method, #params) {
                ::core::result::Result::Ok(__future) => __future,
                ::core::result::Result::Err(#params) => #answer,
            }
        };
    }
    answer
}

/// Writes the rows of a node and of its groups as one list.
pub(crate) fn joined(
    own: &TokenStream,
    behaviour: &Behaviour,
    krate: &Krate,
    is_generic: bool,
) -> TokenStream {
    let private = krate.private(spans::generated());
    let groups = behaviour.groups.iter().map(holder);
    // Of a plain node it is found earlier, by `early_check`.
    let check = is_generic.then(|| {
        let distinct = distinct(&quote!(Self), behaviour, krate);
        quote_spanned!(spans::generated()=> const { #distinct })
    });
    quote_spanned! {spans::generated()=>
        {
            #check
            #private::joined::<Self>(&[#own, #(Self::#groups.methods()),*])
        }
    }
}

/// Writes the check that no two blocks share a name, where it is found without a call: a generic
/// node is checked once it is used.
pub(crate) fn early_check(
    target: &Target<'_>,
    behaviour: &Behaviour,
    krate: &Krate,
) -> Option<TokenStream> {
    let is_generic = !target.generics.params.is_empty();
    if behaviour.groups.is_empty() || is_generic {
        return None;
    }
    let (attrs, ty) = (&target.attrs, &target.ty);
    let distinct = distinct(&quote!(<#ty>), behaviour, krate);
    Some(quote_spanned!(spans::generated()=> #attrs const _: () = #distinct;))
}

fn distinct(ty: &TokenStream, behaviour: &Behaviour, krate: &Krate) -> TokenStream {
    let place = behaviour
        .groups
        .first()
        .map_or_else(spans::generated, |first| spans::at(first.span()));
    let private = krate.private(place);
    let own = behaviour.rpcs.iter().flat_map(|rpc| {
        let cfgs = roles::cfgs(&rpc.conditions);
        rpc.claims().map(move |name| {
            let name = &name.text;
            quote!(#cfgs #name)
        })
    });
    let admin = behaviour
        .has_admin
        .then(|| quote!(&#private::ADMIN_METHODS,));
    let groups = behaviour.groups.iter().map(holder);
    quote_spanned!(place=> #private::distinct(&[#(#own),*], &[#admin #(#ty::#groups.methods()),*]))
}
