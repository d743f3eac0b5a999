//! Finds tokens in whatever people paste: base64, hexadecimal, header lines, logs, dumps, captures.

use crate::explain::{dump, is_token, spnego};
use crate::ntlm::message::SIGNATURE;
use crate::wire::base64;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// How a token was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Bytes,
    /// In base64.
    Base64,
    /// In hexadecimal, alone or as a dump.
    Hex,
}

impl Form {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Form::Bytes => "bytes",
            Form::Base64 => "base64",
            Form::Hex => "hex",
        }
    }
}

/// A token, and where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The token.
    pub bytes: Cow<'a, [u8]>,
    /// How it was written.
    pub form: Form,
    /// Where it lies in the input, in bytes.
    pub range: Range<usize>,
    /// The header that it stands in, such as `WWW-Authenticate`; empty if it stands in none.
    pub header: String,
    /// The scheme before it, such as `NTLM`; empty if there is none.
    pub scheme: String,
}

/// The shortest base64 that holds a signature.
const SHORTEST: usize = 11;
const MOST_TOKENS: usize = 200;

/// The tokens of an input, in their order.
pub fn find(input: &[u8]) -> Vec<Found<'_>> {
    if is_token(input) {
        return Vec::from([found(input.into(), Form::Bytes, 0..input.len())]);
    }
    if let Some(bytes) = whole(input, plain_hex).or_else(|| whole(input, plain_base64)) {
        return Vec::from([bytes]);
    }
    // Before the text itself is searched: the column with the text of a dump may look like the beginning of a token.
    let mut tokens = dump::read(input).map(|bytes| within_dump(&bytes, input.len())).unwrap_or_default();
    for search in [runs, signatures] {
        if tokens.is_empty() {
            tokens = search(input);
        }
    }
    tokens
}

/// Bytes that were read from text, and how that was written.
type Read = Option<(Vec<u8>, Form)>;

const fn found(bytes: Cow<'_, [u8]>, form: Form, range: Range<usize>) -> Found<'_> {
    Found { bytes, form, range, header: String::new(), scheme: String::new() }
}

/// The whole input as one token.
fn whole(input: &[u8], read: fn(&[u8]) -> Read) -> Option<Found<'static>> {
    let (bytes, form) = read(input).filter(|(bytes, _)| is_token(bytes))?;
    Some(found(bytes.into(), form, 0..input.len()))
}

/// Nothing but hexadecimal digits, with whatever people put between them.
fn plain_hex(input: &[u8]) -> Read {
    let mut digits = Vec::new();
    let mut rest = input;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'0' if behind.first().is_some_and(|next| next | 0x20 == b'x') => {
                rest = behind.get(1..).unwrap_or_default()
            }
            b'\\' if behind.first() == Some(&b'x') => rest = behind.get(1..).unwrap_or_default(),
            b' ' | b'\t' | b'\r' | b'\n' | b':' | b',' | b'-' | b';' | b'{' | b'}' | b'[' | b']' | b'"' => {}
            digit => digits.push(dump::digit(*digit)?),
        }
    }
    Some((dump::pairs(&digits), Form::Hex))
}

/// Nothing but base64, perhaps on several lines.
fn plain_base64(input: &[u8]) -> Read {
    Some((decode_base64(input)?, Form::Base64))
}

/// A last character that stands alone holds no byte: the token was cut there.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut packed: Vec<u8> = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
    if packed.len() % 4 == 1 {
        packed.pop();
    }
    base64::decode_bytes(&packed).ok()
}

/// Stretches of base64 or hexadecimal in a text.
fn runs(input: &[u8]) -> Vec<Found<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < input.len() && tokens.len() < MOST_TOKENS {
        let rest = input.get(at..).unwrap_or_default();
        let skipped = rest.iter().take_while(|c| !is_base64(**c)).count();
        let (text, length) = run(rest.get(skipped..).unwrap_or_default());
        let start = at + skipped;
        let end = start + length;
        at = end.max(at + 1);
        if text.len() < SHORTEST {
            continue;
        }
        let read = plain_hex(&text).filter(|(bytes, _)| is_token(bytes));
        let read = read.or_else(|| plain_base64(&text)).filter(|(bytes, _)| is_token(bytes));
        if let Some((bytes, form)) = read {
            let (header, scheme) = introduction(input.get(..start).unwrap_or_default());
            tokens.push(Found { header, scheme, ..found(bytes.into(), form, start..end) });
        }
    }
    tokens
}

