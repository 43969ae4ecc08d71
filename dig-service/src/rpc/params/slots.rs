//! One slot per param.

use dig_rpc_types::envelope::JsonRpcError;
use serde_json::{Map, Value};

use super::complaint;
use super::{BorrowedParam, Param, Shape};

/// The params of one call, each in its slot.
#[derive(Debug)]
pub struct Slots<const N: usize>([Option<Value>; N]);

impl<const N: usize> Slots<N> {
    /// Sorts params that may come by name or by position.
    #[inline]
    pub fn new(params: Value, names: &[&str]) -> Result<Self, JsonRpcError> {
        Self::shaped(params, &Shape::new(names))
    }

    /// Sorts params of any shape.
    #[inline]
    pub fn shaped(params: Value, shape: &Shape<'_>) -> Result<Self, JsonRpcError> {
        let mut slots = [const { None }; N];
        fill(&mut slots, params, shape)?;
        Ok(Self(slots))
    }

    /// Moves a param out that must be there.
    #[inline]
    pub fn take<T: Param>(&mut self, place: usize, name: &str) -> Result<T, JsonRpcError> {
        match self.0[place].take() {
            Some(value) => T::read(value).map_err(|error| complaint::wrong(name, &error)),
            None => Err(complaint::missing(name)),
        }
    }

    /// Moves an `Option` out: an absent param reads as `null`.
    pub fn take_opt<T: Param>(&mut self, place: usize, name: &str) -> Result<T, JsonRpcError> {
        match self.0[place].take() {
            Some(value) => T::read(value).map_err(|error| complaint::wrong(name, &error)),
            None => T::read(Value::Null).map_err(|_| complaint::missing(name)),
        }
    }

    /// Moves a param out, or makes its default.
    pub fn take_or<T: Param>(
        &mut self,
        place: usize,
        name: &str,
        default: impl FnOnce() -> T,
    ) -> Result<T, JsonRpcError> {
        match self.0[place].take() {
            Some(value) => T::read(value).map_err(|error| complaint::wrong(name, &error)),
            None => Ok(default()),
        }
    }

    /// Borrows from a param that must be there.
    pub fn borrow<'v, T: BorrowedParam<'v>>(
        &'v self,
        place: usize,
        name: &str,
    ) -> Result<T, JsonRpcError> {
        match &self.0[place] {
            Some(value) => T::read_from(value).map_err(|error| complaint::wrong(name, &error)),
            None => Err(complaint::missing(name)),
        }
    }

    /// Borrows an `Option`: an absent param reads as `null`.
    pub fn borrow_opt<'v, T: BorrowedParam<'v>>(
        &'v self,
        place: usize,
        name: &str,
    ) -> Result<T, JsonRpcError> {
        match &self.0[place] {
            Some(value) => T::read_from(value).map_err(|error| complaint::wrong(name, &error)),
            None => T::read_from(&Value::Null).map_err(|_| complaint::missing(name)),
        }
    }

    /// Borrows from a param, or makes its default.
    pub fn borrow_or<'v, T: BorrowedParam<'v>>(
        &'v self,
        place: usize,
        name: &str,
        default: impl FnOnce() -> T,
    ) -> Result<T, JsonRpcError> {
        match &self.0[place] {
            Some(value) => T::read_from(value).map_err(|error| complaint::wrong(name, &error)),
            None => Ok(default()),
        }
    }
}

fn fill(slots: &mut [Option<Value>], params: Value, shape: &Shape<'_>) -> Result<(), JsonRpcError> {
    match params {
        Value::Null => Ok(()),
        Value::Array(values) => fill_by_position(slots, values, shape),
        Value::Object(values) => fill_by_name(slots, values, shape),
        other => Err(complaint::neither(&other)),
    }
}

fn fill_by_position(
    slots: &mut [Option<Value>],
    values: Vec<Value>,
    shape: &Shape<'_>,
) -> Result<(), JsonRpcError> {
    if !shape.by_position && !values.is_empty() {
        return Err(complaint::by_name_only());
    }
    if values.len() > slots.len() && !shape.lenient {
        return Err(complaint::too_many(slots.len(), values.len()));
    }
    for (slot, value) in slots.iter_mut().zip(values) {
        *slot = Some(value);
    }
    Ok(())
}

fn fill_by_name(
    slots: &mut [Option<Value>],
    mut values: Map<String, Value>,
    shape: &Shape<'_>,
) -> Result<(), JsonRpcError> {
    if !shape.by_name && !values.is_empty() {
        return Err(complaint::by_position_only());
    }
    // The values are taken out and the map is dropped whole, which is cheaper than taking it apart.
    let mut found = 0;
    for (slot, name) in slots.iter_mut().zip(shape.names) {
        if let Some(value) = values.get_mut(*name) {
            *slot = Some(value.take());
            found += 1;
        }
    }
    match found == values.len() {
        true => Ok(()),
        false => fill_by_alias(slots, values, shape),
    }
}

/// Fills what came under other names; apart, as most calls have none.
fn fill_by_alias(
    slots: &mut [Option<Value>],
    values: Map<String, Value>,
    shape: &Shape<'_>,
) -> Result<(), JsonRpcError> {
    let others = values
        .into_iter()
        .filter(|(name, _)| !shape.names.contains(&name.as_str()));
    for (name, value) in others {
        match shape.place_of_alias(&name) {
            Some(place) if slots[place].is_some() => {
                return Err(complaint::twice(shape.names[place]));
            }
            Some(place) => slots[place] = Some(value),
            None if shape.lenient => {}
            None => return Err(complaint::unknown(&name)),
        }
    }
    Ok(())
}
