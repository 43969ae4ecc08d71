//! What must hold for any bytes: bodies for fuzzing, and for property tests on stable Rust.
//!
//! Not for use by programs: they may change in any release.

use serde_json::Value;

use crate::dashboard::execute::read_manifest;
use crate::dashboard::frame::{Frame, Frames};
use crate::dashboard::{ControlCommandRequest, IpcRequest, IpcResponse, validate_command};

/// Lines do not depend on how the bytes come, and none is longer than the limit. The first two bytes
/// choose the limit and the cut.
///
/// # Panics
///
/// If that does not hold.
pub fn frames(data: &[u8]) {
    let (Some((limit, rest)), cut) = (data.split_first(), data.get(1)) else {
        return;
    };
    let (limit, cut) = (
        usize::from(*limit),
        usize::from(cut.copied().unwrap_or(1)).max(1),
    );
    let read = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut frames, mut all) = (Frames::new(limit), Vec::new());
        for piece in pieces {
            frames.push(piece);
            all.extend(std::iter::from_fn(|| frames.next()));
        }
        all
    };
    let whole = read(&mut std::iter::once(rest));
    assert_eq!(whole, read(&mut rest.chunks(cut)));
    for frame in whole {
        if let Frame::Line(line) = frame {
            assert!(line.len() <= limit && !line.contains(&b'\n'));
        }
    }
}

/// A line is a request that can be written and read again, or has an answer that is one line and
/// repeats the id if there is one.
///
/// # Panics
///
/// If that does not hold.
pub fn request(line: &[u8]) {
    match IpcRequest::parse(line) {
        Ok(request) => {
            let written = written(&request);
            assert_eq!(IpcRequest::parse(&written).ok(), Some(request));
        }
        Err(response) => {
            assert!(!response.ok && response.result.is_none() && response.error.is_some());
            let written = written(&response);
            assert!(!written.contains(&b'\n'));
            let read: IpcResponse = match serde_json::from_slice(&written) {
                Ok(read) => read,
                Err(error) => panic!("an answer of ours: {error}"),
            };
            assert_eq!(read, *response);
            let id = serde_json::from_slice::<Value>(line).ok();
            let id = id
                .as_ref()
                .and_then(|line| line.get("request_id")?.as_str());
            assert_eq!(response.request_id, id.unwrap_or("invalid-request"));
        }
    }
}

/// A command is judged the same before and after it was written, and what passes says all it must.
///
/// # Panics
///
/// If that does not hold.
pub fn command(data: &[u8]) {
    let Ok(command) = serde_json::from_slice::<ControlCommandRequest>(data) else {
        return;
    };
    let judged = validate_command(&command);
    let read: Result<ControlCommandRequest, _> = serde_json::from_slice(&written(&command));
    assert_eq!(read.ok().as_ref(), Some(&command));
    if judged.is_ok() {
        assert!(!command.reason.trim().is_empty() && !command.requested_by.trim().is_empty());
        assert!(command.confirmed || !command.command.is_dangerous());
        assert!(command.requested_at_unix_nanos.0 > 0);
    }
}

/// A manifest is read or refused with a reason, in JSON as in YAML.
///
/// # Panics
///
/// If that does not hold.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = read_manifest(text) {
        assert!(error.message.starts_with("child_manifest: "));
    }
}

fn written(value: &impl serde::Serialize) -> Vec<u8> {
    match serde_json::to_vec(value) {
        Ok(written) => written,
        Err(error) => panic!("a value of ours: {error}"),
    }
}

#[cfg(test)]
#[cfg(not(dig_loom))]
mod tests;
