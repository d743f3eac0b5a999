//! Makes sentences of the texts.
//!
//! There are two ways: `whole`, and `abridged` for the module of JavaScript, which has the texts itself.

#[cfg(all(feature = "wasm-explain", target_family = "wasm"))]
mod abridged;
mod digits;
#[cfg(not(all(feature = "wasm-explain", target_family = "wasm")))]
mod iso;
#[cfg(not(all(feature = "wasm-explain", target_family = "wasm")))]
mod whole;

#[cfg(all(feature = "wasm-explain", target_family = "wasm"))]
use abridged::Gaps;
#[cfg(all(feature = "wasm-explain", target_family = "wasm"))]
pub use abridged::moment;
#[cfg(not(all(feature = "wasm-explain", target_family = "wasm")))]
pub use iso::moment;
#[cfg(not(all(feature = "wasm-explain", target_family = "wasm")))]
use whole::Gaps;

pub use digits::{decimal, hex};

use super::texts::{TABLE, Text};
use crate::wire::filetime::FileTime;
use alloc::string::String;

/// A text whose gaps are being filled, one after the other.
#[must_use]
pub struct Words<'a> {
    said: &'a mut String,
    gaps: Gaps,
}

impl<'a> Words<'a> {
    /// Begins a sentence, in the place of what was said.
    pub fn of(text: Text, said: &'a mut String) -> Self {
        said.clear();
        Words { gaps: Gaps::begin(text, said), said }
    }

    /// Fills a gap with a number.
    pub fn number(mut self, number: u64) -> Self {
        self.gaps.next(self.said);
        decimal(self.said, number, 1);
        self
    }

    /// Fills a gap with a number of so many hexadecimal digits.
    pub fn hex(mut self, number: u32, digits: u32) -> Self {
        self.gaps.next(self.said);
        hex(self.said, number, digits);
        self
    }

    /// Fills a gap with other words.
    pub fn words(mut self, words: &str) -> Self {
        self.gaps.next(self.said);
        self.said.push_str(words);
        self
    }

    /// Fills a gap with another text.
    pub fn text(mut self, text: Text) -> Self {
        self.gaps.next(self.said);
        text.put(self.said);
        self
    }

    /// Fills a gap with a moment.
    pub fn moment(mut self, time: FileTime) -> Self {
        self.gaps.next(self.said);
        moment(self.said, time);
        self
    }

    /// Says the rest.
    pub fn end(self) {
        self.gaps.end(self.said);
    }
}

/// Where the texts of the flags begin, four for each: letter, name, meaning, short name.
const FLAGS: u16 = TABLE.len() as u16;

impl Text {
    /// The letter of the flag at a place in [`crate::ntlm::flags::Flags::TABLE`].
    pub(super) const fn flag_letter(at: u16) -> Text {
        Text(FLAGS + 4 * at)
    }

    /// Its name.
    pub(super) const fn flag_name(at: u16) -> Text {
        Text(FLAGS + 4 * at + 1)
    }

    /// What it means.
    pub(super) const fn flag_meaning(at: u16) -> Text {
        Text(FLAGS + 4 * at + 2)
    }

    /// The part of its name that tells it from the others.
    pub(super) const fn flag_short_name(at: u16) -> Text {
        Text(FLAGS + 4 * at + 3)
    }
}

/// Goes on with a list, unless it only begins.
pub fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push_str(", ");
    }
}
