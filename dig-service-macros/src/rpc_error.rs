//! `#[derive(RpcError)]`: the error of a method as the one that is sent.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Fields, Generics, Item, Lit, LitInt, LitStr, Meta, Path,
    UnOp,
};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::options::{Key, Options};
use crate::spans;

const CODE: Key = Key::value("code", "NotSynced");
const MESSAGE: Key = Key::value("message", "\"no such block\"");
const DATA: Key = Key::value("data", "Self::details");

const TYPE: &[Key] = &[
    CODE,
    MESSAGE,
    DATA,
    Key::value("crate", "my_crate::dig_service"),
];
const VARIANT: &[Key] = &[CODE, MESSAGE, DATA];

/// What is sent for one variant.
#[derive(Clone)]
struct Mapping {
    code: Option<Code>,
    message: Option<LitStr>,
    data: Option<Path>,
}

#[derive(Clone)]
enum Code {
    Variant(Ident),
    Number(Expr),
}

/// Expands `#[derive(RpcError)]`.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expanded = match syn::parse2(item) {
        Ok(Item::Enum(item)) => {
            let (common, krate) = of_type(&item.attrs, &mut errors);
            let mut arms = TokenStream::new();
            for variant in &item.variants {
                let own = attribute(&variant.attrs, VARIANT, &mut errors);
                let own = Mapping::read(&own, &mut errors).or(&common);
                let (name, rest) = (&variant.ident, rest(&variant.fields));
                let cfgs = variant
                    .attrs
                    .iter()
                    .filter(|attr| attr.path().is_ident("cfg"));
                let parts = own.parts(&item.ident, &krate);
                arms.extend(quote!(#(#cfgs)* Self::#name #rest => #parts,));
            }
            let this = self_ident();
            let body = if item.variants.is_empty() {
                quote!(match #this {})
            } else {
                quote!(match &#this { #arms })
            };
            implement(&item.ident, &item.generics, &krate, &body)
        }
        Ok(Item::Struct(item)) => {
            let (common, krate) = of_type(&item.attrs, &mut errors);
            let parts = common.parts(&item.ident, &krate);
            implement(&item.ident, &item.generics, &krate, &parts)
        }
        Ok(other) => {
            errors.push(other, "`RpcError` is for enums and structs");
            TokenStream::new()
        }
        Err(error) => {
            errors.push_error(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#expanded #errors)
}

fn self_ident() -> Ident {
    Ident::new("self", proc_macro2::Span::call_site())
}

fn rest(fields: &Fields) -> TokenStream {
    match fields {
        Fields::Unit => TokenStream::new(),
        Fields::Named(_) | Fields::Unnamed(_) => quote!({ .. }),
    }
}

fn of_type(attrs: &[Attribute], errors: &mut Errors) -> (Mapping, Krate) {
    let options = attribute(attrs, TYPE, errors);
    let krate = Krate::new(options.path("crate", errors));
    (Mapping::read(&options, errors), krate)
}

/// Reads `#[rpc_error(..)]`; several are read as one.
fn attribute(attrs: &[Attribute], keys: &'static [Key], errors: &mut Errors) -> Options {
    let mut tokens = TokenStream::new();
    for attr in attrs
        .iter()
        .filter(|attr| attr.path().is_ident("rpc_error"))
    {
        match &attr.meta {
            Meta::List(list) => {
                let inside = &list.tokens;
                tokens.extend(quote!(#inside,));
            }
            other => errors.push(
                other,
                "`#[rpc_error]` needs options, as in `#[rpc_error(code = NotSynced)]`",
            ),
        }
    }
    Options::parse("rpc_error", keys, tokens, errors)
}

impl Mapping {
    fn read(options: &Options, errors: &mut Errors) -> Self {
        Self {
            code: options
                .get("code")
                .and_then(|given| code(given.expr()?, errors)),
            message: options.string("message", errors),
            data: options.path("data", errors),
        }
    }

    /// Fills what a variant does not say from what its type says.
    fn or(self, common: &Self) -> Self {
        Self {
            code: self.code.or_else(|| common.code.clone()),
            message: self.message.or_else(|| common.message.clone()),
            data: self.data.or_else(|| common.data.clone()),
        }
    }

    /// Writes code, message and data.
    fn parts(&self, ty: &Ident, krate: &Krate) -> TokenStream {
        let private = krate.private(spans::generated());
        let code = match &self.code {
            None => quote!(#private::ErrorCode::InternalError),
            Some(Code::Variant(name)) => quote!(#private::ErrorCode::#name),
            Some(Code::Number(number)) => quote!(#private::error_code(#number)),
        };
        let this = self_ident();
        let span = spans::at(ty.span());
        let message = match &self.message {
            Some(text) => quote!(#private::text(#text)),
            None => {
                let private = krate.private(span);
                quote_spanned!(span=> #private::display(&#this))
            }
        };
        let data = match &self.data {
            Some(path) => {
                let span = spans::at(spans::first(path));
                let private = krate.private(span);
                quote_spanned!(span=> #private::data(#path(&#this)))
            }
            None => quote!(::core::option::Option::None),
        };
        quote!((#code, #message, #data))
    }
}

fn code(value: &Expr, errors: &mut Errors) -> Option<Code> {
    match value {
        Expr::Group(group) => return code(&group.expr, errors),
        Expr::Path(path) => {
            if let Some(name) = path.path.get_ident() {
                return Some(Code::Variant(name.clone()));
            }
        }
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => {
            return number_in_range(number, value, false, errors);
        }
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => {
            if let Expr::Lit(ExprLit {
                lit: Lit::Int(number),
                ..
            }) = &**expr
            {
                return number_in_range(number, value, true, errors);
            }
        }
        _ => {}
    }
    errors.push(value, "`code` expects a variant of `ErrorCode` or a number, as in `code = NotSynced` or `code = 4001`");
    None
}

fn number_in_range(
    number: &LitInt,
    value: &Expr,
    negative: bool,
    errors: &mut Errors,
) -> Option<Code> {
    let sign = if negative { "-" } else { "" };
    if format!("{sign}{}", number.base10_digits())
        .parse::<i32>()
        .is_err()
    {
        errors.push(value, "an error code is a 32-bit number");
        return None;
    }
    Some(Code::Number(value.clone()))
}

fn implement(
    ident: &Ident,
    generics: &Generics,
    krate: &Krate,
    parts: &TokenStream,
) -> TokenStream {
    let (root, private) = (
        krate.root(spans::generated()),
        krate.private(spans::generated()),
    );
    let (parameters, arguments, where_clause) = generics.split_for_impl();
    let this = self_ident();
    let ident = ident.to_token_stream();
    quote_spanned! {spans::generated()=>
        #[automatically_derived]
        impl #parameters #root::IntoRpcError for #ident #arguments #where_clause {
            fn into_rpc_error(#this) -> #private::JsonRpcError {
                let (__code, __message, __data) = #parts;
                #private::rpc_error(__code, __message, __data)
            }
        }
    }
}
