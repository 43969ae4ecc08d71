//! What the child of an init sees to.

/// Asks to be told to stop when init dies, so that a killed init leaves nobody behind.
pub(super) fn follow_its_parent() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, set_parent_process_death_signal};
        // A kernel that refuses this has another way, or none.
        let _ = set_parent_process_death_signal(Some(Signal::TERM));
    }
}
