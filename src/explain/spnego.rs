//! Tokens of SPNEGO (RFC 4178, MS-SPNG), element by element, whole or damaged.
//!
//! The parser of the protocol takes a token or refuses it. This walk goes on as far as there is something to tell.

use crate::explain::Context;
use crate::explain::node::{Node, Value};
use crate::explain::ntlm;
use crate::explain::texts::{Text, Title};
use crate::explain::words::{Words, decimal, hex, separate};
use crate::ntlm::message::SIGNATURE;
use crate::spnego::token::tag;
use crate::wire::utf8;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// Where in the grammar an element stands.
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
        (Token, tag::INITIAL_CONTEXT_TOKEN, Title::INITIAL_CONTEXT_TOKEN, Elements(Frame)),
        (Frame, tag::OBJECT_IDENTIFIER, Title::THIS_MECH, Oid),
        (Token, 0xa0, Title::NEG_TOKEN_INIT, Elements(Init)),
        (Frame, 0xa0, Title::NEG_TOKEN_INIT, Elements(Init)),
        (Token, 0xa1, Title::NEG_TOKEN_RESP, Elements(Resp)),
        (Frame, 0xa1, Title::NEG_TOKEN_RESP, Elements(Resp)),
        (Init, tag::SEQUENCE, Title::FIELDS, Elements(InitFields)),
        (InitFields, 0xa0, Title::MECH_TYPES, Elements(MechTypes)),
        (MechTypes, tag::SEQUENCE, Title::MECH_LIST, Elements(MechList)),
        (InitFields, 0xa1, Title::REQ_FLAGS, Elements(Field)),
        (InitFields, 0xa2, Title::MECH_TOKEN, Elements(TokenField)),
        (InitFields, 0xa3, Title::MECH_LIST_MIC, Elements(MicField)),
        (InitFields, 0xa4, Title::MECH_LIST_MIC, Elements(MicField)),
        (Hints, tag::SEQUENCE, Title::FIELDS, Elements(HintFields)),
        (HintFields, 0xa0, Title::HINT_NAME, Elements(Field)),
        (HintFields, 0xa1, Title::HINT_ADDRESS, Elements(Field)),
        (Resp, tag::SEQUENCE, Title::FIELDS, Elements(RespFields)),
        (RespFields, 0xa0, Title::NEG_STATE, Elements(Field)),
        (RespFields, 0xa1, Title::SUPPORTED_MECH, Elements(Field)),
        (RespFields, 0xa2, Title::RESPONSE_TOKEN, Elements(TokenField)),
        (RespFields, 0xa3, Title::MECH_LIST_MIC, Elements(MicField)),
        (TokenField, tag::OCTET_STRING, Title::OCTETS, Mechanism),
        (MicField, tag::OCTET_STRING, Title::OCTETS, Signature),
        (Field, tag::OCTET_STRING, Title::OCTETS, Bytes),
        (Field, tag::ENUMERATED, Title::ENUMERATED, State),
        (Field, tag::OBJECT_IDENTIFIER, Title::OID, Oid),
        (Field, BIT_STRING, Title::BIT_STRING, Bytes),
        (Field, GENERAL_STRING, Title::GENERAL_STRING, Content::Text),
        (MechList, tag::OBJECT_IDENTIFIER, Title::MECH, Oid),
    ]
};

fn known(within: Within, tag: u8, content: &[u8]) -> Option<(Title, Content)> {
    // Windows has hints where the RFC has the code, which then comes next.
    if within == Within::InitFields && tag == 0xa3 && content.first() == Some(&tag::SEQUENCE) {
        return Some((Title::NEG_HINTS, Content::Elements(Within::Hints)));
    }
    let entry = KNOWN.iter().find(|entry| entry.0 == within && entry.1 == tag)?;
    Some((entry.2, entry.3))
}

/// Whether bytes begin as a token of SPNEGO does.
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
    let mut node = Node::new(Title::SPNEGO_TOKEN, 0..bytes.len());
    node.cover(bytes, elements(bytes, 0..bytes.len(), Within::Token, context));
    if let Some(inner) = node.children.first() {
        node.meaning.push_str(&inner.label);
    }
    node
}

struct Header {
    content: usize,
    length: usize,
}

/// The tag and length at a place; `None` if they are not whole or of a form that DER does not have.
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

