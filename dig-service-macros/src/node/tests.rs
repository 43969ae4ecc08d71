use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::{expand, expand_group, expand_methods};

/// Prints an expansion as source text.
fn printed(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

/// The same without the spaces, to look for pieces in.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

fn holds(text: &str, piece: &str) -> bool {
    dense(text).contains(&dense(piece))
}

#[test]
fn half_typed_code_comes_out_as_it_went_in() {
    let tokens = expand(
        quote!(),
        quote! {
            impl Node {
                #[rpc]
                async fn get(&self) -> u8 { let x = self. }
                fn broken(&self, x) {}
            }
        },
    );

    let text = tokens.to_string();

    assert!(
        holds(&text, "async fn get(&self) -> u8 { let x = self. }"),
        "{text}"
    );
    assert!(holds(&text, "fn broken(&self, x) {}"), "{text}");
    assert!(holds(&text, "\"get\" =>"), "{text}");
    assert!(!text.contains("compile_error"), "{text}");
}

#[test]
fn a_faulty_method_loses_its_role_and_stays_a_method() {
    let text = printed(expand(
        quote!(),
        quote! {
            impl Node {
                #[rpc] fn bad(&mut self) {}
                #[on_stop] fn worse() {}
                #[rpc] fn good(&self) {}
            }
        },
    ));

    assert!(holds(&text, "fn bad(&mut self) {}"), "{text}");
    assert!(!holds(&text, "\"bad\" =>"), "{text}");
    assert!(!holds(&text, "fn on_stop<"), "{text}");
    assert!(holds(&text, "\"good\" =>"), "{text}");
    assert_eq!(text.matches("compile_error").count(), 2);
}

#[test]
fn errors_stand_behind_everything_else() {
    let text = printed(expand(quote!(colour = 1), quote! { impl Node {} }));

    let last_impl = text.rfind("RpcApi for Node").unwrap();
    assert!(text.find("compile_error").unwrap() > last_impl, "{text}");
    assert!(text.starts_with("impl Node {}"), "{text}");
}

#[test]
fn roles_are_taken_out_of_conditions() {
    let text = printed(expand(
        quote!(),
        quote! {
            impl Node {
                #[cfg(unix)]
                #[cfg_attr(feature = "x", rpc(name = "n"), must_use)]
                fn get(&self) -> u8 { 1 }
                #[cfg_attr(feature = "y", on_stop)]
                fn stop(&self) {}
            }
        },
    ));

    assert!(
        holds(&text, "#[cfg_attr(feature = \"x\", must_use)] fn get"),
        "{text}"
    );
    assert!(
        holds(&text, "#[cfg(unix)] #[cfg(feature = \"x\")] \"n\" =>"),
        "{text}"
    );
    assert!(holds(&text, "} fn stop(&self) {}"), "{text}");
    assert!(holds(&text, "#[cfg(feature = \"y\")] fn on_stop"), "{text}");
}

#[test]
fn no_lint_is_allowed_but_the_one_on_deprecated_methods() {
    let text = printed(expand(
        quote!(),
        quote! {
            impl Node {
                #[rpc] fn a(&self) {}
                #[rpc] #[deprecated] fn b(&self) {}
                #[run] async fn c(&self) {}
            }
        },
    ));

    assert_eq!(text.matches("allow").count(), 1, "{text}");
    assert!(
        holds(&text, "#[allow(deprecated)] let __r = Self::b(self);"),
        "{text}"
    );
}

/// A block with every role and, in its methods, all that writes a path to the crate.
fn with_every_role() -> TokenStream {
    quote! {
        impl Node {
            #[renamed::rpc] fn a(&self, x: Option<u8>, cx: &RpcContext) {}
            #[rpc(params = "named", lenient)] fn b(&self, #[arg(alias = "y")] x: &str) -> Answer<u8> {}
            #[rpc(timeout = "1s")] async fn c(&self, #[params] all: All, cx: RpcContext) -> Result<u8, E> {}
            #[rpc(blocking)] #[deprecated] fn d(&self, #[arg(default = 1)] x: u8) -> &'static str {}
            #[rpc(notification, tier = "control")] fn e(&self) {}
            #[rpc] async fn f(&self) -> ! {}
            #[pre_start] fn g(&self, ctx: &StartContext<'_>) {}
            #[renamed::run] async fn h(&self, ctx: RunContext) -> anyhow::Result<()> {}
            #[on_stop] fn i(&self, ctx: &StopContext<'_>) -> Result<(), E> {}
            #[task(every = "1s", initial_delay = "1s", jitter = "1%", missed = "skip", on_error = "log")]
            async fn j(&self, cx: &TaskContext) -> anyhow::Result<()> {}
            #[renamed::task(every = Self::z, kind = "maintenance")] fn k(&self) {}
            #[renamed::supervised(restart = "never", backoff("1s", "2s"), within = "1m", give_up = "ignore")]
            async fn l(&self) {}
            #[renamed::reload(order = 1)] fn m(&self) {}
            #[reload] async fn n(&self) -> Result<(), E> {}
        }
    }
}

fn rpcs_alone() -> TokenStream {
    quote! { impl Node { #[renamed::rpc] fn a(&self, x: Option<u8>) -> Result<u8, E> {} } }
}

fn a_provider() -> TokenStream {
    quote! {
        impl Store {
            #[renamed::boot] async fn a(&self, s: &S, x: Arc<A>, y: Option<Arc<B>>) -> anyhow::Result<()> {}
            #[validate] fn b(&self) {}
            #[prepare] async fn c(&self) {}
            #[renamed::reload] fn d(&self) -> Result<(), E> {}
            #[revert] fn e(&self) {}
            #[renamed::run] async fn f(&self, state: S, task: TaskContext) {}
            #[shutdown] fn g(&self) {}
        }
    }
}

#[test]
fn a_renamed_crate_is_named_by_its_path_alone() {
    // Without the feature, it is refused.
    let discover = cfg!(feature = "openrpc");
    let shaped = quote!(
        crate = ::renamed,
        admin,
        discover = #discover,
        client = Client,
        groups(chain)
    );
    let texts = [
        printed(expand(
            quote!(#shaped, name = "n", namespace = "x"),
            with_every_role(),
        )),
        printed(expand(quote!(crate = ::renamed), with_every_role())),
        printed(expand(quote!(crate = ::renamed, rpc_only), rpcs_alone())),
        printed(expand_methods(shaped, with_every_role())),
        printed(expand_methods(quote!(crate = ::renamed), with_every_role())),
        printed(expand(quote!(crate = "renamed"), quote! { struct Node; })),
        printed(expand_group(
            quote!(chain, crate = ::renamed, discover = #discover, client = Client),
            rpcs_alone(),
        )),
        printed(crate::provider::expand(
            quote!(
                crate = ::renamed,
                state = S,
                boot_timeout = "1s",
                shutdown_timeout = "1s",
                restart = "always"
            ),
            a_provider(),
        )),
        printed(crate::dig_main::expand(
            quote!(
                crate = ::renamed,
                shutdown_timeout = "1s",
                exit_codes = "sysexits",
                signal_exit = "code"
            ),
            &quote! { async fn main() -> Out {} },
        )),
        printed(crate::rpc_error::expand(quote! {
            #[rpc_error(crate = ::renamed)]
            enum E {
                #[rpc_error(code = NotSynced)] A,
                #[rpc_error(code = 7, fields)] B { b: u8 },
                #[rpc_error(fields)] C(u8, u8),
                #[rpc_error(message = "x", data = Self::d)] D,
            }
        })),
    ];

    for text in texts {
        assert!(!text.contains("compile_error"), "{text}");
        assert!(text.contains("renamed::"), "{text}");
        assert!(!text.contains("dig_service::"), "{text}");
        assert!(!text.contains("#[renamed"), "{text}");
    }
}

#[test]
fn a_struct_calls_through_the_table_by_its_bare_name() {
    let text = printed(expand(
        quote!(bounds(S: Store)),
        quote! { struct Node<S = Disk>(S) where S: Clone; },
    ));

    assert!(
        holds(&text, "= Node::ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE;"),
        "{text}"
    );
    assert!(!holds(&text, "Self::ONE_DIG"), "{text}");
    assert!(
        holds(&text, "NodeLifecycle for Node<S> where S: Clone, S: Store"),
        "{text}"
    );
}

#[test]
fn the_table_can_be_seen_in_the_whole_crate() {
    let text = printed(expand_methods(
        quote!(namespace = "x"),
        quote! { impl<S> Node<S> where S: Store { #[rpc] fn get(&self) {} } },
    ));

    assert!(
        holds(
            &text,
            "pub(crate) const ONE_DIG_SERVICE_METHODS_BLOCK_PER_NODE"
        ),
        "{text}"
    );
    assert!(holds(&text, "declared_rpc::<Self>()"), "{text}");
    assert!(holds(&text, "\"x_get\" =>"), "{text}");
}

/// Leaves out the `n`th token, at any depth; `n` is less what was passed.
fn without_nth(tokens: TokenStream, n: &mut usize) -> TokenStream {
    let mut kept = TokenStream::new();
    for tree in tokens {
        let is_left_out = *n == 0;
        *n = n.wrapping_sub(1);
        if is_left_out {
            continue;
        }
        match tree {
            TokenTree::Group(group) => {
                let inside = without_nth(group.stream(), n);
                kept.extend([TokenTree::from(Group::new(group.delimiter(), inside))]);
            }
            tree => kept.extend([tree]),
        }
    }
    kept
}

#[test]
fn any_missing_token_is_survived() {
    let options = quote!(name = "n", namespace = "a", separator = ".", bounds(S: T), crate = x);
    let block = quote! {
        #[cfg(unix)]
        impl<S, const N: usize> Node<S, N> where S: Store {
            const X: u8 = 1;
            #[cfg_attr(feature = "x", rpc(name = "n", alias = "m", params = "named"))]
            #[deprecated(note = "x")]
            pub(crate) async fn get<'a>(
                &'a self,
                /// Doc.
                #[arg(name = "h", default = 1 + 2)] height: Option<&'a str>,
                #[params] (x, y): Cow<'_, [u8; 3]>,
                cx: &RpcContext,
            ) -> Result<Vec<u8>, E> where S: Clone { body }
            #[run] extern "C" fn run(self: Arc<Self>, ctx: RunContext) -> ! { loop {} }
            m! { x }
        }
    };
    let structure = quote! { #[cfg(unix)] pub struct Node<'a, S: X = u8>(S, &'a u8) where S: Y; };

    for n in 0..250 {
        let cut = |tokens: &TokenStream| without_nth(tokens.clone(), &mut n.clone());
        for item in [&block, &structure] {
            expand(options.clone(), cut(item));
            expand_methods(quote!(namespace = "a"), cut(item));
        }
        expand(cut(&options), block.clone());
        expand(cut(&options), structure.clone());
        crate::dig_main::expand(
            cut(&quote!(flavor = "x", runtime = a::b)),
            &cut(&quote! {
                #[x] pub async fn main(a: u8) -> Result<(), E> { body }
            }),
        );
        crate::rpc_error::expand(cut(&quote! {
            #[rpc_error(code = -5, crate = x::y)]
            enum E<T: X> where T: Y { #[rpc_error(code = A, data = Self::d)] A(T), B { c: u8 }, C }
        }));
    }
}
