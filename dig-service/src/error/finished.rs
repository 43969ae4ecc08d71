//! An error that is none: the work is over, and is not to be started again.

use std::fmt;

/// Says that work ended for a reason that is told already, and is not to be started again.
#[derive(Debug)]
pub(crate) struct Finished;

impl fmt::Display for Finished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("finished")
    }
}

impl std::error::Error for Finished {}
