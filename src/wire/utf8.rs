//! Between UTF-8 and UTF-16LE, in a third of the code of the standard library, which does far more with strings than names need.

use crate::wire::text;
use alloc::vec::Vec;

/// The UTF-16LE of bytes of UTF-8; U+FFFD stands for what is none.
pub fn to_utf16le(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * bytes.len());
    let mut rest = bytes;
    while let Some(c) = next_character(&mut rest) {
        for unit in c.encode_utf16(&mut [0; 2]) {
            text.extend_from_slice(&unit.to_le_bytes());
        }
    }
    text
}

/// Adds the UTF-8 of UTF-16LE; U+FFFD stands for lone surrogates.
pub fn append(bytes: &mut Vec<u8>, text: &[u8]) {
    for c in text::characters(text::units(text)) {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Takes a character off the front of `rest` (RFC 3629 3).
fn next_character(rest: &mut &[u8]) -> Option<char> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    let (more, start) = match *first {
        0x00..0x80 => (0, first & 0x7f),
        0xc0..0xe0 => (1, first & 0x1f),
        0xe0..0xf0 => (2, first & 0x0f),
        0xf0..0xf8 => (3, first & 0x07),
        _ => return Some(char::REPLACEMENT_CHARACTER),
    };
    let mut value = u32::from(start);
    for _ in 0..more {
        let Some((next @ 0x80..0xc0, behind)) = rest.split_first() else { return Some(char::REPLACEMENT_CHARACTER) };
        value = value << 6 | u32::from(next & 0x3f);
        *rest = behind;
    }
    // Neither half of a pair, nor anything that could be written shorter.
    let genuine = char::from_u32(value).filter(|c| c.len_utf8() == 1 + more);
    Some(genuine.unwrap_or(char::REPLACEMENT_CHARACTER))
}
