//! A content-addressed store node.

mod hash;
mod peers;
mod store;

fn main() {}
