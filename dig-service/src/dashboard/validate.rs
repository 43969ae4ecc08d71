//! What a command must say before anything is done about it.

use crate::dashboard::{ControlCommandKind, ControlCommandRequest, DashboardError};

/// Checks what can be checked of a command without the process it is for.
///
/// # Errors
///
/// `validation_failed` at `command_validate`, with the first field that says what it must not.
///
/// # Examples
///
/// ```
/// use dig_service::dashboard::{ControlCommandKind, ControlCommandRequest, validate_command};
///
/// let kind = ControlCommandKind::RemoveChild;
/// let command = ControlCommandRequest::new("node-1", kind, ("alice", "not needed")).child("feed");
/// let error = validate_command(&command).unwrap_err();
/// assert_eq!(error.message, "dangerous command requires confirmation");
/// assert!(validate_command(&command.confirmed()).is_ok());
/// ```
pub fn validate_command(command: &ControlCommandRequest) -> Result<(), DashboardError> {
    let fail = |message: &str| Err(DashboardError::invalid(message));
    if uuid::Uuid::parse_str(&command.command_id).is_err() {
        return fail("command_id must be a UUID");
    }
    if command.reason.trim().is_empty() {
        return fail("command reason must not be empty");
    }
    if command.requested_by.trim().is_empty() {
        return fail("requested_by must be derived by relay");
    }
    if command.requested_at_unix_nanos.0 == 0 {
        return fail("requested_at_unix_nanos must be greater than zero");
    }
    let target = &command.target;
    if let Some(path) = &target.child_path
        && path.trim().is_empty()
    {
        return fail("child_path must not be blank");
    }
    let manifest = target.child_manifest.as_deref().unwrap_or_default();
    if command.command == ControlCommandKind::AddChild && manifest.trim().is_empty() {
        return fail("child_manifest is required for add_child");
    }
    if command.command.is_dangerous() && !command.confirmed {
        return fail("dangerous command requires confirmation");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::UnixNanos;

    type Change = fn(&mut ControlCommandRequest);

    #[test]
    fn each_field_that_says_what_it_must_not_is_named() {
        let rows: [(Change, &str); 8] = [
            (
                |c| c.command_id = "7".to_owned(),
                "command_id must be a UUID",
            ),
            (
                |c| c.reason = " \t".to_owned(),
                "command reason must not be empty",
            ),
            (
                |c| c.requested_by = String::new(),
                "requested_by must be derived by relay",
            ),
            (
                |c| c.requested_at_unix_nanos = UnixNanos(0),
                "requested_at_unix_nanos must be greater than zero",
            ),
            (
                |c| c.target.child_path = Some(" ".to_owned()),
                "child_path must not be blank",
            ),
            (
                |c| c.command = ControlCommandKind::AddChild,
                "child_manifest is required for add_child",
            ),
            (
                |c| c.command = ControlCommandKind::ShutdownTree,
                "dangerous command requires confirmation",
            ),
            (
                |c| c.command = ControlCommandKind::RequestShutdown,
                "dangerous command requires confirmation",
            ),
        ];
        let kind = ControlCommandKind::RestartChild;
        let sound = ControlCommandRequest::new("t", kind, ("alice", "stale")).child("feed");
        assert_eq!(validate_command(&sound), Ok(()));
        for (change, message) in rows {
            let mut command = sound.clone();
            change(&mut command);
            assert_eq!(
                validate_command(&command),
                Err(DashboardError::invalid(message))
            );
        }
    }

    #[test]
    fn only_what_takes_something_away_or_lets_something_in_needs_confirmation() {
        let needs = ControlCommandKind::ALL.map(|kind| {
            let command = ControlCommandRequest::new("t", kind, ("alice", "why"));
            let command = command.child("feed").manifest("{}");
            let bare = validate_command(&command).is_err();
            assert!(validate_command(&command.confirmed()).is_ok(), "{kind}");
            bare
        });
        let dangerous = ControlCommandKind::ALL.map(ControlCommandKind::is_dangerous);
        assert_eq!(needs, dangerous);
        assert_eq!(needs.iter().filter(|needs| **needs).count(), 4);
    }
}
