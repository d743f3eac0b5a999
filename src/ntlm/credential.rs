//! Who the client is, and what it knows to prove it.

use crate::error::{Error, ErrorKind};
use crate::ntlm::keys;
use crate::secret::{Key, Secret};
use crate::wire::ascii;
use crate::wire::oem::CodePage;
use crate::wire::text;
use crate::wire::upcase::upcase;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// The hashes of a password, which are all that NTLM needs of it.
#[derive(Debug)]
pub struct Hashes {
    /// The NT hash.
    pub nt: Key,
    /// The LM hash, for the oldest responses only; `None` when the password has none.
    pub lm: Option<Key>,
}

impl Hashes {
    /// Hashes a password given in UTF-16, which may hold lone surrogates.
    ///
    /// An LM hash exists for passwords of up to 14 characters of the code page (MS-NLMP 3.3.1).
    pub fn of_password(password: &[u16], code_page: CodePage) -> Self {
        let utf16le = Zeroizing::new(text::units_to_bytes(password.iter().copied()));
        let upper = Zeroizing::new(text::units_to_bytes(password.iter().copied().map(upcase)));
        let oem = text::decode_utf16le(&upper).ok().map(Zeroizing::new).and_then(|upper| code_page.encode(&upper));
        let oem = oem.map(Zeroizing::new).filter(|bytes| bytes.len() <= LM_PASSWORD_LENGTH);
        Hashes { nt: keys::ntowf_v1(&utf16le), lm: oem.map(|bytes| keys::lmowf_v1(&bytes)) }
    }

    /// Takes an NT hash.
    pub const fn of_nt_hash(nt: [u8; 16]) -> Self {
        Hashes { nt: Secret::new(nt), lm: None }
    }

    /// Reads an NT hash in hexadecimal, or `LM:NT` as dumps and other tools write it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.as_bytes().trim_ascii();
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

/// A user's name and hashes; without hashes the client is anonymous.
#[derive(Debug, Default)]
pub struct Credential {
    /// The user name, as it is sent.
    pub user: String,
    /// The domain, as it is sent; often empty.
    pub domain: String,
    /// What proves it.
    pub hashes: Option<Hashes>,
}

impl Credential {
    /// Splits `CORP\alice`. `alice@corp.example` stays whole, with an empty domain: servers take it apart themselves.
    ///
    /// A domain given apart wins over one in the name.
    pub fn new(user: &str, domain: Option<&str>, hashes: Option<Hashes>) -> Self {
        let (prefix, user) = user.split_once('\\').unwrap_or(("", user));
        Credential { user: user.to_string(), domain: domain.unwrap_or(prefix).to_string(), hashes }
    }

    /// The key of NTLMv2 responses (MS-NLMP 3.3.2).
    pub fn response_key_v2(&self) -> Option<Key> {
        let hashes = self.hashes.as_ref()?;
        let user: Vec<u8> = text::encode_utf16le_upper(&self.user);
        Some(keys::ntowf_v2(&hashes.nt, &user, &text::encode_utf16le(&self.domain)))
    }
}
