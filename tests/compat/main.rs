//! Code as it was written against version 0.1 of the service core; it compiles and passes.

mod hooks;
mod surface;
mod tokens;
