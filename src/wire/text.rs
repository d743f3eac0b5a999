//! Text in the form that Windows uses: UTF-16 code units, little-endian.

use crate::error::{Error, ErrorKind};
use crate::wire::upcase::upcase;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A name in the encoding that messages use.
///
/// The bytes are kept unchanged, lone surrogates included, so a peer's text is echoed exactly and never converted back and forth.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<u8>);

impl Text {
    /// Creates an empty text.
    pub const fn new() -> Self {
        Text(Vec::new())
    }

    /// Creates a text from UTF-16LE bytes.
    pub fn of_utf16le(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len().is_multiple_of(2) { Ok(Text(bytes.to_vec())) } else { Err(ErrorKind::BadText.into()) }
    }

    /// Creates a text from code units.
    pub fn of_units(units: impl Iterator<Item = u16>) -> Self {
        Text(units_to_bytes(units))
    }

    /// Returns the UTF-16LE bytes.
    pub fn as_utf16le(&self) -> &[u8] {
        &self.0
    }

    /// Returns the code units.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        units(&self.0)
    }

    /// Returns whether the text is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits at the first occurrence of an ASCII character.
    pub fn split_once(&self, separator: u8) -> Option<(Text, Text)> {
        let at = 2 * self.units().position(|unit| unit == u16::from(separator))?;
        Some((Text(self.0.get(..at)?.to_vec()), Text(self.0.get(at + 2..)?.to_vec())))
    }

    /// Converts to a string; lone surrogates become U+FFFD.
    pub fn to_lossy(&self) -> String {
        characters(self.units()).collect()
    }

    /// Converts to upper case with the mapping that Windows uses.
    #[must_use]
    pub fn to_upper(&self) -> Self {
        Text(upper_utf16le(&self.0))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(encode_utf16le(text))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// Lone surrogates are displayed as U+FFFD.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        characters(self.units()).try_for_each(|c| f.write_char(c))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        characters(self.units()).flat_map(char::escape_debug).try_for_each(|c| f.write_char(c))?;
        f.write_char('"')
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.units().eq(other.encode_utf16())
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

/// Encodes a string as UTF-16LE.
pub fn encode_utf16le(text: &str) -> Vec<u8> {
    if !text.is_ascii() {
        return units_to_bytes(text.encode_utf16());
    }
    let mut bytes = vec![0; 2 * text.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(text.bytes()).for_each(|(pair, byte)| *pair = [byte, 0]);
    bytes
}

/// Encodes a string as UTF-16LE, in upper case as Windows maps it.
pub fn encode_utf16le_upper(text: &str) -> Vec<u8> {
    units_to_bytes(text.encode_utf16().map(upcase))
}

/// Converts UTF-16 code units to bytes. Machine account passwords can contain lone surrogates.
pub fn units_to_bytes(units: impl Iterator<Item = u16>) -> Vec<u8> {
    // Allocate the full size at once: a growing vector leaves copies behind, and this one may contain a password.
    let mut bytes = Vec::with_capacity(2 * units.size_hint().1.unwrap_or(0));
    units.for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
    bytes
}

/// Converts a slice of UTF-16 code units to bytes.
pub fn slice_to_bytes(units: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 2 * units.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(units).for_each(|(pair, unit)| *pair = unit.to_le_bytes());
    bytes
}

/// Converts UTF-16LE text to upper case without using `str`, so that invalid sequences are preserved.
#[inline]
pub fn upper_utf16le(bytes: &[u8]) -> Vec<u8> {
    let mut upper = bytes.to_vec();
    upper.as_chunks_mut().0.iter_mut().for_each(|pair| *pair = upcase(u16::from_le_bytes(*pair)).to_le_bytes());
    upper
}

/// Decodes UTF-16LE bytes; lone surrogates become U+FFFD.
pub fn decode_utf16le(bytes: &[u8]) -> Result<String, Error> {
    if !bytes.len().is_multiple_of(2) {
        return Err(ErrorKind::BadText.into());
    }
    Ok(characters(units(bytes)).collect())
}

/// Decodes UTF-16 code units to characters; lone surrogates become U+FFFD.
pub fn characters(units: impl Iterator<Item = u16>) -> impl Iterator<Item = char> {
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Returns the code units of UTF-16LE bytes.
pub fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair))
}
