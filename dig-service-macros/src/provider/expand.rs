//! The trait impls of a provider.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::options::ProviderOptions;
use super::part::{Argument, Part, PartKind};
use crate::krate::Krate;
use crate::node::{Target, roles};
use crate::spans;
use crate::syntax::Block;

/// Writes the impls.
pub(crate) fn impls(block: &Block, options: &ProviderOptions, parts: &[Part]) -> TokenStream {
    let target = Target::new(&block.generics, &block.self_ty, &block.attrs);
    let root = options.krate.root(spans::generated());
    let state = &options.state;
    let of = |kind: PartKind| parts.iter().find(move |part| part.kind == kind);
    let mut all = target.implement(
        &quote!(#root::registry::Provider<#state>),
        &provider(options, parts),
    );
    if let Some(reload) = of(PartKind::Reload) {
        let mut body = priority("priority", options.reload_priority.as_ref());
        for part in [of(PartKind::Prepare), Some(reload), of(PartKind::Revert)]
            .into_iter()
            .flatten()
        {
            body.extend(hook(part, options));
        }
        let reloadable = target.implement(&quote!(#root::registry::Reloadable<#state>), &body);
        all.extend(under(&reload.conditions, &reloadable));
    }
    if let Some(run) = of(PartKind::Run) {
        let body = long_work(run, options);
        let runnable = target.implement(&quote!(#root::registry::Runnable<#state>), &body);
        all.extend(under(&run.conditions, &runnable));
    }
    all
}

/// Puts conditions before an item.
fn under(conditions: &[TokenStream], item: &TokenStream) -> TokenStream {
    let conditions = roles::cfgs(conditions);
    quote!(#conditions #item)
}

fn provider(options: &ProviderOptions, parts: &[Part]) -> TokenStream {
    let mut body = TokenStream::new();
    let this = this();
    if let Some(name) = &options.name {
        body.extend(quote_spanned! {spans::generated()=>
            fn name(&#this) -> &'static str { #name }
        });
    }
    body.extend(priority("boot_priority", options.boot_priority.as_ref()));
    body.extend(priority("run_priority", options.run_priority.as_ref()));
    body.extend(timeout(
        "boot_timeout",
        options.boot_timeout,
        &options.krate,
    ));
    body.extend(timeout(
        "shutdown_timeout",
        options.shutdown_timeout,
        &options.krate,
    ));
    for part in parts {
        let written = match part.kind {
            PartKind::Boot => {
                let mut written = dependencies(part, &options.krate);
                written.extend(hook(part, options));
                written
            }
            PartKind::Validate => validate(part, options),
            PartKind::Shutdown => hook(part, options),
            PartKind::Reload => as_trait(part, "as_reloadable", "Reloadable", options),
            PartKind::Run => as_trait(part, "as_runnable", "Runnable", options),
            PartKind::Prepare | PartKind::Revert => TokenStream::new(),
        };
        body.extend(written);
    }
    body
}

fn priority(method: &str, value: Option<&syn::Expr>) -> TokenStream {
    let Some(value) = value else {
        return TokenStream::new();
    };
    let (method, this) = (Ident::new(method, spans::generated()), this());
    quote_spanned! {spans::generated()=>
        fn #method(&#this) -> ::core::option::Option<u8> { ::core::option::Option::Some(#value) }
    }
}

fn timeout(method: &str, millis: Option<u64>, krate: &Krate) -> TokenStream {
    let Some(millis) = millis else {
        return TokenStream::new();
    };
    let (method, this) = (Ident::new(method, spans::generated()), this());
    let private = krate.private(spans::generated());
    quote_spanned! {spans::generated()=>
        fn #method(&#this) -> ::core::option::Option<#private::Duration> {
            ::core::option::Option::Some(#private::Duration::from_millis(#millis))
        }
    }
}

fn dependencies(part: &Part, krate: &Krate) -> TokenStream {
    let calls: Vec<TokenStream> = part
        .arguments
        .iter()
        .filter_map(|argument| match argument {
            Argument::Required(ty) => Some(quote!(.requires::<#ty>())),
            Argument::Optional(ty) => Some(quote!(.optional::<#ty>())),
            Argument::State(_) | Argument::Context(_) => None,
        })
        .collect();
    if calls.is_empty() {
        return TokenStream::new();
    }
    let (root, this) = (krate.root(spans::generated()), this());
    let written = quote_spanned! {spans::generated()=>
        fn dependencies(&#this) -> #root::registry::Dependencies {
            #root::registry::Dependencies::new() #(#calls)*
        }
    };
    under(&part.conditions, &written)
}

fn as_trait(part: &Part, method: &str, of_trait: &str, options: &ProviderOptions) -> TokenStream {
    let (method, of_trait) = (format_ident!("{method}"), format_ident!("{of_trait}"));
    let (root, state) = (options.krate.root(spans::generated()), &options.state);
    let this = this();
    let written = quote_spanned! {spans::generated()=>
        fn #method(&#this) -> ::core::option::Option<&dyn #root::registry::#of_trait<#state>> {
            ::core::option::Option::Some(#this)
        }
    };
    under(&part.conditions, &written)
}

/// The names that generated bodies work on.
struct Locals {
    state: Ident,
    cx: Ident,
}

impl Locals {
    fn new() -> Self {
        let local = |name: &str| Ident::new(name, spans::generated());
        Self {
            state: local("__state"),
            cx: local("__cx"),
        }
    }
}

/// `self` has the hygiene of the call site everywhere, or it is not found (E0424).
fn this() -> Ident {
    Ident::new("self", proc_macro2::Span::call_site())
}

/// What stands for the arguments in the call.
fn passed(part: &Part, krate: &Krate, locals: &Locals) -> TokenStream {
    let private = krate.private(spans::generated());
    let Locals { state, cx } = locals;
    let one = |argument: &Argument| match argument {
        Argument::State(place) if part.kind == PartKind::Boot => {
            quote_spanned!(spans::at(*place)=> , #cx.state())
        }
        Argument::State(place) => quote_spanned!(spans::at(*place)=> , #state),
        Argument::Context(place) => quote_spanned!(spans::at(*place)=> , #cx),
        Argument::Required(ty) => {
            quote_spanned!(spans::at(spans::first(ty))=> , #private::required::<#ty, _>(#cx)?)
        }
        Argument::Optional(ty) => {
            quote_spanned!(spans::at(spans::first(ty))=> , #cx.resolve::<#ty>())
        }
    };
    part.arguments.iter().map(one).collect()
}

/// Turns the outcome of the user's method into that of a hook.
fn outcome(part: &Part, krate: &Krate, called: &TokenStream) -> TokenStream {
    let private = krate.private(spans::generated());
    let output = spans::at(part.output);
    let end = quote_spanned!(output=> #private::outcome((&__r).__dig_kind().hook(__r)));
    quote_spanned! {spans::generated()=>
        let __r = #called;
        {
            use #private::{ResultKind as _, ValueKind as _};
            #end
        }
    }
}

/// Writes an asynchronous hook.
fn hook(part: &Part, options: &ProviderOptions) -> TokenStream {
    let krate = &options.krate;
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let locals = Locals::new();
    let Locals {
        state: state_arg,
        cx,
    } = &locals;
    let (method, state, this) = (&part.ident, &options.state, this());
    let passed = passed(part, krate, &locals);
    let mut called = quote_spanned!(spans::generated()=> Self::#method(#this #passed));
    if part.is_async {
        called = quote_spanned!(spans::at(method.span())=> #called.await);
    }
    let inside = outcome(part, krate, &called);
    let boxed = quote_spanned!(spans::at(method.span())=> #private::boxed(async move { #inside }));
    let written = if part.kind == PartKind::Boot {
        quote_spanned! {spans::generated()=>
            fn boot_with<'__a, '__b, '__c, '__z>(
                &'__a #this,
                #cx: &'__b #root::registry::BootContext<'__c, #state>,
            ) -> #private::BoxFut<'__z, #root::registry::Result<()>>
            where
                '__a: '__z,
                '__b: '__z,
                '__c: '__z,
                Self: '__z,
            {
                #boxed
            }
        }
    } else {
        let name = Ident::new(part.kind.name(), spans::generated());
        quote_spanned! {spans::generated()=>
            fn #name<'__a, '__b, '__z>(
                &'__a #this,
                #state_arg: &'__b #state,
            ) -> #private::BoxFut<'__z, #root::registry::Result<()>>
            where
                '__a: '__z,
                '__b: '__z,
                Self: '__z,
            {
                #boxed
            }
        }
    };
    under(&part.conditions, &written)
}

fn validate(part: &Part, options: &ProviderOptions) -> TokenStream {
    let krate = &options.krate;
    let root = krate.root(spans::generated());
    let locals = Locals::new();
    let (method, state, this, state_arg) = (&part.ident, &options.state, this(), &locals.state);
    let passed = passed(part, krate, &locals);
    let inside = outcome(
        part,
        krate,
        &quote_spanned!(spans::generated()=> Self::#method(#this #passed)),
    );
    let written = quote_spanned! {spans::generated()=>
        fn validate(&#this, #state_arg: &#state) -> #root::registry::Result<()> {
            #inside
        }
    };
    under(&part.conditions, &written)
}

/// Writes `Runnable`: the work outlives the borrow of `self`, so an `async fn` runs on a clone.
fn long_work(part: &Part, options: &ProviderOptions) -> TokenStream {
    let krate = &options.krate;
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let locals = Locals::new();
    let Locals {
        state: state_arg,
        cx,
    } = &locals;
    let (method, state, this) = (&part.ident, &options.state, this());
    let passed = passed(part, krate, &locals);
    let (before, called) = if part.is_async {
        let mut whole = this.clone();
        whole.set_span(whole.span().located_at(method.span()));
        let clone = quote_spanned!(spans::at(method.span())=> #private::shared(#whole));
        (
            quote_spanned!(spans::generated()=> let __this = #clone;),
            quote_spanned!(spans::at(method.span())=> Self::#method(&__this #passed).await),
        )
    } else {
        (
            quote_spanned!(spans::generated()=> let __work = Self::#method(#this #passed);),
            quote_spanned!(spans::at(method.span())=> __work.await),
        )
    };
    let inside = outcome(part, krate, &called);
    let boxed = quote_spanned!(spans::at(method.span())=> #private::boxed(async move { #inside }));
    let has_context = part
        .arguments
        .iter()
        .any(|argument| matches!(argument, Argument::Context(_)));
    let restart = options.restart.map(|(policy, place)| {
        let policy = Ident::new(policy, place);
        quote_spanned! {spans::generated()=>
            fn restart_policy(&#this) -> #root::supervisor::RestartPolicy {
                #root::supervisor::RestartPolicy::#policy
            }
        }
    });
    if has_context {
        return quote_spanned! {spans::generated()=>
            fn run(&#this, _: #state) -> #root::registry::TaskFuture {
                ::core::unreachable!("`run_with` is called")
            }
            fn run_with(&#this, #state_arg: #state, #cx: #root::TaskContext) -> #root::registry::TaskFuture {
                #before
                #boxed
            }
            #restart
        };
    }
    quote_spanned! {spans::generated()=>
        fn run(&#this, #state_arg: #state) -> #root::registry::TaskFuture {
            #before
            #boxed
        }
        #restart
    }
}
