//! What happened, in order, as lines.

use std::fmt;
use std::sync::Arc;

use crate::sync::Lock;

/// The ends that a line can tell of.
const ENDS: [&str; 4] = ["ok", "err", "panic", "dropped"];

type Echo = dyn Fn(&str) + Send + Sync;

/// An ordered record of what began and how it ended, one line each.
///
/// The lines are `run began`, `run ok`, `run err`, `run panic`, `run dropped` (its future was
/// dropped before it returned), the same for every other hook and task, `run spawn refused`, and
/// what a test [records](Self::record) itself. Clones share the lines; a transcript can be compared
/// with a list of strings and prints one line per line.
///
/// # Examples
///
/// ```
/// use dig_service::testing::Transcript;
///
/// let transcript = Transcript::new();
/// transcript.record("run began");
/// transcript.record("flushed 3 blocks");
/// transcript.record("run ok");
/// transcript.record("on_stop began");
///
/// assert_eq!(transcript, ["run began", "flushed 3 blocks", "run ok", "on_stop began"]);
/// assert_eq!(transcript.ends(), ["run ok", "on_stop open"]);
/// ```
#[derive(Clone)]
pub struct Transcript {
    lines: Arc<Lock<Vec<String>>>,
    echo: Arc<Echo>,
}

impl Transcript {
    /// Makes an empty transcript.
    #[must_use]
    pub fn new() -> Self {
        Self::with_echo(|_| {})
    }

    /// Makes an empty transcript that gives each line to a function as well, in order.
    ///
    /// The function is called under the transcript's lock: it must not use the transcript.
    #[must_use]
    pub fn with_echo(echo: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            lines: Arc::default(),
            echo: Arc::new(echo),
        }
    }

    /// Adds a line.
    pub fn record(&self, line: impl Into<String>) {
        let line = line.into();
        let mut lines = self.lines.lock();
        (self.echo)(&line);
        lines.push(line);
    }

    /// Returns the lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().clone()
    }

    /// Returns, for each hook or task that began, in that order, how it ended: `run ok`,
    /// `run err`, `run panic`, `run dropped`, or `run open` if it has not.
    #[must_use]
    pub fn ends(&self) -> Vec<String> {
        let lines = self.lines();
        let began = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, line.strip_suffix(" began")?)));
        let end = |(at, name): (usize, &str)| {
            let later = lines[at..].iter().filter_map(|line| line.split_once(' '));
            let mut own = later.filter(|(who, _)| *who == name);
            let end = own.find(|(_, what)| ENDS.contains(what));
            format!("{name} {}", end.map_or("open", |(_, end)| end))
        };
        began.map(end).collect()
    }

    /// Begins something that is told as `dropped`, or as `panic`, unless it is ended.
    pub(super) fn begin(&self, name: &'static str) -> Entry {
        self.record(format!("{name} began"));
        Entry {
            transcript: self.clone(),
            name,
            is_open: true,
        }
    }
}

/// Something that has begun.
pub(super) struct Entry {
    transcript: Transcript,
    name: &'static str,
    is_open: bool,
}

impl Entry {
    pub(super) fn end(mut self, result: &anyhow::Result<()>) {
        self.is_open = false;
        self.tell(if result.is_ok() { "ok" } else { "err" });
    }

    fn tell(&self, end: &str) {
        self.transcript.record(format!("{} {end}", self.name));
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.is_open {
            let is_panic = std::thread::panicking();
            self.tell(if is_panic { "panic" } else { "dropped" });
        }
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Into<String>> FromIterator<S> for Transcript {
    fn from_iter<I: IntoIterator<Item = S>>(lines: I) -> Self {
        let transcript = Self::new();
        *transcript.lines.lock() = lines.into_iter().map(Into::into).collect();
        transcript
    }
}

impl<S: AsRef<str>> PartialEq<[S]> for Transcript {
    fn eq(&self, other: &[S]) -> bool {
        let lines = self.lines.lock();
        let other = other.iter().map(AsRef::as_ref);
        lines.iter().map(String::as_str).eq(other)
    }
}

impl<S: AsRef<str>, const N: usize> PartialEq<[S; N]> for Transcript {
    fn eq(&self, other: &[S; N]) -> bool {
        *self == other[..]
    }
}

impl<S: AsRef<str>> PartialEq<Vec<S>> for Transcript {
    fn eq(&self, other: &Vec<S>) -> bool {
        *self == other[..]
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines();
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines()).finish()
    }
}
