//! Which methods are let through, by what the transport was told.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use dig_rpc_types::envelope::JsonRpcError;
use dig_rpc_types::errors::ErrorCode;

use crate::error::guard;
use crate::rpc::wire::Fault;
use crate::rpc::{MethodInfo, RpcContext};

/// A decision of the application on one call.
pub(crate) type Filter =
    dyn Fn(&RpcContext, &str, Option<&MethodInfo>) -> Result<(), JsonRpcError> + Send + Sync;

/// The rules of one transport.
#[derive(Default)]
pub(crate) struct Gate {
    /// Methods that are refused, and the tier they are refused for.
    refused: HashMap<&'static str, &'static str>,
    filter: Option<(Arc<Filter>, HashMap<&'static str, Known>)>,
}

/// What the filter is told of a name.
#[derive(Clone, Copy)]
struct Known {
    /// The method's own name, or that of what ends its subscription: an alias is no way round.
    name: &'static str,
    info: &'static MethodInfo,
}

impl Gate {
    /// Refuses the methods of some tiers, under all their names, and asks `filter` about the rest.
    pub(crate) fn new(
        methods: &'static [MethodInfo],
        filter: Option<Arc<Filter>>,
        is_refused: impl Fn(&str) -> bool,
    ) -> Self {
        let tiered = methods
            .iter()
            .filter_map(|method| Some((method, method.tier()?)));
        let refused = tiered
            .filter(|(_, tier)| is_refused(tier))
            .flat_map(|(method, tier)| names(method).map(move |name| (name, tier)));
        let filter = filter.map(|filter| {
            let known = methods.iter().flat_map(|info| {
                names(info).map(move |name| {
                    let is_end = info.unsubscribe() == Some(name);
                    let name_told = if is_end { name } else { info.name() };
                    (
                        name,
                        Known {
                            name: name_told,
                            info,
                        },
                    )
                })
            });
            (filter, known.collect())
        });
        Self {
            refused: refused.collect(),
            filter,
        }
    }

    /// Decides on one call.
    pub(super) fn judge(&self, cx: &RpcContext, method: &str) -> Result<(), JsonRpcError> {
        if let Some(tier) = self.refused.get(method) {
            return Err(Fault::Tier(tier).into());
        }
        let Some((filter, known)) = &self.filter else {
            return Ok(());
        };
        let (method, info) = match known.get(method) {
            Some(known) => (known.name, Some(known.info)),
            None => (method, None),
        };
        guard(|| filter(cx, method, info)).unwrap_or_else(|panic| {
            tracing::error!(method, panic = panic.message(), "the filter panicked");
            Err(JsonRpcError::new(
                ErrorCode::InternalError,
                "internal error",
            ))
        })
    }
}

fn names(method: &'static MethodInfo) -> impl Iterator<Item = &'static str> {
    let names = std::iter::once(method.name()).chain(method.aliases().iter().copied());
    names.chain(method.unsubscribe())
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("refused", &self.refused)
            .field("filter", &self.filter.is_some())
            .finish()
    }
}
