//! Texts as references, which JavaScript resolves (`pkg-template/src/core/words.ts`).
//!
//! A reference is two characters, the first of them a control character. None stands in JSON otherwise.

use crate::explain::texts::Text;
use crate::explain::words::digits::decimal;
use crate::wire::filetime::FileTime;
use alloc::string::String;
use core::fmt;

/// Before a text with gaps, before what fills each of them, and behind the last.
const BEGIN: char = '\u{2}';
const GAP: char = '\u{3}';
const END: char = '\u{4}';
/// Before a moment, in milliseconds since 1601: calendars are JavaScript's own.
const MOMENT: char = '\u{5}';

/// Writes a moment.
pub fn moment(text: &mut String, time: FileTime) {
    text.push(MOMENT);
    decimal(text, time.0 / 10_000, 1);
    text.push(END);
}

impl Text {
    fn reference(self) -> [u8; 2] {
        [0x10 | (self.0 >> 6) as u8, 0x40 | (self.0 & 63) as u8]
    }

    /// Adds it to what is said.
    pub(in crate::explain) fn put(self, out: &mut String) {
        for byte in self.reference() {
            out.push(char::from(byte));
        }
    }

    /// Whether this is what is said.
    pub(in crate::explain) fn is(self, words: &str) -> bool {
        words.as_bytes() == self.reference()
    }

    /// Whether this is among what is said.
    pub(in crate::explain) fn is_in(self, words: &str) -> bool {
        words.as_bytes().windows(2).any(|pair| pair == self.reference())
    }
}

/// Bindings print nothing; the types of the decoder can be printed everywhere.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text {}", self.0)
    }
}

/// Gaps are filled in JavaScript.
pub struct Gaps;

impl Gaps {
    pub fn begin(text: Text, out: &mut String) -> Self {
        out.push(BEGIN);
        text.put(out);
        Gaps
    }

    pub fn next(&mut self, out: &mut String) {
        out.push(GAP);
    }

    pub fn end(&self, out: &mut String) {
        out.push(END);
    }
}
