//! Explains tokens, whole or damaged: a tree of labelled byte ranges, with findings.
//!
//! The input is the token itself. The types serialize to the JSON that `decode()` returns in JavaScript.
//!
//! # Examples
//!
//! ```
//! use ntlm_wasm::explain::{Context, Severity, explain};
//!
//! let token = b"NTLMSSP\0\x01\0\0\0\x07\x82\x08\xa2";
//! let explanation = explain(token, &Context::default()).unwrap();
//! assert!(explanation.findings.iter().all(|finding| finding.severity != Severity::Broken));
//! println!("{}", serde_json::to_string_pretty(&explanation)?);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The messages and attributes are those of [`crate::ntlm`]. That parser rejects damaged messages; this walk reports the damage and continues.

mod av;
mod bytes;
mod extent;
mod findings;
mod flags;
mod iso;
mod layout;
mod node;
mod ntlm;
mod response;
mod spnego;
mod text;
mod time;
mod version;

pub use findings::{Finding, Severity};
pub use node::{Bit, Node, Value};

use crate::ntlm::challenge::Challenge;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE};
use crate::ntlm::negotiate::Negotiate;
use crate::wire::filetime::FileTime;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// What is known in addition to the token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The current time; without it, no clock is checked.
    pub now: Option<FileTime>,
    /// The client's first token.
    pub negotiate: Option<&'a [u8]>,
    /// The server's challenge.
    pub challenge: Option<&'a [u8]>,
}

impl Context<'_> {
    fn negotiate_flags(&self) -> Option<Flags> {
        Negotiate::decode(message(self.negotiate?)?).ok().map(|message| message.flags)
    }

    fn challenge_flags(&self) -> Option<Flags> {
        Challenge::decode(message(self.challenge?)?).ok().map(|message| message.flags)
    }

    fn challenge_time(&self) -> Option<FileTime> {
        Challenge::decode(message(self.challenge?)?).ok()?.target_info?.timestamp()
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An NTLM message, if it is one of the three.
    Ntlm(Option<MessageType>),
    /// An SPNEGO token.
    Spnego,
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Kind::Ntlm(Some(kind)) => serializer.serialize_u32(*kind as u32),
            Kind::Ntlm(None) => serializer.serialize_none(),
            Kind::Spnego => serializer.serialize_str("spnego"),
        }
    }
}

/// A token explained.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What is where.
    pub tree: Node,
    /// What is weak or odd.
    pub findings: Vec<Finding>,
}

/// The NTLM message in a token, raw or within SPNEGO.
fn message(token: &[u8]) -> Option<&[u8]> {
    let at = token.windows(SIGNATURE.len()).position(|window| window == SIGNATURE)?;
    token.get(at..).filter(|_| is_token(token))
}

/// Whether bytes begin like a token.
pub fn is_token(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE) || spnego::is_token(bytes)
}

/// Explains a token; `None` if the bytes do not begin like one.
pub fn explain(bytes: &[u8], context: &Context<'_>) -> Option<Explanation> {
    let (kind, mut tree) = if bytes.starts_with(&SIGNATURE) {
        let (kind, tree) = ntlm::explain(bytes, context);
        (Kind::Ntlm(kind), tree)
    } else if spnego::is_token(bytes) {
        (Kind::Spnego, spnego::explain(bytes, context))
    } else {
        return None;
    };
    tree.complete(bytes);
    let findings = findings::Findings::of(&tree, bytes, context);
    Some(Explanation { kind, tree, findings })
}
