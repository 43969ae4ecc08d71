//! From bytes to lines: pure, bounded, and never at a loss.

/// What came next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that is too long; its rest is skipped.
    TooLarge,
}

/// Takes bytes, and gives lines of a limited length. Holds no more than the limit and what was
/// pushed last.
#[derive(Debug)]
pub(crate) struct Frames {
    held: Vec<u8>,
    /// Up to here there is no end of a line.
    looked_at: usize,
    limit: usize,
    is_skipping: bool,
}

impl Frames {
    /// Makes a reader of lines of up to `limit` bytes, their end not counted.
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            held: Vec::new(),
            looked_at: 0,
            limit,
            is_skipping: false,
        }
    }

    /// Takes bytes as they come.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Gives the next line, if there is one.
    pub(crate) fn next(&mut self) -> Option<Frame> {
        loop {
            let new = &self.held[self.looked_at..];
            let end = new.iter().position(|byte| *byte == b'\n');
            let end = end.map(|place| self.looked_at + place);
            match (end, self.is_skipping) {
                (Some(end), true) => {
                    self.forget(end + 1);
                    self.is_skipping = false;
                }
                (Some(end), false) => {
                    if end > self.limit {
                        self.forget(end + 1);
                        return Some(Frame::TooLarge);
                    }
                    let rest = self.held.split_off(end + 1);
                    let mut line = std::mem::replace(&mut self.held, rest);
                    self.looked_at = 0;
                    line.truncate(end);
                    return Some(Frame::Line(line));
                }
                (None, true) => {
                    self.forget(self.held.len());
                    return None;
                }
                (None, false) if self.held.len() > self.limit => {
                    self.forget(self.held.len());
                    self.is_skipping = true;
                    return Some(Frame::TooLarge);
                }
                (None, false) => {
                    self.looked_at = self.held.len();
                    return None;
                }
            }
        }
    }

    fn forget(&mut self, count: usize) {
        self.held.drain(..count);
        self.looked_at = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(frames: &mut Frames) -> Vec<Frame> {
        std::iter::from_fn(|| frames.next()).collect()
    }

    #[test]
    fn line_at_the_limit_is_taken_and_one_beyond_is_not() {
        let mut frames = Frames::new(4);
        frames.push(b"1234\n12345\n1\n");

        let line = |text: &str| Frame::Line(text.into());
        assert_eq!(all(&mut frames), [line("1234"), Frame::TooLarge, line("1")]);
    }

    #[test]
    fn rest_of_a_line_that_is_too_long_is_skipped_and_not_kept() {
        let mut frames = Frames::new(4);
        frames.push(b"12345");
        assert_eq!(all(&mut frames), [Frame::TooLarge]);
        for _ in 0..1000 {
            frames.push(&[b'x'; 1024]);
            assert_eq!(all(&mut frames), []);
            assert!(frames.held.is_empty());
        }
        frames.push(b"\nok\n");
        assert_eq!(all(&mut frames), [Frame::Line(b"ok".to_vec())]);
    }

    proptest! {
        /// However the bytes are cut, the lines are those of the whole.
        #[test]
        fn lines_do_not_depend_on_how_the_bytes_come(
            bytes in proptest::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(b'\n')], 0..200),
            cuts in proptest::collection::vec(1_usize..20, 0..40),
            limit in 0_usize..20,
        ) {
            let mut whole = Frames::new(limit);
            whole.push(&bytes);
            let expected = all(&mut whole);

            let (mut frames, mut found, mut rest) = (Frames::new(limit), Vec::new(), &bytes[..]);
            for cut in cuts.into_iter().chain(std::iter::once(usize::MAX)) {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                frames.push(now);
                found.extend(all(&mut frames));
                prop_assert!(frames.held.len() <= limit);
                rest = later;
            }
            prop_assert_eq!(found, expected);
        }
    }
}
