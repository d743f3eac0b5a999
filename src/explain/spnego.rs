//! SPNEGO tokens (RFC 4178, MS-SPNG), element by element, whole or damaged.
//!
//! The protocol's parser accepts a token or rejects it. This walk continues as far as the token can be read.

use crate::explain::Context;
use crate::explain::node::{Node, Title, Value};
use crate::explain::ntlm;
use crate::ntlm::message::SIGNATURE;
use crate::spnego::token::tag;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

/// What the elements are called.
pub mod title {
    use crate::explain::node::Title;

    pub const SPNEGO_TOKEN: Title = Title::new("spnegoToken", "SPNEGO token", "");
    pub const INITIAL_CONTEXT_TOKEN: Title = Title::new("initialContextToken", "InitialContextToken", "");
    pub const NEG_TOKEN_INIT: Title = Title::new("negTokenInit", "NegTokenInit", "");
    pub const NEG_TOKEN_RESP: Title = Title::new("negTokenResp", "NegTokenResp", "");
    pub const THIS_MECH: Title = Title::new("thisMech", "thisMech", "");
    pub const FIELDS: Title = Title::new("fields", "SEQUENCE", "");
    pub const MECH_TYPES: Title = Title::new("mechTypes", "mechTypes", "");
    pub const MECH_LIST: Title = Title::new("list", "SEQUENCE OF OBJECT IDENTIFIER", "");
    pub const MECH: Title = Title::new("mech", "OBJECT IDENTIFIER", "");
    pub const REQ_FLAGS: Title = Title::new("reqFlags", "reqFlags", "");
    pub const MECH_TOKEN: Title = Title::new("mechToken", "mechToken", "");
    pub const NEG_HINTS: Title = Title::new("negHints", "negHints", "");
    pub const MECH_LIST_MIC: Title = Title::new("mechListMIC", "mechListMIC", "");
    pub const HINT_NAME: Title = Title::new("hintName", "hintName", "");
    pub const HINT_ADDRESS: Title = Title::new("hintAddress", "hintAddress", "");
    pub const NEG_STATE: Title = Title::new("negState", "negState", "");
    pub const SUPPORTED_MECH: Title = Title::new("supportedMech", "supportedMech", "");
    pub const RESPONSE_TOKEN: Title = Title::new("responseToken", "responseToken", "");
    pub const OCTETS: Title = Title::new("octets", "OCTET STRING", "");
    pub const ENUMERATED: Title = Title::new("enumerated", "ENUMERATED", "");
    pub const OID: Title = Title::new("oid", "OBJECT IDENTIFIER", "");
    pub const BIT_STRING: Title = Title::new("bits", "BIT STRING", "");
    pub const GENERAL_STRING: Title = Title::new("string", "GeneralString", "");
    pub const ELEMENT: Title = Title::new("element", "element ", "");
    pub const HEADER: Title = Title::new("header", "tag and length", "");
    pub const CONTENT: Title = Title::new("content", "content", "");
    pub const NOT_DER: Title = Title::new("damaged", "not DER", "");
    pub const FOREIGN_TOKEN: Title = Title::new("foreignToken", "token", "a token of another mechanism");
}

/// Where in the grammar an element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Token,
    Frame,
    Init,
    InitFields,
    MechTypes,
    MechList,
    Hints,
    HintFields,
    Resp,
    RespFields,
    Field,
    TokenField,
    MicField,
}

/// What the content of an element is.
#[derive(Clone, Copy)]
enum Content {
    Elements(Within),
    Oid,
    State,
    Text,
    Mechanism,
    Signature,
    Bytes,
}

const BIT_STRING: u8 = 0x03;
const GENERAL_STRING: u8 = 0x1b;

