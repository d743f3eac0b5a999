//! Base64 as it stands in HTTP headers (RFC 4648 4, `token68` of RFC 9110 11.2).
//!
//! Not the crate `base64`, whose engine weighs 3.9 KB more in the module, and would need a copy more of each token.

use crate::error::{Error, ErrorKind};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What stands in [`VALUES`] for characters that are none of the alphabet.
const NONE: u8 = 0xff;

/// The value of each character.
const VALUES: [u8; 256] = values();

#[expect(clippy::indexing_slicing, reason = "it runs while compiling, where a panic is what is wanted")]
const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
}

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    append(&mut text, bytes);
    text
}

/// Encodes with padding, behind what is there already.
pub fn append(text: &mut String, bytes: &[u8]) {
    text.reserve_exact(encoded_length(bytes.len()));
    bytes.chunks(3).for_each(|group| text.extend(encode_group(group).map(char::from)));
}

/// Encodes with padding into a place of exactly this length: [`encoded_length`].
pub fn encode_into(place: &mut [u8], bytes: &[u8]) {
    for (place, group) in place.as_chunks_mut().0.iter_mut().zip(bytes.chunks(3)) {
        *place = encode_group(group);
    }
}

/// How long so many bytes will be.
pub const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3) * 4
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
    if text.iter().any(u8::is_ascii_whitespace) {
        let packed: Vec<u8> = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
        return decode_packed(&packed);
    }
    decode_packed(text)
}

fn decode_packed(text: &[u8]) -> Result<Vec<u8>, Error> {
    let symbols = text.iter().rposition(|c| *c != b'=').map_or(0, |last| last + 1);
    let (text, padding) = text.split_at_checked(symbols).unwrap_or_default();
    let missing = text.len().wrapping_neg() % 4;
    if missing == 3 || padding.len() > missing {
        return Err(ErrorKind::BadBase64.into());
    }
    let mut bytes = vec![0; text.len().div_ceil(4) * 3];
    // Told at the end, so that the loop has no branches; all values have their two high bits clear.
    let mut seen = 0;
    for (place, group) in bytes.as_chunks_mut().0.iter_mut().zip(text.chunks(4)) {
        let mut bits: u32 = 0;
        for i in 0..4 {
            let value = VALUES.get(usize::from(group.get(i).copied().unwrap_or(b'A'))).copied().unwrap_or(NONE);
            seen |= value;
            bits = bits << 6 | u32::from(value);
        }
        let [_, a, b, c] = bits.to_be_bytes();
        *place = [a, b, c];
    }
    bytes.truncate(bytes.len() - missing);
    if seen > 0x3f { Err(ErrorKind::BadBase64.into()) } else { Ok(bytes) }
}
