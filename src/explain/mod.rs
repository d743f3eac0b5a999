//! Explains tokens, whole or damaged: a tree of labelled byte ranges, with what is weak or odd about them.
//!
//! The messages and attributes are those of [`crate::ntlm`]. That parser refuses what is damaged; the walk here goes around it.

mod av;
mod bytes;
mod dump;
mod findings;
mod flags;
mod input;
mod json;
mod layout;
mod node;
mod ntlm;
mod response;
mod spnego;
mod text;
mod texts;
mod time;
mod version;
mod words;

pub use findings::{Finding, Severity};
pub use input::{Form, Found, find};
pub use node::{Bit, Node, Value};
pub use texts::Text;

use crate::ntlm::challenge::Challenge;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE};
use crate::ntlm::negotiate::Negotiate;
use crate::wire::filetime::FileTime;
use alloc::string::String;
use alloc::vec::Vec;
use json::Json;

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

/// A token explained.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What it is.
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
    let (kind, tree) = if bytes.starts_with(&SIGNATURE) {
        let (kind, tree) = ntlm::explain(bytes, context);
        (Kind::Ntlm(kind), tree)
    } else if spnego::is_token(bytes) {
        (Kind::Spnego, spnego::explain(bytes, context))
    } else {
        return None;
    };
    let findings = findings::Findings::of(&tree, bytes, context);
    Some(Explanation { kind, tree, findings })
}

/// The first token of an input, explained, as JSON; empty if there is none.
pub fn explain_to_json(input: &[u8], context: &Context<'_>) -> String {
    let mut json = Json::default();
    if let Some(found) = find(input).first()
        && let Some(explained) = explain(&found.bytes, context)
    {
        json.object(|json| {
            json.key(Text::JSON_TYPE);
            match explained.kind {
                Kind::Ntlm(Some(kind)) => json.number(kind as u64),
                Kind::Ntlm(None) => json.raw("null"),
                Kind::Spnego => json.words("spnego"),
            }
            write_found(json, found);
            json.key(Text::JSON_FINDINGS);
            json.list(&explained.findings, Json::finding);
            json.key(Text::JSON_TREE);
            json.object(|json| json.node(&explained.tree, &mut String::new(), &found.bytes));
        });
    }
    json.finish()
}

/// Where the tokens of an input are, as JSON.
pub fn find_to_json(input: &[u8]) -> String {
    let mut json = Json::default();
    json.list(&find(input), write_found);
    json.finish()
}

fn write_found(json: &mut Json, found: &Found) {
    json.key(Text::JSON_SOURCE);
    json.object(|json| {
        json.key(Text::JSON_FORM);
        json.text(found.form.name());
        json.range(found.range.start, found.range.end);
        json.key(Text::JSON_HEADER);
        json.string(&found.header);
        json.key(Text::JSON_SCHEME);
        json.string(&found.scheme);
    });
    json.key(Text::JSON_BYTES);
    json.hex(&found.bytes);
}
