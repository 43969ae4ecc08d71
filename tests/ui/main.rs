//! What the compiler says to misuse of the macros, and that proper use has nothing said about it.
//!
//! The texts belong to the pinned compiler. Bless them with `TRYBUILD=overwrite`.

#[test]
fn every_message_is_the_one_promised() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/fail/*.rs");
}
