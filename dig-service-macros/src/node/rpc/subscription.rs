//! Methods that subscribe: they return a stream, and a second name ends it.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound, TypePath};

use super::check::is_unit;
use super::{Rpc, Subscription, names, types};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::node::expand::Locals;
use crate::node::options::Naming;
use crate::options::Options;
use crate::spans;

/// Reads `subscription` and `unsubscribe`.
pub(super) fn check(
    options: &Options,
    sig: &Signature,
    naming: &Naming,
    errors: &mut Errors,
) -> Option<Subscription> {
    let given = options.string("unsubscribe", errors);
    if !options.flag("subscription") {
        if let Some(given) = given {
            let message = "`unsubscribe` names what ends a `subscription`, and this method is none";
            errors.push(given, message);
        }
        return None;
    }
    if let Some(given) = options.get("notification") {
        let message = "a `notification` is not answered, so nobody would know of the subscription";
        errors.push(&given.key, message);
    }
    if is_unit(&sig.output) {
        let message = "`subscription` methods return a stream, as in `impl Stream<Item = Block> + Send + use<>`";
        errors.push(&sig.ident, message);
    }
    let own = options.string("name", &mut Errors::default());
    let unsubscribe = names::of_end(given.as_ref(), own.as_ref(), &sig.ident, naming, errors);
    let item = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => item(ty),
    };
    Some(Subscription { unsubscribe, item })
}

/// Finds what a stream gives by the spelling of its type: `impl Stream<Item = T>`, or the last
/// parameter of a type like `BoxStream<'static, T>`.
fn item(ty: &Type) -> Option<Type> {
    match types::bare(ty) {
        Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(item_of_bound),
        Type::TraitObject(object) => object.bounds.iter().find_map(item_of_bound),
        Type::Path(path) if types::is_result(ty) => item(arguments(path).next()?),
        Type::Path(path) => {
            let last = arguments(path).last()?;
            Some(item_inside(last).unwrap_or_else(|| last.clone()))
        }
        _ => None,
    }
}

/// Looks through `Pin<Box<dyn Stream<Item = T>>>`.
fn item_inside(ty: &Type) -> Option<Type> {
    match types::bare(ty) {
        Type::Path(path) => arguments(path).last().and_then(item_inside),
        Type::TraitObject(object) => object.bounds.iter().find_map(item_of_bound),
        _ => None,
    }
}

fn arguments(path: &TypePath) -> impl Iterator<Item = &Type> {
    let last = path.path.segments.last();
    let list = last.and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(&list.args),
        _ => None,
    });
    list.into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

fn item_of_bound(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(list) = &last.arguments else {
        return None;
    };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assigned) if assigned.ident == "Item" => {
            Some(assigned.ty.clone())
        }
        _ => None,
    })
}

/// Writes what the name that ends a subscription answers, behind that name.
pub(super) fn end<'a>(
    rpc: &'a Rpc,
    krate: &Krate,
    Locals { cx, params, .. }: &Locals,
) -> Option<(&'a str, TokenStream)> {
    let name = &rpc.subscription.as_ref()?.unsubscribe.text;
    let private = krate.private(spans::generated());
    let answer = quote_spanned! {spans::generated()=>
        #private::ready(#private::unsubscribe(#cx, #params))
    };
    Some((name, answer))
}

/// Writes what takes the stream `__v` on.
pub(super) fn open(rpc: &Rpc, krate: &Krate, cx: &Ident, place: proc_macro2::Span) -> TokenStream {
    let private = krate.private(spans::generated());
    let name = &rpc.name.text;
    let span = spans::at(place);
    let at_type = krate.private(span);
    let items = quote_spanned!(span=> #at_type::items_of(&__v));
    let opened = quote_spanned!(span=> __i.open(#cx, #name, __v));
    quote_spanned! {spans::generated()=>
        {
            let __i = {
                use #private::{ResultItems as _, ValueItems as _};
                (&#items).__dig_items()
            };
            #opened
        }
    }
}
