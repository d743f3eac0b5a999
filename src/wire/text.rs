//! Text as Windows has it: UTF-16 code units, little-endian.

use crate::error::{Error, ErrorKind};
use crate::wire::upcase::upcase;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A name, in the form in which messages carry it.
///
/// It is kept as it came, lone surrogates included: what a peer sent stays what it was, and nothing is converted to and fro.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<u8>);

impl Text {
    /// No text.
    pub const fn new() -> Self {
        Text(Vec::new())
    }

    /// From bytes of UTF-16LE.
    pub fn of_utf16le(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len().is_multiple_of(2) { Ok(Text(bytes.to_vec())) } else { Err(ErrorKind::BadText.into()) }
    }

    /// From code units.
    pub fn of_units(units: impl Iterator<Item = u16>) -> Self {
        Text(units_to_bytes(units))
    }

    /// The bytes of UTF-16LE.
    pub fn as_utf16le(&self) -> &[u8] {
        &self.0
    }

    /// The code units.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        units(&self.0)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What stands before and behind the first occurrence of an ASCII character.
    pub fn split_once(&self, separator: u8) -> Option<(Text, Text)> {
        let at = 2 * self.units().position(|unit| unit == u16::from(separator))?;
        Some((Text(self.0.get(..at)?.to_vec()), Text(self.0.get(at + 2..)?.to_vec())))
    }

    /// As a string; U+FFFD stands for lone surrogates.
    pub fn to_lossy(&self) -> String {
        characters(self.units()).collect()
    }

    /// In upper case, as Windows does it.
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

/// U+FFFD stands for lone surrogates.
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

/// The bytes of a text.
pub fn encode_utf16le(text: &str) -> Vec<u8> {
    if !text.is_ascii() {
        return units_to_bytes(text.encode_utf16());
    }
    let mut bytes = vec![0; 2 * text.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(text.bytes()).for_each(|(pair, byte)| *pair = [byte, 0]);
    bytes
}

/// The bytes of a text, upper-cased as Windows does it.
pub fn encode_utf16le_upper(text: &str) -> Vec<u8> {
    units_to_bytes(text.encode_utf16().map(upcase))
}

/// The bytes of UTF-16 code units, which may be lone surrogates: machine-made passwords hold them.
pub fn units_to_bytes(units: impl Iterator<Item = u16>) -> Vec<u8> {
    // Room for all from the start: a vector that grows leaves copies behind, and this one may hold a password.
    let mut bytes = Vec::with_capacity(2 * units.size_hint().1.unwrap_or(0));
    units.for_each(|unit| bytes.extend_from_slice(&unit.to_le_bytes()));
    bytes
}

/// The bytes of an array of UTF-16 code units.
pub fn slice_to_bytes(units: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 2 * units.len()];
    bytes.as_chunks_mut().0.iter_mut().zip(units).for_each(|(pair, unit)| *pair = unit.to_le_bytes());
    bytes
}

/// Upper-cases text in its UTF-16LE form, without passing through `str`, so that whatever a peer sent stays what it was.
#[inline]
pub fn upper_utf16le(bytes: &[u8]) -> Vec<u8> {
    let mut upper = bytes.to_vec();
    upper.as_chunks_mut().0.iter_mut().for_each(|pair| *pair = upcase(u16::from_le_bytes(*pair)).to_le_bytes());
    upper
}

/// The text of bytes; U+FFFD stands for lone surrogates.
pub fn decode_utf16le(bytes: &[u8]) -> Result<String, Error> {
    if !bytes.len().is_multiple_of(2) {
        return Err(ErrorKind::BadText.into());
    }
    Ok(characters(units(bytes)).collect())
}

/// The characters of UTF-16 code units; U+FFFD stands for lone surrogates.
pub fn characters(units: impl Iterator<Item = u16>) -> impl Iterator<Item = char> {
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The code units of bytes.
pub fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair))
}
