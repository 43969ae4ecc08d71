use quote::{ToTokens, quote};

use super::{Block, Item, Member, keyword};

fn kinds(block: &Block) -> Vec<&'static str> {
    let members = block.members.iter();
    members
        .map(|member| match member {
            Member::Method(_) => "method",
            Member::Call(..) => "call",
            Member::Other(_) => "other",
        })
        .collect()
}

#[test]
fn a_block_comes_out_as_it_went_in() {
    let tokens = quote! {
        /// Doc.
        #[cfg(unix)]
        impl<S: Store, const N: usize> a::Node<S, N> where S: Clone {
            const LIMIT: usize = { 3 };
            type Alias = u8;
            pub(crate) async fn get(&self, #[arg(name = "h")] height: u64,) -> Result<u8, E> { half typed + }
            const fn k() {}
            extern "C" fn c() {}
            helper!(1, 2);
            other::helper! { fn x() {} }
            fn a<T>(self: Arc<Self>) where T: Send;
        }
    };

    let block: Block = syn::parse2(tokens.clone()).unwrap();

    assert_eq!(
        kinds(&block),
        [
            "other", "other", "method", "method", "method", "call", "call", "method"
        ]
    );
    assert_eq!(block.to_token_stream().to_string(), tokens.to_string());
}

#[test]
fn what_cannot_be_read_is_passed_on() {
    let tokens = quote! {
        impl Node { fn broken(&self, x) -> { 1 } #[rpc] fn whole(&self) {} }
    };

    let block: Block = syn::parse2(tokens.clone()).unwrap();

    assert_eq!(kinds(&block), ["other", "method"]);
    assert_eq!(block.to_token_stream().to_string(), tokens.to_string());
}

#[test]
fn the_keyword_is_found_behind_qualifiers() {
    let table = [
        (
            quote!(
                pub(crate) async unsafe extern "C" fn f() {}
            ),
            "fn",
        ),
        (
            quote!(
                #[x]
                pub enum E {}
            ),
            "enum",
        ),
        (
            quote!(
                unsafe trait T {}
            ),
            "trait",
        ),
        (quote!(union U { a: u8 }), "union"),
        (
            quote!(
                const X: u8 = 1;
            ),
            "const",
        ),
    ];

    for (tokens, expected) in table {
        assert_eq!(keyword(&tokens).unwrap().to_string(), expected, "{tokens}");
    }
}

#[test]
fn a_struct_is_read_up_to_its_fields() {
    let tokens = quote! {
        pub struct Pair<S: Store = Disk, const N: usize = 3>(S) where S: Clone;
    };

    let Item::Structure(structure) = Item::parse(tokens).unwrap() else {
        panic!("not a struct");
    };

    assert_eq!(structure.ident, "Pair");
    assert_eq!(structure.generics.params.len(), 2);
    assert!(structure.generics.where_clause.is_some());
}
