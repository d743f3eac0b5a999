//! Finds tokens in whatever people paste: base64, hexadecimal, header lines, logs, dumps, captures.

use crate::explain::bytes::hex;
use crate::explain::{dump, is_token};
use crate::ntlm::message::SIGNATURE;
use crate::wire::base64;
use crate::wire::field::Field;
use crate::wire::reader::Reader;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// How a token was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// As it is.
    Bytes,
    /// In base64.
    Base64,
    /// In hexadecimal, alone or as a dump.
    Hex,
}

/// A token, and where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The token.
    pub bytes: Vec<u8>,
    /// How it was written.
    pub form: Form,
    /// Where it lies in the input, in bytes.
    pub range: Range<usize>,
    /// The header that it stands in, such as `WWW-Authenticate`; empty if it stands in none.
    pub header: String,
    /// The scheme before it, such as `NTLM`; empty if there is none.
    pub scheme: String,
}

impl Serialize for Found {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut found = serializer.serialize_struct("Found", 6)?;
        found.serialize_field("form", &self.form)?;
        found.serialize_field("start", &self.range.start)?;
        found.serialize_field("end", &self.range.end)?;
        found.serialize_field("header", &self.header)?;
        found.serialize_field("scheme", &self.scheme)?;
        found.serialize_field("bytes", &hex(&self.bytes))?;
        found.end()
    }
}

/// The shortest base64 that holds a signature.
const SHORTEST: usize = 11;
const MOST_TOKENS: usize = 200;

/// The tokens of an input, in their order.
pub fn find(input: &[u8]) -> Vec<Found> {
    let all = 0..input.len();
    if is_token(input) {
        return one(input.to_vec(), Form::Bytes, all);
    }
    if let Some((bytes, form)) = read(input) {
        return one(bytes, form, all);
    }
    // Before the text itself is searched: the column with the text of a dump may look like the beginning of a token.
    let tokens = dump::read(input).map(|bytes| within_dump(bytes, all)).unwrap_or_default();
    if tokens.is_empty() { search(input) } else { tokens }
}

impl Found {
    fn new(bytes: Vec<u8>, form: Form, range: Range<usize>) -> Self {
        Found { bytes, form, range, header: String::new(), scheme: String::new() }
    }
}

fn one(bytes: Vec<u8>, form: Form, range: Range<usize>) -> Vec<Found> {
    Vec::from([Found::new(bytes, form, range)])
}

/// The tokens that a dump holds, as text of HTTP or as they are.
fn within_dump(bytes: Vec<u8>, all: Range<usize>) -> Vec<Found> {
    if is_token(&bytes) {
        return one(bytes, Form::Hex, all);
    }
    let mut tokens = search(&bytes);
    for token in &mut tokens {
        token.range = all.clone();
    }
    tokens
}

/// The tokens within other text or bytes.
fn search(input: &[u8]) -> Vec<Found> {
    let tokens = runs(input);
    if tokens.is_empty() { signatures(input) } else { tokens }
}

/// A token as text, and how it was written.
fn read(text: &[u8]) -> Option<(Vec<u8>, Form)> {
    let hex = plain_hex(text).filter(|bytes| is_token(bytes));
    if let Some(bytes) = hex {
        return Some((bytes, Form::Hex));
    }
    Some((plain_base64(text).filter(|bytes| is_token(bytes))?, Form::Base64))
}

/// Nothing but hexadecimal digits, with whatever people put between them.
fn plain_hex(input: &[u8]) -> Option<Vec<u8>> {
    let mut digits = Vec::new();
    let mut rest = input;
    loop {
        rest = match *rest {
            [b'0', b'x' | b'X', ref behind @ ..] | [b'\\', b'x', ref behind @ ..] => behind,
            [
                b' ' | b'\t' | b'\r' | b'\n' | b':' | b',' | b'-' | b';' | b'{' | b'}' | b'[' | b']' | b'"',
                ref behind @ ..,
            ] => behind,
            [digit, ref behind @ ..] => {
                dump::digit(digit)?;
                digits.push(digit);
                behind
            }
            [] => return Some(dump::pairs(&digits)),
        }
    }
}

/// Nothing but base64, perhaps on several lines. A last character that stands alone holds no byte: the token was cut there.
fn plain_base64(input: &[u8]) -> Option<Vec<u8>> {
    let symbols = input.iter().filter(|c| !c.is_ascii_whitespace()).count();
    let last = input.iter().rposition(|c| !c.is_ascii_whitespace()).filter(|_| symbols % 4 == 1);
    base64::decode_bytes(input.get(..last.unwrap_or(input.len()))?).ok()
}

