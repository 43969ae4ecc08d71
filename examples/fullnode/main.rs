//! A content-addressed store node.

mod blob;
mod peers;
mod store;
#[cfg(test)]
mod testing;

fn main() {}
