//! The code of a node's work: two lists of declarations.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Declared, Work};
use crate::krate::Krate;
use crate::node::hook;
use crate::node::model::Behaviour;
use crate::node::roles;
use crate::spans;

/// Writes `tasks` and `reloads` of the trait, those that are not empty.
pub(crate) fn declarations(behaviour: &Behaviour, krate: &Krate) -> TokenStream {
    let lists = rows(behaviour, krate).into_iter();
    lists
        .map(|(list, rows)| self::lists(list, krate, &rows))
        .collect()
}

/// Writes one of the trait's two methods with this body.
pub(crate) fn lists(list: &str, krate: &Krate, body: &TokenStream) -> TokenStream {
    let root = krate.root(spans::generated());
    let name = Ident::new(list, spans::generated());
    let decl = match list {
        "tasks" => format_ident!("TaskDecl", span = spans::generated()),
        _ => format_ident!("ReloadDecl", span = spans::generated()),
    };
    quote_spanned! {spans::generated()=>
        fn #name() -> &'static [#root::#decl<Self>]
        where
            Self: Sized,
        {
            #body
        }
    }
}

/// Writes the lists that are not empty, each with the name of its method.
pub(crate) fn rows(behaviour: &Behaviour, krate: &Krate) -> Vec<(&'static str, TokenStream)> {
    let (children, reloads): (Vec<_>, Vec<_>) = behaviour
        .works
        .iter()
        .partition(|work| matches!(work.declared, Declared::Child { .. }));
    let lists = [("tasks", children), ("reloads", reloads)];
    let filled = lists.into_iter().filter(|(_, works)| !works.is_empty());
    let written = filled.map(|(list, works)| {
        let rows = works.into_iter().map(|work| row(work, krate));
        (
            list,
            quote_spanned!(spans::generated()=> const { &[#(#rows),*] }),
        )
    });
    written.collect()
}

fn row(work: &Work, krate: &Krate) -> TokenStream {
    let cfgs = roles::cfgs(&work.method.conditions);
    let root = krate.root(spans::generated());
    let local = |name: &str| Ident::new(name, spans::generated());
    let (this, ctx) = (local("__this"), local("__ctx"));
    match &work.declared {
        Declared::Child {
            name,
            begin,
            settings,
        } => {
            let constructor = Ident::new(begin.constructor, spans::generated());
            let argument = &begin.argument;
            let name = &name.text;
            // The user's method borrows both, for as long as the future lives.
            let inside = hook::inside(&work.method, krate, quote!(&#this), &ctx);
            let context = work.method.context.map(|_| quote!(let #ctx = &#ctx;));
            let unused = work.method.context.is_none().then(|| quote!(let _ = #ctx;));
            let body = quote!(#context #unused #inside);
            let boxed = hook::boxed(krate, &work.method.ident, &body);
            quote_spanned! {spans::generated()=>
                #cfgs
                #root::TaskDecl::#constructor(#name, #argument, |#this, #ctx| #boxed) #settings
            }
        }
        Declared::Reload { order } => {
            let name = work.method.ident.to_string();
            let body = hook::call(&work.method, krate, &this, &ctx);
            quote_spanned! {spans::generated()=>
                #cfgs
                #root::ReloadDecl::new(#name, #order, |#this| #body)
            }
        }
    }
}