/// Stretches of base64 or hexadecimal in a text.
fn runs(input: &[u8]) -> Vec<Found> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < input.len() && tokens.len() < MOST_TOKENS {
        let (text, length) = run(input.get(start..).unwrap_or_default());
        if text.len() >= SHORTEST
            && let Some((bytes, form)) = read(&text)
        {
            let mut token = Found::new(bytes, form, start..start + length);
            (token.header, token.scheme) = introduction(input.get(..start).unwrap_or_default());
            tokens.push(token);
        }
        start += length.max(1);
    }
    tokens
}

/// The characters of base64 or hexadecimal that a text begins with, and how far they reach. In JSON, and so in archives of
/// requests, some of them may be written as escapes.
fn run(text: &[u8]) -> (Vec<u8>, usize) {
    let (mut packed, mut at) = (Vec::new(), 0);
    // No escape begins a run.
    if text.first().is_some_and(|c| !is_base64(*c)) {
        return (packed, at);
    }
    while let Some((c, length)) = text.get(at..).and_then(character) {
        // Padding ends it.
        if !is_base64(c) && c != b'=' || is_base64(c) && packed.last() == Some(&b'=') {
            break;
        }
        packed.push(c);
        at += length;
    }
    (packed, at)
}

/// The first character of a text, and how many bytes it takes there.
fn character(text: &[u8]) -> Option<(u8, usize)> {
    match *text {
        [b'\\', b'/', ..] => Some((b'/', 2)),
        [b'\\', b'u', b'0', b'0', high, low, ..] => Some((dump::digit(high)? << 4 | dump::digit(low)?, 6)),
        [c, ..] => Some((c, 1)),
        [] => None,
    }
}

/// The header and the scheme that stand before a token on its line.
fn introduction(text: &[u8]) -> (String, String) {
    let line = text.get(text.len().saturating_sub(200)..).unwrap_or(text);
    let line = after_last(line, b'\n').unwrap_or(line).trim_ascii_end();
    let scheme = word(line);
    if !scheme.eq_ignore_ascii_case(b"ntlm") && !scheme.eq_ignore_ascii_case(b"negotiate") {
        return (String::new(), String::new());
    }
    let before = line.get(..line.len() - scheme.len()).unwrap_or_default();
    let value = after_last(before, b':');
    let name = value.and_then(|value| before.get(..before.len() - value.len() - 1)).map(word).unwrap_or_default();
    let name = if name.is_empty() { name_in_archive(text) } else { name };
    (String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(scheme).into_owned())
}

/// The name of a header whose value comes next, in an archive of requests (HAR): `"name": "…", "value": "`.
fn name_in_archive(before: &[u8]) -> &[u8] {
    let near = before.get(before.len().saturating_sub(100)..).unwrap_or_default();
    let Some(at) = near.windows(6).rposition(|window| window == b"\"name\"") else { return &[] };
    near.get(at + 6..).unwrap_or_default().split(|c| *c == b'"').nth(1).unwrap_or_default()
}

/// What stands behind the last character of a kind.
fn after_last(text: &[u8], last: u8) -> Option<&[u8]> {
    text.get(text.iter().rposition(|c| *c == last)? + 1..)
}

/// The last word of a text.
fn word(text: &[u8]) -> &[u8] {
    let before = text.iter().rposition(|c| !c.is_ascii_alphanumeric() && *c != b'-');
    text.get(before.map_or(0, |at| at + 1)..).unwrap_or_default()
}

/// Messages within other bytes, such as a capture of another protocol. Their fields say where they end.
fn signatures(input: &[u8]) -> Vec<Found> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while tokens.len() < MOST_TOKENS
        && let Some(message) = input.get(at..).and_then(from_signature)
    {
        let start = input.len() - message.len();
        let message = message.get(..extent(message)).unwrap_or(message);
        tokens.push(Found::new(message.to_vec(), Form::Bytes, start..start + message.len()));
        at = start + message.len().max(SIGNATURE.len());
    }
    tokens
}

/// How far the fields of a message reach.
fn extent(message: &[u8]) -> usize {
    let fields: &[u8] = match message.get(8) {
        Some(1) => &[16, 24],
        Some(2) => &[12, 40],
        _ => &[12, 20, 28, 36, 44, 52],
    };
    let end = |at: &u8| {
        let mut reader = Reader::new(message.get(usize::from(*at)..)?);
        let field = Field::read(&mut reader).ok()?;
        Some((field.offset as usize).saturating_add(usize::from(field.length)))
    };
    fields.iter().filter_map(end).max().unwrap_or(message.len()).max(32).min(message.len())
}

const fn is_base64(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/')
}

/// What begins with the first signature of a message.
fn from_signature(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(bytes.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?..)
}

/// The message of NTLM in a token, bare or within SPNEGO.
pub fn message(token: &[u8]) -> Option<&[u8]> {
    if is_token(token) { from_signature(token) } else { None }
}
