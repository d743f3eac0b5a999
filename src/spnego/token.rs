//! The tokens of RFC 4178 4.2 and MS-SPNG 2.2.1.
//!
//! ```text
//! NegTokenInit ::= SEQUENCE {
//!     mechTypes    [0] SEQUENCE OF OBJECT IDENTIFIER,
//!     reqFlags     [1] ContextFlags OPTIONAL,
//!     mechToken    [2] OCTET STRING OPTIONAL,
//!     mechListMIC  [3] OCTET STRING OPTIONAL }      -- in NegTokenInit2 of Windows: negHints [3], mechListMIC [4]
//!
//! NegTokenResp ::= SEQUENCE {
//!     negState      [0] ENUMERATED { accept-completed (0), accept-incomplete (1), reject (2), request-mic (3) } OPTIONAL,
//!     supportedMech [1] OBJECT IDENTIFIER OPTIONAL,
//!     responseToken [2] OCTET STRING OPTIONAL,
//!     mechListMIC   [3] OCTET STRING OPTIONAL }
//! ```

use crate::error::{Error, ErrorKind};
use crate::ntlm::message::SIGNATURE;
use crate::wire::der::{self, enclose, expect};
use alloc::vec::Vec;

/// The content of the NTLM object identifier, 1.3.6.1.4.1.311.2.2.10.
pub const NTLMSSP_OID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
/// A mechanism list that offers only NTLM.
pub const NTLM_MECH_LIST: &[u8] =
    &[tag::SEQUENCE, 12, tag::OBJECT_IDENTIFIER, 10, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
/// The content of the SPNEGO object identifier, 1.3.6.1.5.5.2.
pub const SPNEGO_OID: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// The tags that SPNEGO uses.
#[expect(missing_docs, reason = "the names are those of X.680 and RFC 4178")]
pub mod tag {
    pub const OCTET_STRING: u8 = 0x04;
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    pub const ENUMERATED: u8 = 0x0a;
    pub const SEQUENCE: u8 = 0x30;
    pub const INITIAL_CONTEXT_TOKEN: u8 = 0x60;

    /// Returns the tag `[number]`, constructed.
    pub const fn context(number: u8) -> u8 {
        0xa0 | number
    }
}

/// The acceptor's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NegState {
    /// The negotiation is complete.
    AcceptCompleted = 0,
    /// More tokens are expected.
    AcceptIncomplete = 1,
    /// The negotiation is rejected.
    Reject = 2,
    /// More tokens are expected, and the mechanism list must be protected at the end.
    RequestMic = 3,
}

/// The client's first token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NegTokenInit<'a> {
    /// The mechanism list, unchanged: `mechListMIC` is computed over exactly these bytes.
    pub mech_list: &'a [u8],
    /// A first token for the first mechanism.
    pub mech_token: Option<&'a [u8]>,
}

/// Every later token, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegTokenResp<'a> {
    /// The acceptor's state.
    pub neg_state: Option<NegState>,
    /// The mechanism that the acceptor chose.
    pub supported_mech: Option<&'a [u8]>,
    /// A token of that mechanism.
    pub response_token: Option<&'a [u8]>,
    /// The signature of the mechanism list.
    pub mech_list_mic: Option<&'a [u8]>,
}

/// A SPNEGO token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NegToken<'a> {
    /// The first token.
    Init(NegTokenInit<'a>),
    /// A later token.
    Resp(NegTokenResp<'a>),
}

impl<'a> NegTokenInit<'a> {
    /// Returns the object identifiers of the offered mechanisms, preferred first.
    pub fn mech_types(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut list = expect(&mut { self.mech_list }, tag::SEQUENCE).unwrap_or_default();
        core::iter::from_fn(move || expect(&mut list, tag::OBJECT_IDENTIFIER))
    }
}

impl<'a> NegToken<'a> {
    /// Decodes a token, with or without the frame of RFC 2743 3.1 around the first one. Trailing bytes are ignored.
    pub fn decode(token: &'a [u8]) -> Result<Self, Error> {
        parse(token).ok_or(ErrorKind::BadSpnego.into())
    }
}

/// Returns the NTLM token in a SPNEGO token, or the input if it is an NTLM token already.
pub fn ntlm_token(token: &[u8]) -> Result<&[u8], Error> {
    if token.starts_with(&SIGNATURE) {
        return Ok(token);
    }
    let inner = match NegToken::decode(token)? {
        NegToken::Init(init) => init.mech_token,
        NegToken::Resp(resp) => resp.response_token,
    };
    inner.ok_or(ErrorKind::NotNtlm.into())
}

fn parse(token: &[u8]) -> Option<NegToken<'_>> {
    let mut rest = token;
    let mut outer = der::next(&mut rest)?;
    if outer.tag == tag::INITIAL_CONTEXT_TOKEN {
        let mut framed = outer.content;
        expect(&mut framed, tag::OBJECT_IDENTIFIER).filter(|oid| *oid == SPNEGO_OID)?;
        outer = der::next(&mut framed)?;
    }
    let mut content = outer.content;
    let fields = expect(&mut content, tag::SEQUENCE)?;
    match outer.tag {
        0xa0 => parse_init(fields).map(NegToken::Init),
        0xa1 => parse_resp(fields).map(NegToken::Resp),
        _ => None,
    }
}