/// Title and content of the elements that the grammar knows. The first that fits counts.
#[rustfmt::skip]
const KNOWN: &[(Within, u8, Title, Content)] = {
    use Content::{Bytes, Elements, Mechanism, Oid, Signature, State};
    use Within::{
        Field, Frame, HintFields, Hints, Init, InitFields, MechList, MechTypes, MicField, Resp, RespFields, Token, TokenField,
    };
    &[
        (Token, tag::INITIAL_CONTEXT_TOKEN, title::INITIAL_CONTEXT_TOKEN, Elements(Frame)),
        (Frame, tag::OBJECT_IDENTIFIER, title::THIS_MECH, Oid),
        (Token, 0xa0, title::NEG_TOKEN_INIT, Elements(Init)),
        (Frame, 0xa0, title::NEG_TOKEN_INIT, Elements(Init)),
        (Token, 0xa1, title::NEG_TOKEN_RESP, Elements(Resp)),
        (Frame, 0xa1, title::NEG_TOKEN_RESP, Elements(Resp)),
        (Init, tag::SEQUENCE, title::FIELDS, Elements(InitFields)),
        (InitFields, 0xa0, title::MECH_TYPES, Elements(MechTypes)),
        (MechTypes, tag::SEQUENCE, title::MECH_LIST, Elements(MechList)),
        (InitFields, 0xa1, title::REQ_FLAGS, Elements(Field)),
        (InitFields, 0xa2, title::MECH_TOKEN, Elements(TokenField)),
        (InitFields, 0xa3, title::MECH_LIST_MIC, Elements(MicField)),
        (InitFields, 0xa4, title::MECH_LIST_MIC, Elements(MicField)),
        (Hints, tag::SEQUENCE, title::FIELDS, Elements(HintFields)),
        (HintFields, 0xa0, title::HINT_NAME, Elements(Field)),
        (HintFields, 0xa1, title::HINT_ADDRESS, Elements(Field)),
        (Resp, tag::SEQUENCE, title::FIELDS, Elements(RespFields)),
        (RespFields, 0xa0, title::NEG_STATE, Elements(Field)),
        (RespFields, 0xa1, title::SUPPORTED_MECH, Elements(Field)),
        (RespFields, 0xa2, title::RESPONSE_TOKEN, Elements(TokenField)),
        (RespFields, 0xa3, title::MECH_LIST_MIC, Elements(MicField)),
        (TokenField, tag::OCTET_STRING, title::OCTETS, Mechanism),
        (MicField, tag::OCTET_STRING, title::OCTETS, Signature),
        (Field, tag::OCTET_STRING, title::OCTETS, Bytes),
        (Field, tag::ENUMERATED, title::ENUMERATED, State),
        (Field, tag::OBJECT_IDENTIFIER, title::OID, Oid),
        (Field, BIT_STRING, title::BIT_STRING, Bytes),
        (Field, GENERAL_STRING, title::GENERAL_STRING, Content::Text),
        (MechList, tag::OBJECT_IDENTIFIER, title::MECH, Oid),
    ]
};

fn known(within: Within, tag: u8, content: &[u8]) -> Option<(Title, Content)> {
    // Windows puts negHints where the RFC puts the mechListMIC, which then follows.
    if within == Within::InitFields && tag == 0xa3 && content.first() == Some(&tag::SEQUENCE) {
        return Some((title::NEG_HINTS, Content::Elements(Within::Hints)));
    }
    let entry = KNOWN.iter().find(|entry| entry.0 == within && entry.1 == tag)?;
    Some((entry.2, entry.3))
}

/// Whether bytes begin like an SPNEGO token.
pub fn is_token(bytes: &[u8]) -> bool {
    let Some(header) = header(bytes, 0) else { return false };
    let inside = bytes.get(header.content..).unwrap_or_default();
    match bytes.first() {
        Some(&tag::INITIAL_CONTEXT_TOKEN) => inside.starts_with(&[0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02]),
        Some(0xa0 | 0xa1) => inside.first() == Some(&tag::SEQUENCE),
        _ => false,
    }
}

/// The tree of a token.
pub fn explain(bytes: &[u8], context: &Context<'_>) -> Node {
    let mut node = Node::new(title::SPNEGO_TOKEN, 0..bytes.len());
    node.cover(bytes, elements(bytes, 0..bytes.len(), Within::Token, context));
    if let Some(inner) = node.children.first() {
        node.meaning = inner.label.clone();
    }
    node
}

struct Header {
    content: usize,
    length: usize,
}

/// The tag and length at a position; `None` if they are incomplete or not DER.
fn header(bytes: &[u8], at: usize) -> Option<Header> {
    let first = usize::from(*bytes.get(at + 1)?);
    if first < 0x80 {
        return Some(Header { content: at + 2, length: first });
    }
    let content = at + 2 + (first & 0x7f);
    let octets = bytes.get(at + 2..content).filter(|octets| (1..=4).contains(&octets.len()))?;
    let length = octets.iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
    Some(Header { content, length })
}

/// How long a token is by its first tag and length; `None` if these are cut off.
pub fn declared_length(bytes: &[u8]) -> Option<usize> {
    header(bytes, 0).map(|header| header.content.saturating_add(header.length))
}

/// The elements of a range.
fn elements(bytes: &[u8], range: Range<usize>, within: Within, context: &Context<'_>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at): (Vec<Node>, _) = (Vec::new(), range.start);
    while at < bytes.len() {
        // Bytes after a whole token are not part of it.
        if within == Within::Token && !nodes.is_empty() {
            break;
        }
        let Some(header) = header(bytes, at) else {
            let mut node = Node::bytes(title::NOT_DER, at..bytes.len());
            node.problem = "expected a DER tag and length here".into();
            nodes.push(node);
            break;
        };
        let mut node = element(bytes, at, &header, within, context);
        if nodes.iter().any(|earlier| earlier.name == node.name) {
            node.name_position();
        }
        at = node.end;
        nodes.push(node);
    }
    nodes
}

