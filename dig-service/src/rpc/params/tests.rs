use serde_json::{Value, json};

use super::{Shape, Slots, Whole};

#[test]
fn values_are_moved_or_borrowed() {
    let mut slots = Slots::<2>::new(json!({"b": "x", "a": 1}), &["a", "b"]).unwrap();

    assert_eq!(slots.take::<u8>(0, "a"), Ok(1));
    assert_eq!(slots.borrow::<&str>(1, "b"), Ok("x"));
    assert_eq!(slots.borrow::<Option<&str>>(1, "b"), Ok(Some("x")));
}

#[test]
fn absent_values_read_as_null_or_as_their_default() {
    let mut slots = Slots::<1>::new(Value::Null, &["a"]).unwrap();

    assert_eq!(slots.take_opt::<Option<u8>>(0, "a"), Ok(None));
    assert_eq!(slots.take_or::<u8>(0, "a", || 3), Ok(3));
    assert_eq!(slots.borrow_or::<&str>(0, "a", || "d"), Ok("d"));
    assert_eq!(slots.borrow_opt::<Option<&str>>(0, "a"), Ok(None));
    let error = slots.take_opt::<u8>(0, "a").unwrap_err();
    assert_eq!(error.message, "missing param `a`");
}

#[test]
fn an_alias_stands_for_its_param() {
    const SHAPE: Shape<'static> = Shape::new(&["a", "b"]).aliases(&[("z", 1)]).named();

    let mut slots = Slots::<2>::shaped(json!({"z": 5}), &SHAPE).unwrap();

    assert_eq!(slots.take::<u8>(1, "b"), Ok(5));
    let error = Slots::<2>::shaped(json!([1]), &SHAPE).unwrap_err();
    assert_eq!(error.message, "expected params by name, got an array");
}

#[test]
fn the_whole_params_may_be_absent() {
    let take = |params| Whole::new(params).unwrap();

    assert_eq!(take(Value::Null).take::<Option<u8>>(), Ok(None));
    assert_eq!(take(Value::Null).take::<Value>(), Ok(Value::Null));
    assert_eq!(take(json!([1, 2])).take::<(u8, u8)>(), Ok((1, 2)));
    let error = |params| take(params).take::<(u8, u8)>().unwrap_err().message;
    let length = "params: invalid length 0, expected a tuple of size 2";
    assert_eq!(error(json!([])), length);
    let length = "params: invalid length 1, expected a tuple of size 2";
    assert_eq!(error(json!([1])), length);
    let error = Whole::new(json!(5)).unwrap_err();
    assert_eq!(
        error.message,
        "expected params as an array or an object, got a number"
    );
}
