//! The trait impls of an `impl` block that is a whole node.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Generics, Type};

use super::group;
use super::hook::{self, Hook, HookKind};
use super::model::Behaviour;
use super::options::NodeOptions;
use super::roles;
use super::rpc;
use super::work;
use crate::krate::Krate;
use crate::spans;

/// How many methods `admin` adds; the runtime has their table.
const ADMIN_METHODS: usize = 9;

/// What the impls are for.
pub(crate) struct Target<'a> {
    /// The parameters and where clause of the impls.
    pub(crate) generics: &'a Generics,
    /// The type.
    pub(crate) ty: TokenStream,
    /// The attributes of the user's item that hold for all of it.
    pub(crate) attrs: TokenStream,
}

impl<'a> Target<'a> {
    /// The impls of a type, with the conditions on the user's item and the lints that it allows.
    pub(crate) fn new(generics: &'a Generics, ty: &Type, attrs: &[Attribute]) -> Self {
        Self {
            generics,
            ty: ty.to_token_stream(),
            attrs: roles::inherited(attrs),
        }
    }

    /// Writes an impl of one trait.
    pub(crate) fn implement(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        let attrs = &self.attrs;
        let (generics, _, where_clause) = self.generics.split_for_impl();
        let ty = &self.ty;
        quote_spanned! {spans::generated()=>
            #attrs
            #[automatically_derived]
            impl #generics #of_trait for #ty #where_clause { #body }
        }
    }
}

/// The names that generated bodies work on.
pub(crate) struct Locals {
    pub(crate) this: Ident,
    pub(crate) ctx: Ident,
    pub(crate) cx: Ident,
    pub(crate) method: Ident,
    pub(crate) params: Ident,
}

impl Locals {
    /// The names inside a trait's method.
    pub(crate) fn in_trait() -> Self {
        // `self` has the hygiene of the call site everywhere, or it is not found (E0424).
        Self {
            this: Ident::new("self", proc_macro2::Span::call_site()),
            ..Self::in_closure()
        }
    }

    /// The names inside a closure of the table.
    pub(crate) fn in_closure() -> Self {
        let local = |name: &str| Ident::new(name, spans::generated());
        Self {
            this: local("__this"),
            ctx: local("__ctx"),
            cx: local("__cx"),
            method: local("__method"),
            params: local("__params"),
        }
    }
}

