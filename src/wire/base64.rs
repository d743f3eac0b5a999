//! Base64 as used in HTTP headers (RFC 4648 section 4, `token68` of RFC 9110 section 11.2).

use crate::error::{Error, ErrorKind};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Some peers omit the padding, and some leave stray bits in the last character.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Decodes text and ignores white space, which some servers insert into long headers.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    decode_bytes(text.as_bytes())
}

/// Decodes like [`decode`], for text that may not be UTF-8.
pub fn decode_bytes(text: &[u8]) -> Result<Vec<u8>, Error> {
    let decoded = if text.iter().any(u8::is_ascii_whitespace) {
        ENGINE.decode(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>())
    } else {
        ENGINE.decode(text)
    };
    decoded.map_err(|_| ErrorKind::BadBase64.into())
}
