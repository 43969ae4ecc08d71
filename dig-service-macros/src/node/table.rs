//! The two halves of a node on a struct: `#[node]` on the struct and `#[methods]` on its impl.
//!
//! They meet in one inherent constant, which the struct's half names by the bare type name. With
//! `Self::` a block of stricter bounds would not be seen, and its hooks would silently not run.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::expand::{self, Locals, Target};
use super::hook::{self, HookKind};
use super::model::Behaviour;
use super::options::NodeOptions;
use super::roles;
use super::work;
use crate::spans;

const TABLE: &str = "ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE";

const HOOKS: [HookKind; 6] = [
    HookKind::PreStart,
    HookKind::OnStart,
    HookKind::Run,
    HookKind::OnStop,
    HookKind::PostStop,
    HookKind::Cleanup,
];

/// Writes the impls of a struct: all of them call through the table.
pub(crate) fn impls(target: &Target<'_>, ident: &Ident, options: &NodeOptions) -> TokenStream {
    let krate = &options.krate;
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let table = table(ident, &private);
    let mut all = expand::mark(target, krate);
    let (rpc, lifecycle) = (half(!options.lifecycle_only), half(!options.rpc_only));
    let halves = quote_spanned! {spans::generated()=>
        type Rpc = #private::#rpc;
        type Lifecycle = #private::#lifecycle;
    };
    all.extend(target.implement(&quote!(#private::NodeStruct), &halves));
    let Locals {
        this,
        ctx,
        cx,
        method,
        params,
    } = Locals::in_trait();
    if !options.rpc_only {
        let mut body = expand::name(options);
        for kind in HOOKS {
            let name = format_ident!("{}", kind.name());
            let call = quote_spanned!(spans::generated()=> #table __table.#name(#this, #ctx));
            body.extend(expand::hook_method(kind, krate, &ctx, &call));
        }
        for list in ["tasks", "reloads"] {
            let name = format_ident!("{list}");
            let body_of = quote_spanned!(spans::generated()=> #table __table.#name());
            body.extend(work::lists(list, krate, &body_of));
        }
        all.extend(target.implement(&quote!(#root::NodeLifecycle), &body));
    }
    if !options.lifecycle_only {
        let dispatch = quote_spanned!(spans::generated()=> #table __table.dispatch(#this, #cx, #method, #params));
        let methods = quote_spanned!(spans::generated()=> #table __table.methods());
        all.extend(expand::rpc_api(target, krate, &dispatch, &methods));
    }
    all
}

fn half(is_kept: bool) -> Ident {
    let name = if is_kept { "Kept" } else { "Left" };
    Ident::new(name, spans::generated())
}

/// Writes the statements that find the table.
fn table(ident: &Ident, private: &TokenStream) -> TokenStream {
    let table = Ident::new(TABLE, spans::at(ident.span()));
    quote_spanned! {spans::generated()=>
        use #private::TableDefault as _;
        let __table: #private::Table<Self> = #ident::#table;
    }
}

/// Writes the inherent impl that holds the table.
pub(crate) fn holder(
    target: &Target<'_>,
    options: &NodeOptions,
    behaviour: &Behaviour,
) -> TokenStream {
    let krate = &options.krate;
    let private = krate.private(spans::generated());
    let locals = Locals::in_closure();
    let Locals {
        this,
        ctx,
        cx,
        method,
        params,
    } = &locals;
    let span = spans::at(spans::first(&target.ty));
    let at_type = krate.private(span);
    let has_hooks = !(behaviour.hooks.is_empty() && behaviour.works.is_empty());
    let has_rpcs = behaviour.has_rpc();
    let check = match (!has_rpcs, !has_hooks) {
        (true, true) => "declared",
        (false, true) => "declared_rpc",
        (true, false) => "declared_hooks",
        (false, false) => "declared_both",
    };
    let check = Ident::new(check, span);
    let mut steps = quote_spanned!(span=> #at_type::#check::<Self>(););
    steps.extend(quote_spanned!(spans::generated()=> let __table = #private::Table::new();));
    for hook in &behaviour.hooks {
        let cfgs = roles::cfgs(&hook.method.conditions);
        let set = format_ident!("with_{}", hook.kind.name());
        let call = hook::call(&hook.method, krate, this, ctx);
        steps.extend(quote_spanned! {spans::generated()=>
            #cfgs
            let __table = __table.#set(|#this, #ctx| #call);
        });
    }
    for (list, rows) in work::rows(behaviour, krate) {
        let set = format_ident!("with_{list}");
        steps.extend(quote_spanned!(spans::generated()=> let __table = __table.#set(#rows);));
    }
    if has_rpcs {
        let dispatch = expand::dispatch(behaviour, krate, &locals);
        let methods = expand::methods(target, behaviour, krate);
        steps.extend(quote_spanned! {spans::generated()=>
            let __table = __table.with_rpc(|#this, #cx, #method, #params| #dispatch, || #methods);
        });
    }
    let (generics, _, where_clause) = target.generics.split_for_impl();
    let (attrs, ty) = (&target.attrs, &target.ty);
    let table = Ident::new(TABLE, spans::generated());
    // Public to the crate: a private constant would be passed over in silence from another module.
    quote_spanned! {spans::generated()=>
        #attrs
        impl #generics #ty #where_clause {
            #[doc(hidden)]
            pub(crate) const #table: #private::Table<Self> = { #steps __table };
        }
    }
}
