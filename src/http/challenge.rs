//! `WWW-Authenticate` and `Proxy-Authenticate` values.
//!
//! ```text
//! value     = challenge *( "," challenge )                     ; RFC 9110 11.6.1
//! challenge = auth-scheme [ 1*SP ( token68 / auth-param *( "," auth-param ) ) ]
//! ```
//!
//! Challenges and their parameters are separated by the same comma, so each piece is told by its form.

/// One challenge: a scheme, and the token that came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemeChallenge<'a> {
    /// The scheme as written; compared without case.
    pub scheme: &'a str,
    /// The token, if there is one; empty for a scheme alone or with parameters.
    pub token: &'a str,
}

/// The challenges of one header value, in order.
pub fn parse(value: &str) -> impl Iterator<Item = SchemeChallenge<'_>> {
    Pieces { rest: value }.filter_map(piece)
}

/// What one piece between commas begins, if it begins a challenge.
fn piece(piece: &str) -> Option<SchemeChallenge<'_>> {
    let piece = piece.trim();
    let (scheme, rest) = piece.split_once([' ', '\t']).unwrap_or((piece, ""));
    if scheme.is_empty() || !scheme.bytes().all(is_token_character) {
        return None;
    }
    let rest = rest.trim();
    // `name = value` with spaces around the sign is a parameter of the challenge before.
    if rest.starts_with('=') {
        return None;
    }
    let is_token = rest.bytes().all(is_token68_character) && !has_parameter(rest);
    Some(SchemeChallenge { scheme, token: if is_token { rest } else { "" } })
}

/// Whether a text is `name=value` rather than base64, where the sign stands at the end only.
fn has_parameter(text: &str) -> bool {
    text.trim_end_matches('=').contains('=')
}

/// RFC 9110 5.6.2.
const fn is_token_character(c: u8) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        )
}

/// RFC 9110 11.2, and white space, which some servers fold into long tokens.
const fn is_token68_character(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b' ' | b'\t')
}

/// Splits at commas outside quoted strings.
struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut quoted, mut escaped) = (false, false);
        let end = self.rest.find(|c| {
            let at_comma = c == ',' && !quoted;
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && quoted && !escaped;
            at_comma
        });
        let (piece, rest) = end.and_then(|end| self.rest.split_at_checked(end)).unwrap_or((self.rest, ""));
        self.rest = rest.get(1..).unwrap_or("");
        Some(piece)
    }
}
