//! Base64 as it stands in HTTP headers (RFC 4648 4, `token68` of RFC 9110 11.2).
//!
//! Not the crate `base64`, whose engine weighs 3.9 KB more in the module, and would need a copy more of each token.

use crate::error::{Error, ErrorKind};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What stands in [`VALUES`] for the padding, for white space, and for all else that is not of the alphabet.
const PADDING: u8 = 0x40;
const SPACE: u8 = 0x41;
const NONE: u8 = 0xff;

/// The value of each character.
const VALUES: [u8; 256] = values();

#[expect(clippy::indexing_slicing, reason = "it runs while compiling, where a panic is what is wanted")]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    values[b'=' as usize] = PADDING;
    let mut i = 0;
    while i < values.len() {
        if (i as u8).is_ascii_whitespace() {
            values[i] = SPACE;
        }
        i += 1;
    }
    i = 0;
    while i < ALPHABET.len() {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
}

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    bytes.chunks(3).for_each(|group| text.extend(encode_group(group).map(char::from)));
    text
}

/// The characters of one to three bytes.
fn encode_group(group: &[u8]) -> [u8; 4] {
    let byte = |i: usize| group.get(i).copied().map_or(0, u32::from);
    let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    let symbol = |i: u32| match ALPHABET.get((bits >> (18 - 6 * i)) as usize & 0x3f) {
        Some(symbol) if i as usize <= group.len() => *symbol,
        _ => b'=',
    };
    [symbol(0), symbol(1), symbol(2), symbol(3)]
}

/// Decodes, leaving out white space, which some servers put into long headers.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    decode_bytes(text.as_bytes())
}

/// As [`decode`], for text that was not looked at as such.
///
/// Padding may be absent and the last character may hold stray bits: some peers write it so, and no bytes get lost by taking it.
pub fn decode_bytes(text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; text.len().div_ceil(4) * 3];
    let (mut symbols, mut padding, mut bits) = (0_usize, 0_usize, 0_u32);
    let mut groups = bytes.as_chunks_mut().0.iter_mut();
    for c in text {
        match VALUES.get(usize::from(*c)).copied().unwrap_or(NONE) {
            SPACE => {}
            PADDING => padding += 1,
            value if value < PADDING && padding == 0 => {
                bits = bits << 6 | u32::from(value);
                symbols += 1;
                if symbols.is_multiple_of(4) {
                    place(&mut groups, bits);
                }
            }
            _ => return Err(ErrorKind::BadBase64.into()),
        }
    }
    let missing = symbols.wrapping_neg() % 4;
    if missing == 3 || padding > missing {
        return Err(ErrorKind::BadBase64.into());
    }
    place(&mut groups, bits << (6 * missing));
    bytes.truncate(symbols.div_ceil(4) * 3 - missing);
    Ok(bytes)
}

/// Three bytes into the next place, if there is one.
fn place<'a>(places: &mut impl Iterator<Item = &'a mut [u8; 3]>, bits: u32) {
    if let Some(place) = places.next() {
        let [_, a, b, c] = bits.to_be_bytes();
        *place = [a, b, c];
    }
}
