//! The impl of `IntoRpcError`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Generics;

use super::mapping::Code;
use super::shape::{Field, Shape};
use crate::krate::Krate;
use crate::spans;

/// Codes that a server sends on its own, when the method was not even called.
const OF_SERVERS: [&str; 9] = [
    "ParseError",
    "InvalidRequest",
    "MethodNotFound",
    "InvalidParams",
    "InternalError",
    "NotSynced",
    "PermissionDenied",
    "RateLimited",
    "ShutdownPending",
];

/// Writes it for the type of these shapes.
pub(super) fn implement(
    ident: &Ident,
    generics: &Generics,
    krate: &Krate,
    shapes: &[Shape<'_>],
) -> TokenStream {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    let this = self_ident();
    let arms = shapes.iter().map(|shape| sent(shape, ident, krate));
    let body = if shapes.is_empty() {
        quote!(match #this {})
    } else {
        quote!(match &#this { #(#arms)* })
    };
    let declared = shapes.iter().map(|shape| declared(shape, krate));
    let received = shapes
        .iter()
        .filter_map(|shape| received(shape, shapes, krate));
    let ident = ident.to_token_stream();
    quote_spanned! {spans::generated()=>
        #[automatically_derived]
        impl #parameters #root::IntoRpcError for #ident #arguments #where_clause {
            fn into_rpc_error(#this) -> #private::JsonRpcError {
                let (__code, __message, __data) = #body;
                #private::rpc_error(__code, __message, __data)
            }
            fn declared() -> &'static [#root::ErrorInfo] {
                const { &[#(#declared),*] }
            }
            fn from_rpc_error(
                __error: #private::JsonRpcError,
            ) -> ::core::result::Result<Self, #private::JsonRpcError> {
                #(#received)*
                ::core::result::Result::Err(__error)
            }
        }
    }
}

fn self_ident() -> Ident {
    Ident::new("self", proc_macro2::Span::call_site())
}

fn code(shape: &Shape<'_>, krate: &Krate) -> TokenStream {
    let private = krate.private(spans::generated());
    match &shape.mapping.code {
        None => quote!(#private::ErrorCode::InternalError),
        Some(Code::Variant(name)) => quote!(#private::ErrorCode::#name),
        Some(Code::Number(number)) => quote!(#private::error_code(#number)),
    }
}

/// Writes the row that declares a shape.
fn declared(shape: &Shape<'_>, krate: &Krate) -> TokenStream {
    let root = krate.root(spans::generated());
    let (cfgs, pattern, doc) = (&shape.cfgs, &shape.pattern, &shape.doc);
    // The number itself, as the code of one cannot be made in a constant.
    let code = match &shape.mapping.code {
        Some(Code::Number(number)) => quote!(#number),
        _ => {
            let code = code(shape, krate);
            quote!(#code.code())
        }
    };
    quote!(#(#cfgs)* #root::ErrorInfo::new(#code, #pattern, #doc))
}

/// Writes the arm that makes code, message and data.
fn sent(shape: &Shape<'_>, ty: &Ident, krate: &Krate) -> TokenStream {
    let private = krate.private(spans::generated());
    let (this, code) = (self_ident(), code(shape, krate));
    let message = match &shape.mapping.message {
        Some(text) => quote!(#private::text(#text)),
        None => {
            let span = spans::at(ty.span());
            let private = krate.private(span);
            quote_spanned!(span=> #private::display(&#this))
        }
    };
    let data = match &shape.mapping.data {
        Some(path) => {
            let span = spans::at(spans::first(path));
            let private = krate.private(span);
            quote_spanned!(span=> #private::data(#path(&#this)))
        }
        None if shape.sends_fields() => fields_as_data(shape, krate),
        None => quote!(::core::option::Option::None),
    };
    let (cfgs, path) = (&shape.cfgs, &shape.path);
    let pattern = match shape.sends_fields() {
        true => shape.with_fields(),
        false => quote!(#path { .. }),
    };
    quote!(#(#cfgs)* #pattern => (#code, #message, #data),)
}

fn fields_as_data(shape: &Shape<'_>, krate: &Krate) -> TokenStream {
    let private = krate.private(spans::generated());
    let value = |field: &Field<'_>| {
        let span = spans::at(spans::first(field.ty));
        let (private, local) = (krate.private(span), &field.local);
        quote_spanned!(span=> #private::field_value(#local))
    };
    if shape.is_named {
        let pairs = shape.fields.iter().map(|field| {
            let (name, value) = (name(field), value(field));
            quote!((#name, #value))
        });
        return quote!(#private::named_fields([#(#pairs),*]));
    }
    let values = shape.fields.iter().map(value);
    quote!(#private::plain_fields([#(#values),*]))
}

fn name(field: &Field<'_>) -> String {
    let name = field.member.to_token_stream().to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// Writes the statement that recognises a shape in an error that was sent.
fn received(shape: &Shape<'_>, all: &[Shape<'_>], krate: &Krate) -> Option<TokenStream> {
    let root = krate.root(spans::generated());
    let (cfgs, path, code) = (&shape.cfgs, &shape.path, code(shape, krate));
    if shape.sends_fields() {
        let reads = shape.fields.iter().enumerate().map(|(place, field)| {
            let span = spans::at(spans::first(field.ty));
            let (private, ty) = (krate.private(span), field.ty);
            let (name, count) = (name(field), shape.fields.len());
            match shape.is_named {
                true => quote_spanned!(span=> #private::read_named::<#ty>(&__error, #name)),
                false => {
                    quote_spanned!(span=> #private::read_plain::<#ty>(&__error, #place, #count))
                }
            }
        });
        let locals = shape.fields.iter().map(|field| &field.local);
        let made = shape.with_fields();
        return Some(quote_spanned! {spans::generated()=>
            #(#cfgs)*
            {
                if __error.code == #code {
                    if let (#(::core::option::Option::Some(#locals),)*) = (#(#reads,)*) {
                        return ::core::result::Result::Ok(#made);
                    }
                }
            }
        });
    }
    if !shape.fields.is_empty() {
        return None;
    }
    // A code of its own tells a shape, whatever the text says in another version.
    let text = shape.code_text();
    let twins = all.iter().filter(|other| other.code_text() == text).count();
    let is_own = text.is_some_and(|text| !OF_SERVERS.contains(&&*text));
    let is_it = if is_own && twins == 1 {
        quote_spanned!(spans::generated()=> __error.code == #code)
    } else {
        quote_spanned! {spans::generated()=>
            <Self as #root::IntoRpcError>::into_rpc_error(#path {}) == __error
        }
    };
    Some(quote_spanned! {spans::generated()=>
        #(#cfgs)*
        {
            if #is_it {
                return ::core::result::Result::Ok(#path {});
            }
        }
    })
}