/// The characters of base64 or hexadecimal that a text begins with, and how far they reach. In JSON, and so in archives of
/// requests, some of them may be written as escapes.
fn run(text: &[u8]) -> (Vec<u8>, usize) {
    let (mut packed, mut at) = (Vec::new(), 0);
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
    let line = text.rsplit(|c| *c == b'\n').next().unwrap_or_default();
    let line = line.get(line.len().saturating_sub(200)..).unwrap_or_default().trim_ascii_end();
    let scheme = word(line);
    if !scheme.eq_ignore_ascii_case(b"ntlm") && !scheme.eq_ignore_ascii_case(b"negotiate") {
        return (String::new(), String::new());
    }
    let before = line.get(..line.len() - scheme.len()).unwrap_or_default();
    let name = before.rsplitn(2, |c| *c == b':').nth(1).map(word).unwrap_or_default();
    let name = if name.is_empty() { name_in_archive(text) } else { name };
    (String::from_utf8_lossy(name).into_owned(), String::from_utf8_lossy(scheme).into_owned())
}

/// The name of a header whose value comes next, in an archive of requests (HAR): `"name": "…", "value": "`.
fn name_in_archive(before: &[u8]) -> &[u8] {
    const NAME: &[u8] = b"\"name\"";
    let near = before.get(before.len().saturating_sub(100)..).unwrap_or_default();
    let Some(at) = near.windows(NAME.len()).rposition(|window| window == NAME) else { return &[] };
    near.get(at + NAME.len()..).unwrap_or_default().split(|c| *c == b'"').nth(1).unwrap_or_default()
}

/// The last word of a text.
fn word(text: &[u8]) -> &[u8] {
    let length = text.iter().rev().take_while(|c| c.is_ascii_alphanumeric() || **c == b'-').count();
    text.get(text.len() - length..).unwrap_or_default()
}

/// The tokens that a dump holds, as text of HTTP or as they are.
fn within_dump(bytes: &[u8], length: usize) -> Vec<Found<'static>> {
    if is_token(bytes) {
        return Vec::from([found(bytes.to_vec().into(), Form::Hex, 0..length)]);
    }
    let mut tokens = runs(bytes);
    if tokens.is_empty() {
        tokens = signatures(bytes);
    }
    let owned = |token: Found<'_>| Found { bytes: token.bytes.into_owned().into(), range: 0..length, ..token };
    tokens.into_iter().map(owned).collect()
}

/// Messages within other bytes, such as a capture of another protocol. Their fields say where they end.
fn signatures(input: &[u8]) -> Vec<Found<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = input.get(at..).filter(|_| tokens.len() < MOST_TOKENS) {
        let Some(skipped) = rest.windows(SIGNATURE.len()).position(|window| window == SIGNATURE) else { break };
        let message = rest.get(skipped..).unwrap_or_default();
        let message = message.get(..extent(message)).unwrap_or(message);
        let start = at + skipped;
        tokens.push(found(message.into(), Form::Bytes, start..start + message.len()));
        at = start + message.len().max(SIGNATURE.len());
    }
    tokens
}

/// How far the fields of a message reach.
fn extent(message: &[u8]) -> usize {
    let fields: &[usize] = match message.get(8) {
        Some(1) => &[16, 24],
        Some(2) => &[12, 40],
        _ => &[12, 20, 28, 36, 44, 52],
    };
    let end = |at: &usize| {
        let field: [u8; 8] = message.get(*at..at + 8)?.try_into().ok()?;
        let [low, high, _, _, offset @ ..] = field;
        Some((u32::from_le_bytes(offset) as usize).saturating_add(usize::from(u16::from_le_bytes([low, high]))))
    };
    fields.iter().filter_map(end).max().unwrap_or(message.len()).clamp(32, message.len().max(32)).min(message.len())
}

const fn is_base64(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/')
}

/// The message of NTLM in a token, bare or within SPNEGO.
pub fn message(token: &[u8]) -> Option<&[u8]> {
    if !token.starts_with(&SIGNATURE) && !spnego::is_token(token) {
        return None;
    }
    let at = token.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?;
    token.get(at..)
}
