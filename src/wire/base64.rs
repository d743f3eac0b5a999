//! Base64 as it stands in HTTP headers (`token68` of RFC 9110 11.2).

use crate::error::{Error, ErrorKind};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Padding may be absent and the last character may hold stray bits: some peers write it so, and no bytes get lost by taking it.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    TOLERANT.encode(bytes)
}

/// Decodes, leaving out white space, which some servers put into long headers.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    decode_bytes(text.as_bytes())
}

/// As [`decode`], for text that was not looked at as such.
pub fn decode_bytes(text: &[u8]) -> Result<Vec<u8>, Error> {
    let packed: Vec<u8>;
    let text = if text.iter().any(u8::is_ascii_whitespace) {
        packed = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
        &packed
    } else {
        text
    };
    TOLERANT.decode(text).map_err(|_| ErrorKind::BadBase64.into())
}
