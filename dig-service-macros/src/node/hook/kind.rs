//! Which hooks there are.

/// Which hook.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookKind {
    /// Before all else.
    PreStart,
    /// When the transports are bound.
    OnStart,
    /// The node's work.
    Run,
    /// When the tasks are joined.
    OnStop,
    /// After `on_stop`.
    PostStop,
    /// Last, on every path.
    Cleanup,
}

/// What a hook is given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContextKind {
    /// `&StartContext<'_>`.
    Start,
    /// `RunContext`, by value.
    Run,
    /// `&StopContext<'_>`.
    Stop,
}

impl HookKind {
    /// Returns the name of the attribute and of the trait's method.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PreStart => "pre_start",
            Self::OnStart => "on_start",
            Self::Run => "run",
            Self::OnStop => "on_stop",
            Self::PostStop => "post_stop",
            Self::Cleanup => "cleanup",
        }
    }

    /// Returns what the hook is given.
    pub(crate) fn context(self) -> ContextKind {
        match self {
            Self::PreStart | Self::OnStart => ContextKind::Start,
            Self::Run => ContextKind::Run,
            Self::OnStop | Self::PostStop | Self::Cleanup => ContextKind::Stop,
        }
    }
}

impl ContextKind {
    /// Returns the type as the user writes it.
    pub(crate) fn usage(self) -> &'static str {
        match self {
            Self::Start => "&StartContext<'_>",
            Self::Run => "RunContext",
            Self::Stop => "&StopContext<'_>",
        }
    }
}
