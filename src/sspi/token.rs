//! Inspects the system's tokens, because the system reports neither the mechanism it chose nor whether a token is final.

use crate::ntlm::message::SIGNATURE;
use crate::spnego::token::{NegState, NegToken, tag};
use crate::wire::der::{expect, next};

/// Object identifiers of Kerberos: 1.2.840.113554.1.2.2, and Windows' variant 1.2.840.48018.1.2.2.
const KERBEROS: [&[u8]; 2] =
    [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02], &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02]];
/// The token ID of a Kerberos AP-REQ (RFC 4121 4.1).
const AP_REQ: [u8; 2] = [1, 0];
/// The type of NTLM's final message.
const AUTHENTICATE: u8 = 3;

/// The mechanism of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Kerberos 5.
    Kerberos,
    /// NTLM.
    Ntlm,
}

/// Returns the mechanism of an outgoing token, and whether it is the final one.
pub fn spoken(token: &[u8]) -> Option<(Spoken, bool)> {
    let inner = match NegToken::decode(token) {
        Ok(NegToken::Init(init)) => init.mech_token?,
        Ok(NegToken::Resp(response)) => response.response_token?,
        Err(_) => token,
    };
    if let Some(message) = inner.strip_prefix(&SIGNATURE) {
        return Some((Spoken::Ntlm, message.first() == Some(&AUTHENTICATE)));
    }
    let mut framed = next(&mut { inner }).filter(|element| element.tag == tag::INITIAL_CONTEXT_TOKEN)?.content;
    let mechanism = expect(&mut framed, tag::OBJECT_IDENTIFIER)?;
    KERBEROS.contains(&mechanism).then(|| (Spoken::Kerberos, framed.starts_with(&AP_REQ)))
}

/// Returns whether the server rejected the handshake.
pub fn is_rejection(token: &[u8]) -> bool {
    matches!(NegToken::decode(token), Ok(NegToken::Resp(response)) if response.neg_state == Some(NegState::Reject))
}