fn element(bytes: &[u8], at: usize, header: &Header, within: Within, context: &Context<'_>) -> Node {
    let declared = header.content.saturating_add(header.length);
    let range = header.content..declared.min(bytes.len());
    let content = bytes.get(range.clone()).unwrap_or_default();
    let tag = bytes.get(at).copied().unwrap_or_default();
    let known = known(within, tag, content);
    let (title, form) = known.unwrap_or((title::ELEMENT, Content::Bytes));
    let mut node = Node::new(title, at..range.end);
    if known.is_none() {
        node.name_position();
        node.label = format!("{}0x{tag:02x}", title.label).into();
    }
    let mut children = match form {
        Content::Elements(inner) => elements(bytes, range, inner, context),
        Content::Mechanism => Vec::from([mechanism(content, range.start, context)]),
        leaf => {
            let mut inside = Node::bytes(title::CONTENT, range);
            value(&mut inside, content, leaf);
            Vec::from([inside])
        }
    };
    if !matches!(form, Content::Mechanism) {
        summarise(&mut node, &children);
    }
    let mut head = Node::bytes(title::HEADER, at..header.content.min(node.end));
    head.meaning = format!("tag {tag:02x}, {} bytes of content", header.length).into();
    children.insert(0, head);
    if declared > bytes.len() {
        node.problem = format!("it has {} bytes of content, but only {} are here", header.length, content.len()).into();
    }
    node.cover(bytes, children);
    node
}

/// A parent repeats what its children say.
fn summarise(node: &mut Node, inside: &[Node]) {
    match inside {
        [only] => {
            // Bytes are those of the range: the parent's would begin with its header.
            node.value = only.value.for_parent();
            node.meaning = only.meaning.clone();
        }
        [first, ..] if first.name == title::MECH.name => {
            node.meaning = inside.iter().map(|mech| &*mech.meaning).collect::<Vec<_>>().join(", ").into();
        }
        _ => {}
    }
}

fn value(node: &mut Node, content: &[u8], form: Content) {
    match form {
        Content::Oid => {
            node.value = Value::Text(dotted(content));
            node.meaning = mechanism_name(content).into();
        }
        // Computed with a session key, so passwords can be tried on it.
        Content::Signature => node.sensitive = true,
        Content::Text => node.value = Value::Text(String::from_utf8_lossy(content).into_owned()),
        Content::State => match content {
            [state @ 0..=3] => {
                node.value = Value::Number(u64::from(*state));
                node.meaning = STATES.get(usize::from(*state)).map_or(Cow::default(), |meaning| (*meaning).into());
            }
            _ => node.problem = "unknown state; expected 0 to 3".into(),
        },
        _ => {}
    }
}

/// The token of a mechanism; NTLM tokens are explained.
fn mechanism(content: &[u8], at: usize, context: &Context<'_>) -> Node {
    if content.starts_with(&SIGNATURE) {
        let (_, mut node) = ntlm::explain(content, context);
        node.shift(at);
        return node;
    }
    let mut node = Node::bytes(title::FOREIGN_TOKEN, at..at + content.len());
    node.sensitive = true;
    if let Some(0x60 | 0x6e | 0x6f) = content.first() {
        node.meaning = "probably a Kerberos token".into();
    }
    node
}

/// The numbers of an object identifier.
fn dotted(content: &[u8]) -> String {
    let mut text = String::new();
    let mut arc = 0_u64;
    for byte in content {
        arc = arc.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            // The first two numbers share an octet.
            let first = (arc / 40).min(2);
            text = first.to_string();
            arc -= 40 * first;
        }
        text = format!("{text}.{arc}");
        arc = 0;
    }
    text
}

/// The states of `negState`, by number.
const STATES: [&str; 4] = [
    "accept-completed: authentication is complete",
    "accept-incomplete: more tokens follow",
    REJECT,
    "request-mic: a mechListMIC is required",
];
pub const REJECT: &str = "reject";
pub const NTLM: &str = "NTLM";
pub const KERBEROS_OF_WINDOWS_2000: &str = "Kerberos, under the identifier that Windows 2000 truncated";

fn mechanism_name(content: &[u8]) -> &'static str {
    const NAMES: &[(&[u8], &str)] = &[
        (&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02], "SPNEGO"),
        (&[0x2b, 0x06, 0x01, 0x05, 0x02, 0x05], "IAKERB"),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02], "Kerberos"),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03], "Kerberos, user to user"),
        (&[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02], KERBEROS_OF_WINDOWS_2000),
        (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a], NTLM),
        (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e], "NegoEx"),
    ];
    NAMES.iter().find(|(oid, _)| *oid == content).map_or("another mechanism", |(_, name)| *name)
}

/// The NTLM message within a tree.
pub fn message(node: &Node) -> Option<&Node> {
    node.children.iter().find_map(|child| if ntlm::is_message(child) { Some(child) } else { message(child) })
}
