//! The client's identity and secret.

use crate::error::{Error, ErrorKind};
use crate::ntlm::keys;
use crate::secret::{Key, Secret, Wiped};
use crate::wire::ascii;
use crate::wire::oem::CodePage;
use crate::wire::text::{self, Text};

/// The hashes of a password; NTLM does not need the password itself.
#[derive(Debug)]
pub struct Hashes {
    /// The NT hash.
    pub nt: Key,
    /// The LM hash, used only for the oldest responses; `None` if the password has none.
    pub lm: Option<Key>,
}

impl Hashes {
    /// Hashes a password. Does not compute the LM hash; see [`Hashes::of_password_with_lm`].
    pub fn from_password(password: &str) -> Self {
        Self::of_password(&Wiped(text::encode_utf16le(password)).0)
    }

    /// Hashes a password in UTF-16LE, which may contain lone surrogates.
    pub fn of_password(password_utf16le: &[u8]) -> Self {
        Hashes { nt: keys::ntowf_v1(password_utf16le), lm: None }
    }

    /// Hashes like [`Hashes::of_password`] and adds the LM hash, which is for responses older than NTLMv2 and takes five times as long.
    ///
    /// The LM hash exists for passwords of up to 14 characters in the code page (MS-NLMP 3.3.1).
    pub fn of_password_with_lm(password_utf16le: &[u8], code_page: CodePage) -> Self {
        let upper = Wiped(text::upper_utf16le(password_utf16le));
        let oem = code_page.encode(&upper.0).map(Wiped);
        let oem = oem.filter(|bytes| bytes.0.len() <= LM_PASSWORD_LENGTH);
        Hashes { lm: oem.map(|bytes| keys::lmowf_v1(&bytes.0)), ..Hashes::of_password(password_utf16le) }
    }

    /// Wraps an NT hash.
    pub const fn of_nt_hash(nt: [u8; 16]) -> Self {
        Hashes { nt: Secret::new(nt), lm: None }
    }

    /// Wraps an NT hash, or an LM hash followed by an NT hash.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (lm, nt) = bytes.split_last_chunk().ok_or(ErrorKind::InvalidHash)?;
        let lm =
            if lm.is_empty() { None } else { Some(Secret::new(lm.try_into().map_err(|_| ErrorKind::InvalidHash)?)) };
        Ok(Hashes { nt: Secret::new(*nt), lm })
    }

    /// Parses an NT hash in hexadecimal, or `LM:NT` as written by dump tools.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let text = text.trim_ascii();
        let (lm, nt) = ascii::split_once(text, b":").unwrap_or((b"", text));
        let lm = if lm.is_empty() { None } else { Some(Secret::new(parse_hex(lm)?)) };
        Ok(Hashes { nt: Secret::new(parse_hex(nt)?), lm })
    }
}

const LM_PASSWORD_LENGTH: usize = 14;

fn parse_hex(text: &[u8]) -> Result<[u8; 16], Error> {
    let mut bytes = [0; 16];
    if text.len() != 2 * bytes.len() {
        return Err(ErrorKind::InvalidHash.into());
    }
    for (i, digit) in text.iter().enumerate() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return Err(ErrorKind::InvalidHash.into()),
        };
        if let Some(byte) = bytes.get_mut(i / 2) {
            *byte = *byte << 4 | value;
        }
    }
    Ok(bytes)
}

/// A user name and its hashes; without hashes the client is anonymous.
#[derive(Debug, Default)]
pub struct Credential {
    /// The user name as sent.
    pub user: Text,
    /// The domain as sent; often empty.
    pub domain: Text,
    /// The hashes of the password.
    pub hashes: Option<Hashes>,
}

impl Credential {
    /// Splits `CORP\alice`. `alice@corp.example` is kept whole, with an empty domain, because servers split it themselves.
    ///
    /// A separate domain takes precedence over one in the name.
    pub fn new(user: &str, domain: Option<&str>, hashes: Option<Hashes>) -> Self {
        let (prefix, user) = user.split_once('\\').unwrap_or(("", user));
        Credential { user: user.into(), domain: domain.unwrap_or(prefix).into(), hashes }
    }

    /// Creates a credential like [`Credential::new`], from UTF-16 names.
    pub fn of(user: Text, domain: Option<Text>, hashes: Option<Hashes>) -> Self {
        let (prefix, user) = user.split_once(b'\\').unwrap_or((Text::new(), user));
        Credential { user, domain: domain.unwrap_or(prefix), hashes }
    }

    /// Returns the key of NTLMv2 responses (MS-NLMP 3.3.2).
    pub fn response_key_v2(&self) -> Option<Key> {
        let hashes = self.hashes.as_ref()?;
        Some(keys::ntowf_v2(&hashes.nt, self.user.to_upper().as_utf16le(), self.domain.as_utf16le()))
    }
}