fn parse_init(mut fields: &[u8]) -> Option<NegTokenInit<'_>> {
    let mech_list = expect(&mut fields, tag::context(0))?;
    let mut init = NegTokenInit { mech_list, mech_token: None };
    let mut list = expect(&mut { mech_list }, tag::SEQUENCE)?;
    while !list.is_empty() {
        expect(&mut list, tag::OBJECT_IDENTIFIER)?;
    }
    while !fields.is_empty() {
        let field = der::next(&mut fields)?;
        if field.tag == tag::context(2) {
            init.mech_token = Some(expect(&mut { field.content }, tag::OCTET_STRING)?);
        }
    }
    Some(init)
}

fn parse_resp(mut fields: &[u8]) -> Option<NegTokenResp<'_>> {
    let mut resp = NegTokenResp::default();
    while !fields.is_empty() {
        let field = der::next(&mut fields)?;
        let mut content = field.content;
        match field.tag & 0x1f {
            0 => resp.neg_state = Some(state(expect(&mut content, tag::ENUMERATED)?)?),
            1 => resp.supported_mech = Some(expect(&mut content, tag::OBJECT_IDENTIFIER)?),
            2 => resp.response_token = Some(expect(&mut content, tag::OCTET_STRING)?),
            3 => resp.mech_list_mic = Some(expect(&mut content, tag::OCTET_STRING)?),
            _ => {}
        }
    }
    Some(resp)
}

fn state(content: &[u8]) -> Option<NegState> {
    Some(match content {
        [0] => NegState::AcceptCompleted,
        [1] => NegState::AcceptIncomplete,
        [2] => NegState::Reject,
        [3] => NegState::RequestMic,
        _ => return None,
    })
}

/// Encodes a first token that offers the mechanisms of a list, with a token of the first one.
pub fn encode_init(mech_list: &[u8], mech_token: &[u8]) -> Vec<u8> {
    let mut token = Vec::with_capacity(mech_list.len() + mech_token.len() + FRAMES_SIZE);
    token.extend_from_slice(SPNEGO_OID);
    enclose(&mut token, 0, tag::OBJECT_IDENTIFIER);
    let init = token.len();
    token.extend_from_slice(mech_list);
    enclose(&mut token, init, tag::context(0));
    append(&mut token, 2, tag::OCTET_STRING, mech_token);
    enclose(&mut token, init, tag::SEQUENCE);
    enclose(&mut token, init, tag::context(0));
    enclose(&mut token, 0, tag::INITIAL_CONTEXT_TOKEN);
    token
}

/// Room for the tags and lengths of all fields, and for fields that the caller does not measure.
const FRAMES_SIZE: usize = 64;

/// Appends a field.
fn append(fields: &mut Vec<u8>, number: u8, inner: u8, content: &[u8]) {
    let start = fields.len();
    fields.extend_from_slice(content);
    enclose(fields, start, inner);
    enclose(fields, start, tag::context(number));
}

impl NegTokenResp<'_> {
    /// Encodes the token.
    pub fn encode(&self) -> Vec<u8> {
        let mut token = Vec::with_capacity(self.response_token.map_or(0, <[u8]>::len) + FRAMES_SIZE);
        if let Some(state) = self.neg_state {
            append(&mut token, 0, tag::ENUMERATED, &[state as u8]);
        }
        let others = [
            (1, tag::OBJECT_IDENTIFIER, self.supported_mech),
            (2, tag::OCTET_STRING, self.response_token),
            (3, tag::OCTET_STRING, self.mech_list_mic),
        ];
        for (number, inner, content) in others {
            if let Some(content) = content {
                append(&mut token, number, inner, content);
            }
        }
        enclose(&mut token, 0, tag::SEQUENCE);
        enclose(&mut token, 0, tag::context(1));
        token
    }
}
