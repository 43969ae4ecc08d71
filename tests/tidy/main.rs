//! Rules about the tree itself: floors, file sizes, first lines, versions.

mod floors;
mod invariants;
mod manifest;
mod tree;
