//! Rules about the tree itself: floors, file sizes, first lines, versions.

mod floors;
mod manifest;
mod tree;
