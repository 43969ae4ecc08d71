//! What a hook's arguments mean, told by their types.

use syn::{FnArg, GenericArgument, PathArguments, PathSegment, Signature, Type, TypeReference};

use super::part::{Argument, PartKind};
use crate::errors::Errors;
use crate::spans;

/// Reads the arguments behind the receiver.
pub(crate) fn read(kind: PartKind, sig: &Signature, errors: &mut Errors) -> Vec<Argument> {
    let mut arguments: Vec<Argument> = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let argument = one(kind, &typed.ty);
        let is_second = |argument: &Argument| match argument {
            Argument::State(_) => arguments
                .iter()
                .any(|earlier| matches!(earlier, Argument::State(_))),
            Argument::Context(_) => arguments
                .iter()
                .any(|earlier| matches!(earlier, Argument::Context(_))),
            Argument::Required(_) | Argument::Optional(_) => false,
        };
        match argument {
            Some(argument) if !is_second(&argument) => arguments.push(argument),
            _ => {
                let (name, usage) = (kind.name(), kind.usage());
                errors.push(
                    typed,
                    format!("`#[{name}]` methods take `&self` and at most {usage}"),
                );
            }
        }
    }
    arguments
}

fn one(kind: PartKind, ty: &Type) -> Option<Argument> {
    let place = spans::first(ty);
    match (kind, ungrouped(ty)) {
        (PartKind::Boot, Type::Reference(reference)) if leads_to(reference, "BootContext") => {
            Some(Argument::Context(place))
        }
        (PartKind::Run, ty) if last(ty).is_some_and(|last| last.ident == "TaskContext") => {
            Some(Argument::Context(place))
        }
        (PartKind::Run, Type::Reference(_)) => None,
        (PartKind::Run, _) => Some(Argument::State(place)),
        (_, Type::Reference(reference)) if reference.mutability.is_none() => {
            Some(Argument::State(place))
        }
        (PartKind::Boot, ty) => {
            if let Some(inner) = inside(ty, "Arc") {
                return Some(Argument::Required(Box::new(inner.clone())));
            }
            let inner = inside(inside(ty, "Option")?, "Arc")?;
            Some(Argument::Optional(Box::new(inner.clone())))
        }
        _ => None,
    }
}

fn leads_to(reference: &TypeReference, name: &str) -> bool {
    last(&reference.elem).is_some_and(|last| last.ident == name)
}

fn last(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// `T` of `name<T>`.
fn inside<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let last = last(ty).filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

fn ungrouped(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        };
    }
}
