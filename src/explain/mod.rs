//! Explains tokens, whole or damaged: a tree of labelled byte ranges, with what is weak or odd about them.
//!
//! The messages and attributes are those of [`crate::ntlm`]. That parser refuses what is damaged; the walk here goes around it.

mod av;
mod bytes;
mod dump;
mod findings;
mod flags;
mod input;
mod layout;
mod node;
mod ntlm;
mod response;
mod spnego;
mod text;
mod time;
mod version;

pub use findings::{Finding, Severity};
pub use input::{Form, Found, find};
pub use node::{Bit, Node, Value};

use crate::ntlm::challenge::Challenge;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE};
use crate::ntlm::negotiate::Negotiate;
use crate::wire::filetime::FileTime;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// What is known beside the token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// What time it is.
    pub now: Option<FileTime>,
    /// The token of the client that came before.
    pub negotiate: Option<&'a [u8]>,
    /// The token of the server that came before.
    pub challenge: Option<&'a [u8]>,
}

impl Context<'_> {
    fn negotiate_flags(&self) -> Option<Flags> {
        Negotiate::decode(input::message(self.negotiate?)?).ok().map(|message| message.flags)
    }

    fn challenge_flags(&self) -> Option<Flags> {
        Challenge::decode(input::message(self.challenge?)?).ok().map(|message| message.flags)
    }

    fn challenge_time(&self) -> Option<FileTime> {
        Challenge::decode(input::message(self.challenge?)?).ok()?.target_info?.timestamp()
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of NTLM, if it is one of the three.
    Ntlm(Option<MessageType>),
    /// A token of SPNEGO.
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
    /// What stands where.
    pub tree: Node,
    /// What is weak or odd.
    pub findings: Vec<Finding>,
}

/// Whether bytes begin as a token does: there is something to explain.
pub fn is_token(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE) || spnego::is_token(bytes)
}

/// Explains a token; `None` if the bytes do not even begin as one.
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
