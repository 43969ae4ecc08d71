//! A variant of an error, or the struct that is one.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Expr, ExprLit, Fields, ItemStruct, Lit, LitStr, Member, Meta, Type, Variant};

use super::Mapping;
use super::mapping::{self, Code};
use crate::errors::Errors;
use crate::node::signature;
use crate::spans;

/// One thing that an error can be.
pub(super) struct Shape<'a> {
    /// `Self::Behind`, or `Self`.
    pub(super) path: TokenStream,
    pub(super) cfgs: Vec<&'a Attribute>,
    pub(super) mapping: Mapping,
    pub(super) doc: String,
    /// The pattern of its message, where it can be told.
    pub(super) pattern: String,
    pub(super) fields: Vec<Field<'a>>,
    pub(super) is_named: bool,
}

/// One field of it.
pub(super) struct Field<'a> {
    pub(super) member: Member,
    pub(super) local: Ident,
    pub(super) ty: &'a Type,
}

impl<'a> Shape<'a> {
    pub(super) fn of_variant(variant: &'a Variant, common: &Mapping, errors: &mut Errors) -> Self {
        let name = &variant.ident;
        let given = mapping::of_variant(&variant.attrs, common, errors);
        let own_fields = given.fields.as_ref().filter(|_| common.fields.is_none());
        if let Some(fields) = own_fields.filter(|_| variant.fields.is_empty()) {
            let message = format!("`fields` sends the fields of a variant, and `{name}` has none");
            errors.push(fields, message);
        }
        Self {
            path: quote!(Self::#name),
            cfgs: variant
                .attrs
                .iter()
                .filter(|attr| attr.path().is_ident("cfg"))
                .collect(),
            pattern: pattern(&given, &variant.attrs),
            mapping: given,
            doc: signature::documentation(&variant.attrs),
            fields: fields(&variant.fields),
            is_named: matches!(variant.fields, Fields::Named(_)),
        }
    }

    pub(super) fn of_struct(item: &'a ItemStruct, given: Mapping, doc: String) -> Self {
        Self {
            path: quote!(Self),
            cfgs: Vec::new(),
            pattern: pattern(&given, &item.attrs),
            mapping: given,
            doc,
            fields: fields(&item.fields),
            is_named: matches!(item.fields, Fields::Named(_)),
        }
    }

    /// Whether its fields travel as the data.
    pub(super) fn sends_fields(&self) -> bool {
        self.mapping.fields.is_some() && !self.fields.is_empty()
    }

    /// The code as it was written, to tell equal ones.
    pub(super) fn code_text(&self) -> Option<String> {
        self.mapping.code.as_ref().map(|code| match code {
            Code::Variant(name) => name.to_string(),
            Code::Number(number) => number.to_token_stream().to_string(),
        })
    }

    /// Writes it with its fields in the locals: a pattern, and an expression.
    pub(super) fn with_fields(&self) -> TokenStream {
        let path = &self.path;
        let pairs = self.fields.iter().map(|field| {
            let (member, local) = (&field.member, &field.local);
            quote!(#member: #local)
        });
        quote!(#path { #(#pairs),* })
    }
}

fn fields(fields: &Fields) -> Vec<Field<'_>> {
    let members = fields.members().zip(fields).enumerate();
    members
        .map(|(place, (member, field))| Field {
            member,
            local: format_ident!("__f{place}", span = spans::generated()),
            ty: &field.ty,
        })
        .collect()
}

/// The text of the message with its holes: what is fixed, or what `thiserror` is told.
fn pattern(mapping: &Mapping, attrs: &[Attribute]) -> String {
    if let Some(message) = &mapping.message {
        return message.value();
    }
    let told = attrs.iter().find(|attr| attr.path().is_ident("error"));
    let told = told.and_then(|attr| match &attr.meta {
        Meta::List(list) => list.parse_args_with(first_text).ok(),
        Meta::Path(_) | Meta::NameValue(_) => None,
    });
    told.map(|text| text.value()).unwrap_or_default()
}

fn first_text(input: syn::parse::ParseStream<'_>) -> syn::Result<LitStr> {
    let text = match input.parse()? {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text),
        other => Err(syn::Error::new_spanned(other, "no text")),
    };
    // Its arguments do not matter here.
    input.parse::<TokenStream>()?;
    text
}
