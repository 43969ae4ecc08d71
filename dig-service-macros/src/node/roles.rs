//! The roles of a method: the attributes that mean something inside a node.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

use super::hook::HookKind;
use super::work::WorkKind;
use crate::krate::Krate;
use crate::provider::PartKind;

/// What a method does in a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It answers an RPC call.
    Rpc,
    /// It is a hook.
    Hook(HookKind),
    /// It is a child, or a step of a reload.
    Work(WorkKind),
    /// It is a hook of a provider.
    Part(PartKind),
}

impl Role {
    /// Those that mean something in a node.
    pub(crate) const OF_NODE: [Self; 10] = [
        Self::Rpc,
        Self::Hook(HookKind::PreStart),
        Self::Hook(HookKind::OnStart),
        Self::Hook(HookKind::Run),
        Self::Hook(HookKind::OnStop),
        Self::Hook(HookKind::PostStop),
        Self::Hook(HookKind::Cleanup),
        Self::Work(WorkKind::Task),
        Self::Work(WorkKind::Supervised),
        Self::Work(WorkKind::Reload),
    ];

    /// Those that mean something in a provider.
    pub(crate) const OF_PROVIDER: [Self; 7] = [
        Self::Part(PartKind::Boot),
        Self::Part(PartKind::Validate),
        Self::Part(PartKind::Prepare),
        Self::Part(PartKind::Reload),
        Self::Part(PartKind::Revert),
        Self::Part(PartKind::Run),
        Self::Part(PartKind::Shutdown),
    ];

    /// Returns the name of the attribute.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rpc => "rpc",
            Self::Hook(kind) => kind.name(),
            Self::Work(kind) => kind.name(),
            Self::Part(kind) => kind.name(),
        }
    }
}

/// A role attribute that was taken off a method.
pub(crate) struct RoleAttr {
    /// The role.
    pub(crate) role: Role,
    /// The attribute as it stood, for errors.
    pub(crate) written: TokenStream,
    /// The tokens in its brackets.
    pub(crate) options: TokenStream,
    /// The conditions of the `cfg_attr`s round it.
    pub(crate) conditions: Vec<TokenStream>,
}

impl RoleAttr {
    /// Where the attribute's name stands.
    pub(crate) fn place(&self) -> Span {
        let trees = self.written.clone().into_iter();
        let inside = trees.filter_map(|tree| match tree {
            TokenTree::Group(group) => group.stream().into_iter().next(),
            TokenTree::Punct(_) => None,
            other => Some(other),
        });
        inside
            .map(|tree| tree.span())
            .next()
            .unwrap_or_else(Span::call_site)
    }
}

/// Takes the role attributes off a method, out of `cfg_attr` too.
pub(crate) fn take(attrs: &mut Vec<Attribute>, krate: &Krate, among: &[Role]) -> Vec<RoleAttr> {
    let mut found = Vec::new();
    attrs.retain_mut(|attr| {
        if let Some(role) = role_of(attr.path(), krate, among) {
            let (written, options) = (attr.to_token_stream(), arguments(&attr.meta));
            found.push(RoleAttr {
                role,
                written,
                options,
                conditions: Vec::new(),
            });
            return false;
        }
        if attr.path().is_ident("cfg_attr") {
            return strip_conditional(&mut attr.meta, &[], krate, among, &mut found);
        }
        true
    });
    found
}

/// Returns the conditions of the `#[cfg]`s among `attrs`.
pub(crate) fn conditions(attrs: &[Attribute]) -> Vec<TokenStream> {
    let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    cfgs.map(|attr| arguments(&attr.meta)).collect()
}

/// Returns the attributes of an item that hold for what is generated beside it: its conditions, and
/// the lints that the user allows on it.
pub(crate) fn inherited(attrs: &[Attribute]) -> TokenStream {
    let held = ["cfg", "allow"];
    let kept = attrs
        .iter()
        .filter(|attr| held.iter().any(|name| attr.path().is_ident(name)));
    kept.map(ToTokens::to_token_stream).collect()
}

/// Writes conditions as attributes.
pub(crate) fn cfgs(conditions: &[TokenStream]) -> TokenStream {
    conditions
        .iter()
        .map(|condition| quote!(#[cfg(#condition)]))
        .collect()
}

fn role_of(path: &Path, krate: &Krate, among: &[Role]) -> Option<Role> {
    let mut all = among.iter().copied();
    all.find(|role| krate.leads_to(path, role.name()))
}

fn arguments(meta: &Meta) -> TokenStream {
    match meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) => TokenStream::new(),
        // `#[rpc = "x"]`: the option parser says what it thinks of the `=`.
        Meta::NameValue(_) => meta.to_token_stream().into_iter().skip(1).collect(),
    }
}

/// Takes the roles out of one `cfg_attr` and returns whether anything is left of it.
fn strip_conditional(
    meta: &mut Meta,
    outer: &[TokenStream],
    krate: &Krate,
    among: &[Role],
    found: &mut Vec<RoleAttr>,
) -> bool {
    let Meta::List(list) = meta else {
        return true;
    };
    let split = |input: ParseStream<'_>| {
        let condition: Meta = input.parse()?;
        input.parse::<Token![,]>()?;
        Ok((
            condition,
            Punctuated::<Meta, Token![,]>::parse_terminated(input)?,
        ))
    };
    let Ok((condition, metas)) = split.parse2(list.tokens.clone()) else {
        return true;
    };
    let mut conditions = outer.to_vec();
    conditions.push(condition.to_token_stream());
    let before = found.len();
    let mut kept = Punctuated::<Meta, Token![,]>::new();
    for mut inner in metas {
        if let Some(role) = role_of(inner.path(), krate, among) {
            let (written, options) = (inner.to_token_stream(), arguments(&inner));
            found.push(RoleAttr {
                role,
                written,
                options,
                conditions: conditions.clone(),
            });
        } else if !inner.path().is_ident("cfg_attr")
            || strip_conditional(&mut inner, &conditions, krate, among, found)
        {
            kept.push(inner);
        }
    }
    if found.len() > before {
        list.tokens = quote!(#condition, #kept);
        return !kept.is_empty();
    }
    true
}
