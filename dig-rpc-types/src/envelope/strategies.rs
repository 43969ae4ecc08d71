//! What the property tests draw from: ids, JSON values, errors and arguments of every shape.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Number, Value};

use super::{JsonRpcError, RequestId};
use crate::errors::ErrorCode;

/// Draws an id as reading leaves it: canonical, and within the range that is accepted.
pub(super) fn id() -> impl Strategy<Value = RequestId> {
    prop_oneof![
        any::<u64>().prop_map(RequestId::Num),
        any::<String>().prop_map(RequestId::Str),
        Just(RequestId::Null),
        (i64::MIN..0).prop_map(|number| RequestId::Number(number.into())),
        (-9.2e18..1.8e19).prop_filter_map("not finite", float_id),
        any::<f64>().prop_filter_map("out of range", |f| float_id(f).filter(|_| f.abs() < 9e18)),
    ]
}

/// Draws any JSON value.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("not finite", |f| Number::from_f64(f).map(Value::from)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Draws arguments that are there, or none; `null` is left out, as it is read as none.
pub(super) fn params() -> impl Strategy<Value = Option<Value>> {
    proptest::option::of(value().prop_filter("null is read as no params", |v| !v.is_null()))
}

/// Draws an error with any code, message and data.
pub(super) fn error() -> impl Strategy<Value = JsonRpcError> {
    (any::<i32>(), any::<String>(), proptest::option::of(value())).prop_map(
        |(code, message, data)| JsonRpcError {
            code: ErrorCode::from(code),
            message,
            data,
        },
    )
}

fn float_id(value: f64) -> Option<RequestId> {
    Number::from_f64(value).map(RequestId::Number)
}
