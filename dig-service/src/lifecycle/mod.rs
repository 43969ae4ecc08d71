//! The lifecycle: the hooks a node may have, their order, and the time each is given.
//!
//! | hook | runs | its undo | when it fails |
//! |---|---|---|---|
//! | `pre_start` | first | `post_stop` | no later hook but `cleanup` runs |
//! | `on_start` | when the transports are bound | `on_stop` | `post_stop` runs, `run` and `on_stop` do not |
//! | `run` | when all is started | - | `on_stop` and `post_stop` run |
//! | `on_stop` | when the tasks are joined | - | `post_stop` runs |
//! | `post_stop` | after `on_stop` | - | reported |
//! | `cleanup` | last, on every path | - | reported |
//!
//! A hook's undo runs if and only if the hook returned `Ok` (I2). A panic in a hook is its `Err`
//! (I5). The order and the outcome are decided by pure functions in `plan`; the service's driver
//! only does what they say.

mod contexts;
mod deadlines;
mod decl;
mod node;
mod plan;

pub use self::contexts::{RunContext, StartContext, StopContext};
pub use self::deadlines::{Deadlines, InvalidDeadlines};
pub(crate) use self::deadlines::{StopClock, StopPart};
pub(crate) use self::decl::{Every, TaskShape};
pub use self::decl::{ReloadDecl, TaskDecl};
pub use self::node::NodeLifecycle;
pub(crate) use self::plan::{Ledger, Step, StepEnd, next_step, verdict};
