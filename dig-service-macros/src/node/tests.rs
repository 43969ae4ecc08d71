use proc_macro2::TokenStream;
use quote::quote;

use super::{expand, expand_methods};

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

#[test]
fn a_renamed_crate_is_named_by_its_path_alone() {
    let block = quote! {
        impl Node {
            #[renamed::rpc] fn a(&self, x: Option<u8>, cx: &RpcContext) {}
            #[run] fn c(&self) {}
        }
    };

    for text in [
        printed(expand(quote!(crate = ::renamed, name = "n"), block.clone())),
        printed(expand_methods(quote!(crate = ::renamed), block)),
        printed(expand(quote!(crate = "renamed"), quote! { struct Node; })),
    ] {
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
