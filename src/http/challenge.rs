//! `WWW-Authenticate` and `Proxy-Authenticate` values.
//!
//! ```text
//! value     = challenge *( "," challenge )                     ; RFC 9110 11.6.1
//! challenge = auth-scheme [ 1*SP ( token68 / auth-param *( "," auth-param ) ) ]
//! ```
//!
//! Challenges and their parameters are separated by the same comma, so each piece is classified by its syntax.

use crate::error::Error;
use crate::wire::{ascii, base64};
use alloc::vec::Vec;

/// One challenge: a scheme and its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemeChallenge<'a> {
    /// The scheme as written; comparison ignores case.
    pub scheme: &'a [u8],
    /// The token; empty if the challenge has none or has parameters instead.
    pub token: &'a [u8],
}

/// Returns the challenges of one header value, or of several separated by line ends, in order.
pub fn parse(value: &[u8]) -> Vec<SchemeChallenge<'_>> {
    let mut challenges = Vec::new();
    parse_into(&mut challenges, value);
    challenges
}

/// Parses like [`parse`] and appends to the challenges of earlier headers.
pub fn parse_into<'a>(challenges: &mut Vec<SchemeChallenge<'a>>, value: &'a [u8]) {
    let mut rest = value;
    while !rest.is_empty() {
        let (first, behind) = rest.split_at_checked(separator(rest)).unwrap_or((rest, &[]));
        challenges.extend(piece(first));
        rest = behind.get(1..).unwrap_or_default();
    }
}

/// Finds the token in header text: base64 alone, or `NTLM TlRMTVNTUA...` with or without the header name.
pub fn token_in(text: &str) -> Result<Vec<u8>, Error> {
    let text = text.as_bytes();
    // Base64 has no spaces; a header value has one.
    if !text.contains(&b' ') {
        return base64::decode_bytes(text);
    }
    let value = ascii::split_once(text, b":").map_or(text, |(_name, value)| value);
    let known = |scheme: &[u8]| scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate");
    let challenges = parse(value);
    let with_token = challenges.iter().find(|challenge| !challenge.token.is_empty() && known(challenge.scheme));
    base64::decode_bytes(with_token.map_or(text, |challenge| challenge.token))
}

/// Returns the challenge that a piece between commas begins, if it begins one.
fn piece(piece: &[u8]) -> Option<SchemeChallenge<'_>> {
    let piece = piece.trim_ascii();
    let end = piece.iter().position(|c| matches!(c, b' ' | b'\t')).unwrap_or(piece.len());
    let (scheme, rest) = piece.split_at_checked(end)?;
    if scheme.is_empty() || !scheme.iter().all(|c| is_token_character(*c)) {
        return None;
    }
    let rest = rest.trim_ascii();
    // `name = value` with spaces around the equals sign is a parameter of the preceding challenge.
    if rest.starts_with(b"=") {
        return None;
    }
    let is_token = rest.iter().all(|c| is_token68_character(*c)) && !has_parameter(rest);
    Some(SchemeChallenge { scheme, token: if is_token { rest } else { b"" } })
}

/// Returns whether a text is `name=value` rather than base64, which has equals signs only at its end.
fn has_parameter(text: &[u8]) -> bool {
    let sign = text.iter().position(|c| *c == b'=').unwrap_or(text.len());
    text.iter().skip(sign).any(|c| *c != b'=')
}

/// RFC 9110 5.6.2.
const fn is_token_character(c: u8) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// RFC 9110 11.2, plus white space, which some servers insert into long tokens.
const fn is_token68_character(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b' ' | b'\t')
}

/// Returns the position of the first comma outside quoted strings or the first line end, otherwise the length.
fn separator(text: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    let at_separator = |c: &u8| {
        let at_separator = *c == b'\n' || (*c == b',' && !quoted);
        quoted ^= *c == b'"' && !escaped;
        escaped = *c == b'\\' && quoted && !escaped;
        at_separator
    };
    text.iter().position(at_separator).unwrap_or(text.len())
}