/// The elements of a range.
fn elements(bytes: &[u8], range: Range<usize>, within: Within, context: &Context<'_>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at): (Vec<Node>, _) = (Vec::new(), range.start);
    while at < bytes.len() {
        // What follows a whole token is not a part of it.
        if within == Within::Token && !nodes.is_empty() {
            break;
        }
        let Some(header) = header(bytes, at) else {
            let mut node = Node::bytes(Title::NOT_DER, at..bytes.len());
            node.wrong(Text::DER_MISSING, &[]);
            nodes.push(node);
            break;
        };
        let mut node = element(bytes, at, &header, within, context);
        if nodes.iter().any(|earlier| earlier.name == node.name) {
            node.name_place();
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
    let (title, form) = known.unwrap_or((Title::ELEMENT, Content::Bytes));
    let mut node = Node::new(title, at..range.end);
    if known.is_none() {
        node.name_place();
        node.label.push_str("0x");
        hex(&mut node.label, tag.into(), 2);
    }
    let mut children = match form {
        Content::Elements(inner) => elements(bytes, range, inner, context),
        Content::Mechanism => Vec::from([mechanism(content, range.start, context)]),
        leaf => {
            let mut inside = Node::bytes(Title::CONTENT, range);
            value(&mut inside, content, leaf);
            Vec::from([inside])
        }
    };
    if !matches!(form, Content::Mechanism) {
        summarise(&mut node, &children);
    }
    let mut head = Node::bytes(Title::HEADER, at..header.content.min(node.end));
    Words::of(Text::TAG, &mut head.meaning).hex(tag.into(), 2).number(header.length as u64).end();
    children.insert(0, head);
    if declared > bytes.len() {
        node.wrong(Text::DER_SHORT, &[header.length, content.len()]);
    }
    node.cover(bytes, children);
    node
}

/// What a parent says of itself is what those inside say.
fn summarise(node: &mut Node, inside: &[Node]) {
    match inside {
        [only] => {
            // Bytes are those of the range: the parent's would begin with its header.
            node.holds(only.value.elsewhere());
            node.means_words(&only.meaning);
        }
        [first, ..] if first.is(Title::MECH) => {
            node.meaning.clear();
            for mech in inside {
                separate(&mut node.meaning);
                node.meaning.push_str(&mech.meaning);
            }
        }
        _ => {}
    }
}

fn value(node: &mut Node, content: &[u8], form: Content) {
    match form {
        Content::Oid => {
            node.holds(Value::Text(dotted(content)));
            node.means(mechanism_name(content));
        }
        // Made with a key of the session, so passwords can be tried on it.
        Content::Signature => node.sensitive = true,
        Content::Text => node.value = Value::Text(utf8::to_string(content)),
        Content::State => match content {
            [state @ 0..=3] => {
                node.holds(Value::Number(u64::from(*state)));
                node.means(Text(Text::STATE_0.0 + u16::from(*state)));
            }
            _ => node.wrong(Text::WRONG_STATE, &[]),
        },
        _ => {}
    }
}

/// The token of a mechanism: of NTLM it can be explained.
fn mechanism(content: &[u8], at: usize, context: &Context<'_>) -> Node {
    if content.starts_with(&SIGNATURE) {
        let (_, mut node) = ntlm::explain(content, context);
        node.shift(at);
        return node;
    }
    let mut node = Node::bytes(Title::FOREIGN_TOKEN, at..at + content.len());
    node.sensitive = true;
    if let Some(0x60 | 0x6e | 0x6f) = content.first() {
        node.means(Text::KERBEROS_TOKEN);
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
            decimal(&mut text, first, 1);
            arc -= 40 * first;
        }
        text.push('.');
        decimal(&mut text, arc, 1);
        arc = 0;
    }
    text
}

fn mechanism_name(content: &[u8]) -> Text {
    const NAMES: &[(&[u8], Text)] = &[
        (&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02], Text::MECH_SPNEGO),
        (&[0x2b, 0x06, 0x01, 0x05, 0x02, 0x05], Text::MECH_IAKERB),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02], Text::MECH_KERBEROS),
        (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03], Text::MECH_USER_TO_USER),
        (&[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02], Text::MECH_SHORT_KERBEROS),
        (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a], Text::MECH_NTLM),
        (&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e], Text::MECH_NEGOEX),
    ];
    NAMES.iter().find(|(oid, _)| *oid == content).map_or(Text::MECH_UNKNOWN, |(_, name)| *name)
}

/// The message of NTLM within a tree. The names that lead there, each with a full stop behind it, are added to `path`.
pub fn message<'a>(node: &'a Node, path: &mut String) -> Option<&'a Node> {
    for child in &node.children {
        let length = path.len();
        path.push_str(&child.name);
        path.push('.');
        if (0..=3).any(|kind| child.is(Title::UNKNOWN_MESSAGE.later(kind))) {
            return Some(child);
        }
        if let Some(found) = message(child, path) {
            return Some(found);
        }
        path.truncate(length);
    }
    None
}
