//! The words of the state.

use super::label::words;

words! {
    /// How a relay took the registration.
    RegistrationState {
        /// It counts, or there is no relay.
        Active = "active",
        /// It was refused for good.
        Rejected = "rejected",
        /// It ran out.
        Expired = "expired",
    }
}

words! {
    /// How the relay can be reached.
    ConnectionState {
        /// It has answered, and was not asked again since.
        Registered = "registered",
        /// It is asked for the first time.
        Connecting = "connecting",
        /// Who reads this is connected; there is no relay.
        Connected = "connected",
        /// It was reached before, and is not now.
        Reconnecting = "reconnecting",
        /// It was never reached.
        Unavailable = "unavailable",
        /// It was not reached for longer than the lease.
        Expired = "expired",
    }
}

words! {
    /// What a node of the topology is.
    ChildKind {
        /// The supervisor of all.
        RootSupervisor = "root_supervisor",
        /// A child that runs.
        ChildTask = "child_task",
        /// A provider.
        Provider = "provider",
        /// A supervisor that is a child itself.
        Node = "node",
    }
}

words! {
    /// What the end of a child means for the others.
    Criticality {
        /// Given up, it takes its supervisor with it.
        Critical = "critical",
        /// Given up, it rests until an operator resumes it.
        Standard = "standard",
        /// Given up, it is left as it is.
        BestEffort = "best_effort",
    }
}

words! {
    /// How two nodes are connected.
    EdgeKind {
        /// A supervisor and its child.
        ParentChild = "parent_child",
        /// A child, and one that it needs.
        Dependency = "dependency",
    }
}

words! {
    /// What the operator wants of a child.
    ChildOperation {
        /// It is to run, by its rules.
        Active = "active",
        /// It is to rest.
        Paused = "paused",
        /// It is out of service.
        Quarantined = "quarantined",
        /// It is to be forgotten.
        Removed = "removed",
    }
}

words! {
    /// What is made of a child.
    ManagedState {
        /// It is run.
        Running = "running",
        /// It rests.
        Paused = "paused",
        /// It is out of service.
        Quarantined = "quarantined",
        /// It is forgotten.
        Removed = "removed",
    }
}

words! {
    /// How the present attempt stands.
    AttemptStatus {
        /// It is not ready yet.
        Starting = "starting",
        /// It runs, and does not say when it is ready.
        Running = "running",
        /// It runs, and has said that it is ready.
        Ready = "ready",
        /// It was told to end.
        Cancelling = "cancelling",
        /// It is over.
        Stopped = "stopped",
    }
}

words! {
    /// How a stop goes.
    StopState {
        /// There is none.
        Idle = "idle",
        /// There is none, and nothing to stop.
        NoActiveAttempt = "no_active_attempt",
        /// The child was told.
        CancelDelivered = "cancel_delivered",
        /// It is over.
        Completed = "completed",
        /// The child was aborted and does not end.
        Failed = "failed",
    }
}

words! {
    /// Whether a child is ready.
    Readiness {
        /// It does not say.
        Unreported = "unreported",
        /// It is.
        Ready = "ready",
        /// It is not.
        NotReady = "not_ready",
    }
}

words! {
    /// How well a child is.
    Health {
        /// It runs.
        Healthy = "healthy",
        /// It has failed, or does not end.
        Unhealthy = "unhealthy",
        /// It gives no sign of life.
        Stale = "stale",
        /// It does not run.
        Unknown = "unknown",
    }
}

words! {
    /// What a new attempt would have to wait for.
    FencePhase {
        /// Nothing.
        Open = "open",
        /// The old one was told to end.
        WaitingForOldStop = "waiting_for_old_stop",
        /// The old one was aborted.
        AbortingOld = "aborting_old",
        /// Its turn.
        ReadyToStart = "ready_to_start",
        /// An operator.
        Closed = "closed",
    }
}
