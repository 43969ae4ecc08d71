use quote::ToTokens;
use syn::{Type, parse_quote};

use super::{borrowed_bytes, borrows, inferred, is_context, is_option};

#[test]
fn borrowing_is_seen_by_spelling() {
    let borrowed: [Type; 5] = [
        parse_quote!(&str),
        parse_quote!(Option<&'a str>),
        parse_quote!(View<'_>),
        parse_quote!((u8, &str)),
        parse_quote!(Cow<'_, View<'_>>),
    ];
    let owned: [Type; 4] = [
        parse_quote!(String),
        parse_quote!(Cow<'_, str>),
        parse_quote!(Option<std::borrow::Cow<'a, str>>),
        parse_quote!(Vec<Tag<'static>>),
    ];

    for ty in borrowed {
        assert!(borrows(&ty), "{}", ty.to_token_stream());
    }
    for ty in owned {
        assert!(!borrows(&ty), "{}", ty.to_token_stream());
    }
}

#[test]
fn borrowed_bytes_are_seen_by_spelling() {
    let bytes: [Type; 5] = [
        parse_quote!(&[u8]),
        parse_quote!(Option<&'a [u8]>),
        parse_quote!((u8, &[u8])),
        parse_quote!([&[u8]; 2]),
        parse_quote!(&&[core::primitive::u8]),
    ];
    let others: [Type; 4] = [
        parse_quote!(Vec<u8>),
        parse_quote!(Cow<'_, [u8]>),
        parse_quote!(&[u16]),
        parse_quote!([u8; 4]),
    ];

    for ty in bytes {
        assert!(borrowed_bytes(&ty).is_some(), "{}", ty.to_token_stream());
    }
    for ty in others {
        assert!(borrowed_bytes(&ty).is_none(), "{}", ty.to_token_stream());
    }
}

#[test]
fn lifetimes_of_the_method_are_inferred() {
    let ty = inferred(&parse_quote!(Map<'a, &'b [Tag<'static>]>));

    assert_eq!(
        ty.to_token_stream().to_string(),
        "Map < '_ , & '_ [Tag < 'static >] >"
    );
}

#[test]
fn options_and_contexts_are_seen_by_their_last_segment() {
    assert!(is_option(&parse_quote!(std::option::Option<u8>)));
    assert!(!is_option(&parse_quote!(Option)));
    assert!(is_context(&parse_quote!(&dig_service::RpcContext)));
    assert!(is_context(&parse_quote!(RpcContext)));
    assert!(!is_context(&parse_quote!(Context)));
}
