use super::read;

#[test]
fn durations_are_read() {
    let table = [
        ("10s", Ok(10_000)),
        ("250ms", Ok(250)),
        ("1m30s", Ok(90_000)),
        ("1h 5 m", Ok(3_900_000)),
        ("0s", Ok(0)),
        (
            "10",
            Err("`10` is not a duration: add a unit (`ms`, `s`, `m`, `h`), as in `10s`"),
        ),
        (
            "10 parsecs",
            Err(
                "`10 parsecs` is not a duration: unknown unit `parsecs` (use `ms`, `s`, `m` or `h`)",
            ),
        ),
        (
            "s",
            Err("`s` is not a duration: it needs a whole number and a unit, as in `10s`"),
        ),
        (
            "-1s",
            Err("`-1s` is not a duration: it needs a whole number and a unit, as in `10s`"),
        ),
        (
            "",
            Err("`` is not a duration: it is empty; write it as in `10s`"),
        ),
        (
            "99999999999999999999h",
            Err(
                "`99999999999999999999h` is not a duration: it needs a whole number and a unit, as in `10s`",
            ),
        ),
        (
            "9999999999999999999h",
            Err("`9999999999999999999h` is not a duration: it is too long"),
        ),
    ];

    for (text, expected) in table {
        assert_eq!(read(text), expected.map_err(str::to_owned), "{text}");
    }
}
