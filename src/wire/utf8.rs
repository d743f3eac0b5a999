//! Between UTF-8 and UTF-16LE, in a third of the code of the standard library, which does far more with strings than names need.

use crate::wire::text;
use alloc::string::String;
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

/// The text of bytes of UTF-8; U+FFFD stands for what is none.
pub fn to_string(bytes: &[u8]) -> String {
    let mut rest = bytes;
    core::iter::from_fn(|| next_character(&mut rest)).collect()
}

/// Adds the UTF-8 of UTF-16LE; U+FFFD stands for lone surrogates.
pub fn append(bytes: &mut Vec<u8>, text: &[u8]) {
    for c in text::characters(text::units(text)) {
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Takes a character off the front of `rest`, as the standard library's lossy reading does: U+FFFD stands for whatever begins as one
/// and does not go on as one.
fn next_character(rest: &mut &[u8]) -> Option<char> {
    let (first, behind) = rest.split_first()?;
    *rest = behind;
    // How many bytes follow, and between what the next of them lies (Unicode, table 3-7).
    let (more, mut low, mut high) = match first {
        0..=0x7f => (0, 0, 0),
        0xc2..=0xdf => (1, 0x80, 0xbf),
        0xe0 => (2, 0xa0, 0xbf),
        0xed => (2, 0x80, 0x9f),
        0xe1..=0xef => (2, 0x80, 0xbf),
        0xf0 => (3, 0x90, 0xbf),
        0xf1..=0xf3 => (3, 0x80, 0xbf),
        0xf4 => (3, 0x80, 0x8f),
        _ => return Some(char::REPLACEMENT_CHARACTER),
    };
    // Of the first, those bits count that do not tell the length.
    let mut code = u32::from(*first) & 0xff >> if more == 0 { 0 } else { more + 2 };
    for _ in 0..more {
        match rest.split_first() {
            Some((next, behind)) if (low..=high).contains(next) => {
                code = code << 6 | u32::from(next & 0x3f);
                *rest = behind;
            }
            _ => return Some(char::REPLACEMENT_CHARACTER),
        }
        (low, high) = (0x80, 0xbf);
    }
    char::from_u32(code)
}
