//! Who is measured, and through what.

use anyhow::Context;

/// The method that is called; each server but the floor has 32 of them.
pub const METHOD: &str = "method_16";
/// The params of the call: `a` and `b`.
pub const PARAMS: [u64; 2] = [40, 2];
/// What the call must return.
pub const RESULT: u64 = PARAMS[0] + PARAMS[1];

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// A bare handler: the least that a call over axum can cost.
    Axum,
    Jsonrpsee,
    DigService,
}

/// How requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
}

impl Contestant {
    /// In the order of the table.
    pub const ALL: [Self; 3] = [Self::Axum, Self::DigService, Self::Jsonrpsee];

    /// The name in the table and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Jsonrpsee => "jsonrpsee",
            Self::DigService => "dig-service",
        }
    }

    /// Finds a contestant by its name.
    pub fn read(name: &str) -> anyhow::Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.with_context(|| format!("there is no server `{name}`"))
    }

    /// How this one is called.
    pub const fn transport(self) -> Transport {
        match self {
            Self::Axum | Self::Jsonrpsee | Self::DigService => Transport::Http,
        }
    }
}
