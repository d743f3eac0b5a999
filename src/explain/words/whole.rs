//! Texts as they are.

use crate::explain::texts::{TABLE, Text, short};
use crate::ntlm::flags::Flags;
use alloc::string::String;
use core::fmt;

impl Text {
    /// The text itself.
    pub fn as_str(self) -> &'static str {
        let number = usize::from(self.0);
        if let Some(text) = TABLE.get(number) {
            return text;
        }
        let number = number - TABLE.len();
        Flags::TABLE.get(number / 4).map_or("", |&(_, letter, name, meaning)| match number % 4 {
            0 => letter,
            1 => name,
            2 => meaning,
            _ => short(name),
        })
    }

    /// Adds it to what is said.
    pub(in crate::explain) fn put(self, out: &mut String) {
        out.push_str(self.as_str());
    }

    /// Whether this is what is said.
    pub(in crate::explain) fn is(self, words: &str) -> bool {
        words == self.as_str()
    }

    /// Whether this is among what is said.
    pub(in crate::explain) fn is_in(self, words: &str) -> bool {
        words.contains(self.as_str())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// What of a text has not been said yet.
pub struct Gaps(&'static str);

impl Gaps {
    pub fn begin(text: Text, _: &mut String) -> Self {
        Gaps(text.as_str())
    }

    /// Says what stands before the next gap.
    pub fn next(&mut self, out: &mut String) {
        let (before, behind) = self.0.split_once("{}").unwrap_or((self.0, ""));
        out.push_str(before);
        self.0 = behind;
    }

    pub fn end(&self, out: &mut String) {
        out.push_str(self.0);
    }
}
