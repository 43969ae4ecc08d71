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
    AxumWs,
    JsonrpseeWs,
    DigServiceWs,
}

/// How requests travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Http,
    WebSocket,
}

impl Contestant {
    /// In the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Axum,
        Self::DigService,
        Self::Jsonrpsee,
        Self::AxumWs,
        Self::DigServiceWs,
        Self::JsonrpseeWs,
    ];

    /// The name in the table and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Jsonrpsee => "jsonrpsee",
            Self::DigService => "dig-service",
            Self::AxumWs => "axum-ws",
            Self::JsonrpseeWs => "jsonrpsee-ws",
            Self::DigServiceWs => "dig-service-ws",
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
            Self::AxumWs | Self::JsonrpseeWs | Self::DigServiceWs => Transport::WebSocket,
        }
    }

    /// What this one is measured beside: the bare handler that is called in the same way.
    pub const fn floor(self) -> Self {
        match self.transport() {
            Transport::Http => Self::Axum,
            Transport::WebSocket => Self::AxumWs,
        }
    }
}

impl Transport {
    /// The name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::WebSocket => "WebSocket",
        }
    }
}
