//! Rules about the tree itself: floors, file sizes, first lines, versions.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up has failed"
)]

mod floors;
mod invariants;
mod manifest;
mod tree;