/// Writes the mark that makes the first error of a doubled `#[node]` say what to do.
pub(crate) fn mark(target: &Target<'_>, krate: &Krate) -> TokenStream {
    let private = krate.private(spans::generated());
    let of_trait = quote!(#private::NodeIsMarkedTwice_MarkTheImplWith_dig_service_methods);
    target.implement(&of_trait, &TokenStream::new())
}

/// Writes the impls of an `impl` block.
pub(crate) fn impls(
    target: &Target<'_>,
    options: &NodeOptions,
    behaviour: &Behaviour,
) -> TokenStream {
    let krate = &options.krate;
    let mut all = mark(target, krate);
    if !options.rpc_only {
        let mut body = name(options);
        body.extend(behaviour.hooks.iter().map(|hook| trait_hook(hook, krate)));
        body.extend(work::declarations(behaviour, krate));
        let root = krate.root(spans::generated());
        all.extend(target.implement(&quote!(#root::NodeLifecycle), &body));
    }
    if !options.lifecycle_only {
        all.extend(rpc_api(
            target,
            krate,
            &dispatch(behaviour, krate, &Locals::in_trait()),
            &methods(target, behaviour, krate),
        ));
    }
    all
}

/// Writes `NAME`, if there is one.
pub(crate) fn name(options: &NodeOptions) -> TokenStream {
    let Some(name) = &options.name else {
        return TokenStream::new();
    };
    quote_spanned! {spans::generated()=>
        const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
    }
}

/// Writes a hook as a method of the trait.
fn trait_hook(hook: &Hook, krate: &Krate) -> TokenStream {
    let cfgs = roles::cfgs(&hook.method.conditions);
    let locals = Locals::in_trait();
    let body = hook::call(&hook.method, krate, &locals.this, &locals.ctx);
    let method = hook_method(hook.kind, krate, &locals.ctx, &body);
    quote!(#cfgs #method)
}

/// Writes a method of `NodeLifecycle` with this body.
pub(crate) fn hook_method(
    kind: HookKind,
    krate: &Krate,
    ctx: &Ident,
    body: &TokenStream,
) -> TokenStream {
    let name = format_ident!("{}", kind.name(), span = spans::generated());
    let private = krate.private(spans::generated());
    let (generics, inputs, bounds) = hook::parameters(kind.context(), krate, ctx);
    quote_spanned! {spans::generated()=>
        fn #name<#generics>(#inputs) -> #private::BoxFut<'__z, #private::HookResult>
        where
            #bounds
        {
            #body
        }
    }
}

/// Writes the impl of `RpcApi` with these bodies.
pub(crate) fn rpc_api(
    target: &Target<'_>,
    krate: &Krate,
    dispatch: &TokenStream,
    methods: &TokenStream,
) -> TokenStream {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let Locals {
        this,
        cx,
        method,
        params,
        ..
    } = Locals::in_trait();
    let body = quote_spanned! {spans::generated()=>
        fn dispatch<'__a, '__b, '__z>(
            &'__a #this,
            #method: &'__b str,
            #params: #private::Value,
        ) -> #private::BoxFut<'__z, #private::RpcResult>
        where
            '__a: '__z,
            '__b: '__z,
            Self: '__z,
        {
            <Self as #root::RpcApi>::dispatch_cx(#this, #root::RpcContext::LOCAL, #method, #params)
        }
        fn dispatch_cx<'__a, '__b, '__c, '__z>(
            &'__a #this,
            #cx: &'__b #root::RpcContext,
            #method: &'__c str,
            #params: #private::Value,
        ) -> #private::BoxFut<'__z, #private::RpcResult>
        where
            '__a: '__z,
            '__b: '__z,
            '__c: '__z,
            Self: '__z,
        {
            #dispatch
        }
        fn methods() -> &'static [#root::MethodInfo]
        where
            Self: Sized,
        {
            #methods
        }
    };
    target.implement(&quote!(#root::RpcApi), &body)
}

/// Writes the `match` on the method's name.
pub(crate) fn dispatch(behaviour: &Behaviour, krate: &Krate, locals: &Locals) -> TokenStream {
    let private = krate.private(spans::generated());
    let Locals {
        cx, method, params, ..
    } = locals;
    let unknown = quote!(#private::ready(#private::not_found(#method)));
    let unknown = group::ask(&behaviour.groups, locals, &unknown);
    if !behaviour.has_rpc() {
        return unknown;
    }
    let admin = behaviour.has_admin.then(|| {
        quote_spanned! {spans::generated()=>
            __name if #private::is_admin(__name) => #private::admin(#cx, __name, #params),
        }
    });
    let discover = behaviour.discover.as_ref().map(|about| {
        let (title, doc) = (&about.title, &about.doc);
        quote_spanned! {spans::generated()=>
            "rpc.discover" => #private::ready(#private::discover::<Self>(#params, #private::About {
                title: #title,
                version: ::core::option_env!("CARGO_PKG_VERSION"),
                doc: #doc,
            })),
        }
    });
    let arms = behaviour
        .rpcs
        .iter()
        .map(|rpc| rpc::arm(rpc, krate, locals, |answer| answer));
    quote_spanned! {spans::generated()=>
        match #method {
            #(#arms)*
            #admin
            #discover
            _ => #unknown,
        }
    }
}

/// Writes the list of what the methods are.
pub(crate) fn methods(target: &Target<'_>, behaviour: &Behaviour, krate: &Krate) -> TokenStream {
    let private = krate.private(spans::generated());
    let admin = (0..ADMIN_METHODS).filter(|_| behaviour.has_admin);
    let admin = admin.map(|place| quote!(#private::ADMIN_METHODS[#place]));
    let rows = rows(behaviour, krate).chain(admin);
    let own = quote_spanned!(spans::generated()=> const { &[#(#rows),*] });
    match behaviour.groups.is_empty() {
        true => own,
        false => group::joined(&own, behaviour, krate, !target.generics.params.is_empty()),
    }
}

/// Writes what each method of a block is.
pub(crate) fn rows<'a>(
    behaviour: &'a Behaviour,
    krate: &'a Krate,
) -> impl Iterator<Item = TokenStream> + 'a {
    let rows = behaviour.rpcs.iter();
    rows.map(|rpc| rpc::row(rpc, krate, behaviour.has_schemas))
}
