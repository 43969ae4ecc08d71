//! The example `faulty`: every fault at every place, and signals at every moment.

mod orphan;
mod pairs;
mod program;
mod signals;
mod stuck;
mod table;
