//! UTF-16LE, the text of Windows.

use crate::error::{Error, ErrorKind};
use crate::wire::upcase::upcase;
use alloc::string::String;
use alloc::vec::Vec;

/// The bytes of a text.
pub fn encode_utf16le(text: &str) -> Vec<u8> {
    units_to_bytes(text.encode_utf16())
}

/// The bytes of a text, upper-cased as Windows does it.
pub fn encode_utf16le_upper(text: &str) -> Vec<u8> {
    units_to_bytes(text.encode_utf16().map(upcase))
}

/// The bytes of UTF-16 code units, which may be lone surrogates: machine-made passwords hold them.
pub fn units_to_bytes(units: impl Iterator<Item = u16>) -> Vec<u8> {
    // Room for all from the start: a vector that grows leaves copies behind, and this one may hold a password.
    let mut bytes = Vec::with_capacity(2 * units.size_hint().1.unwrap_or(0));
    units.flat_map(u16::to_le_bytes).for_each(|byte| bytes.push(byte));
    bytes
}

/// Upper-cases text in its UTF-16LE form, without passing through `str`, so that whatever a peer sent stays what it was.
pub fn upper_utf16le(bytes: &[u8]) -> Vec<u8> {
    units_to_bytes(units(bytes).map(upcase))
}

/// The text of bytes; U+FFFD stands for lone surrogates.
pub fn decode_utf16le(bytes: &[u8]) -> Result<String, Error> {
    if !bytes.len().is_multiple_of(2) {
        return Err(ErrorKind::BadText.into());
    }
    Ok(from_units(units(bytes)))
}

/// The text of UTF-16 code units; U+FFFD stands for lone surrogates.
pub fn from_units(units: impl Iterator<Item = u16>) -> String {
    let mut text = String::new();
    char::decode_utf16(units).for_each(|c| text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    text
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> + '_ {
    bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair))
}
