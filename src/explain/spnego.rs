//! Tokens of SPNEGO (RFC 4178, MS-SPNG), element by element, whole or damaged.
//!
//! The parser of the protocol takes a token or refuses it. This walk goes on as far as there is something to tell.

use crate::explain::node::{Node, Value};
use crate::explain::ntlm;
use crate::ntlm::message::SIGNATURE;
use crate::spnego::token::tag;
use crate::wire::filetime::FileTime;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
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

/// Name, label and content of the elements that the grammar knows.
fn known(within: Within, tag: u8, content: &[u8]) -> Option<(&'static str, &'static str, Content)> {
    use Content::{Bytes, Elements, Mechanism, Oid, Signature, State, Text};
    use Within::{
        Field, Frame, HintFields, Hints, Init, InitFields, MechList, MechTypes, MicField, Resp, RespFields, Token,
        TokenField,
    };
    Some(match (within, tag) {
        (Token, tag::INITIAL_CONTEXT_TOKEN) => ("initialContextToken", "InitialContextToken", Elements(Frame)),
        (Frame, tag::OBJECT_IDENTIFIER) => ("thisMech", "thisMech", Oid),
        (Token | Frame, 0xa0) => ("negTokenInit", "NegTokenInit", Elements(Init)),
        (Token | Frame, 0xa1) => ("negTokenResp", "NegTokenResp", Elements(Resp)),
        (Init, tag::SEQUENCE) => ("fields", "SEQUENCE", Elements(InitFields)),
        (InitFields, 0xa0) => ("mechTypes", "mechTypes", Elements(MechTypes)),
        (MechTypes, tag::SEQUENCE) => ("list", "SEQUENCE OF OBJECT IDENTIFIER", Elements(MechList)),
        (InitFields, 0xa1) => ("reqFlags", "reqFlags", Elements(Field)),
        (InitFields, 0xa2) => ("mechToken", "mechToken", Elements(TokenField)),
        (InitFields, 0xa3) if content.first() == Some(&tag::SEQUENCE) => ("negHints", "negHints", Elements(Hints)),
        (InitFields, 0xa3 | 0xa4) | (RespFields, 0xa3) => ("mechListMIC", "mechListMIC", Elements(MicField)),
        (Hints, tag::SEQUENCE) => ("fields", "SEQUENCE", Elements(HintFields)),
        (HintFields, 0xa0) => ("hintName", "hintName", Elements(Field)),
        (HintFields, 0xa1) => ("hintAddress", "hintAddress", Elements(Field)),
        (Resp, tag::SEQUENCE) => ("fields", "SEQUENCE", Elements(RespFields)),
        (RespFields, 0xa0) => ("negState", "negState", Elements(Field)),
        (RespFields, 0xa1) => ("supportedMech", "supportedMech", Elements(Field)),
        (RespFields, 0xa2) => ("responseToken", "responseToken", Elements(TokenField)),
        (TokenField, tag::OCTET_STRING) => ("octets", "OCTET STRING", Mechanism),
        (MicField, tag::OCTET_STRING) => ("octets", "OCTET STRING", Signature),
        (Field, tag::OCTET_STRING) => ("octets", "OCTET STRING", Bytes),
        (Field, tag::ENUMERATED) => ("enumerated", "ENUMERATED", State),
        (Field, tag::OBJECT_IDENTIFIER) => ("oid", "OBJECT IDENTIFIER", Oid),
        (Field, BIT_STRING) => ("bits", "BIT STRING", Bytes),
        (Field, GENERAL_STRING) => ("string", "GeneralString", Text),
        (MechList, tag::OBJECT_IDENTIFIER) => ("mech", "OBJECT IDENTIFIER", Oid),
        _ => return None,
    })
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
pub fn explain(bytes: &[u8], now: Option<FileTime>) -> Node {
    let children = elements(bytes, 0..bytes.len(), Within::Token, now);
    let node = Node::new("spnegoToken", "SPNEGO token", 0..bytes.len()).cover(bytes, children);
    let inner = node.children.first().map(|child| child.label.clone().into_owned()).unwrap_or_default();
    node.meaning(inner)
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
fn elements(bytes: &[u8], range: Range<usize>, within: Within, now: Option<FileTime>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at): (Vec<Node>, _) = (Vec::new(), range.start);
    while at < bytes.len() {
        // What follows a whole token is not a part of it.
        if within == Within::Token && !nodes.is_empty() {
            break;
        }
        let Some(header) = header(bytes, at) else {
            let node = Node::bytes("damaged", "not DER", at..bytes.len());
            nodes.push(node.problem("no tag and length of DER stand here"));
            break;
        };
        let mut node = element(bytes, at, &header, within, now);
        if nodes.iter().any(|earlier| earlier.name == node.name) {
            node.name = format!("{}@{at}", node.name).into();
        }
        at = node.end;
        nodes.push(node);
    }
    nodes
}

fn element(bytes: &[u8], at: usize, header: &Header, within: Within, now: Option<FileTime>) -> Node {
    let declared = header.content.saturating_add(header.length);
    let range = header.content..declared.min(bytes.len());
    let content = bytes.get(range.clone()).unwrap_or_default();
    let tag = bytes.get(at).copied().unwrap_or_default();
    let (name, label, form) = match known(within, tag, content) {
        Some((name, label, form)) => (name.into(), label.into(), form),
        None => (format!("element@{at}"), format!("element {tag:#04x}"), Content::Bytes),
    };
    let mut node = Node::new(name, label, at..range.end);
    let head = Node::bytes("header", "tag and length", at..header.content.min(range.end));
    let head = head.meaning(format!("tag {tag:02x}, {} bytes of content", header.length));
    let mut children = Vec::from([head]);
    match form {
        Content::Elements(inner) => {
            children.extend(elements(bytes, range.clone(), inner, now));
            summarise(&mut node, &children);
        }
        Content::Mechanism => children.push(mechanism(content, range.start, now)),
        leaf => {
            let inside = value(Node::bytes("content", "content", range.clone()), content, leaf);
            children.push(inside);
            summarise(&mut node, &children);
        }
    }
    if declared > bytes.len() {
        node.problem =
            format!("it should have {} bytes of content, of which {} are there", header.length, content.len());
    }
    node.cover(bytes, children)
}

/// What a parent says of itself is what its children say.
fn summarise(node: &mut Node, children: &[Node]) {
    let inside = children.get(1..).unwrap_or_default();
    match inside {
        [only] => {
            // Bytes are those of the range: the parent's would begin with its header.
            node.value = if only.value == Value::Bytes { Value::None } else { only.value.clone() };
            node.meaning.clone_from(&only.meaning);
        }
        [first, ..] if first.name == "mech" => {
            let names: Vec<_> = inside.iter().map(|mech| mech.meaning.as_str()).collect();
            node.meaning = names.join(", ");
        }
        _ => {}
    }
}

fn value(node: Node, content: &[u8], form: Content) -> Node {
    match form {
        Content::Oid => node.text(dotted(content)).meaning(mechanism_name(content)),
        // Made with a key of the session, so passwords can be tried on it.
        Content::Signature => node.sensitive(),
        Content::Text => node.text(String::from_utf8_lossy(content)),
        Content::State => match content {
            [0] => node.number(0_u8).meaning("accept-completed: all is done"),
            [1] => node.number(1_u8).meaning("accept-incomplete: more tokens are wanted"),
            [2] => node.number(2_u8).meaning("reject"),
            [3] => node.number(3_u8).meaning("request-mic: the list of mechanisms must be protected at the end"),
            _ => node.problem("there are the states 0 to 3"),
        },
        _ => node,
    }
}

/// The token of a mechanism: of NTLM it can be explained.
fn mechanism(content: &[u8], at: usize, now: Option<FileTime>) -> Node {
    if content.starts_with(&SIGNATURE) {
        let (_, mut node) = ntlm::explain(content, now);
        node.shift(at);
        return node;
    }
    let kerberos = content.first() == Some(&0x60) || content.starts_with(b"\x6e") || content.starts_with(b"\x6f");
    let meaning = if kerberos { "a token of Kerberos, most likely" } else { "a token of another mechanism" };
    Node::bytes("foreignToken", "token", at..at + content.len()).meaning(meaning).sensitive()
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
        // The first two numbers share an octet.
        let _ = match (text.is_empty(), arc) {
            (true, 0..80) => write!(text, "{}.{}", arc / 40, arc % 40),
            (true, _) => write!(text, "2.{}", arc - 80),
            (false, _) => write!(text, ".{arc}"),
        };
        arc = 0;
    }
    text
}

fn mechanism_name(content: &[u8]) -> &'static str {
    const MICROSOFT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02];
    match content {
        [0x2b, 0x06, 0x01, 0x05, 0x05, 0x02] => "SPNEGO",
        [0x2b, 0x06, 0x01, 0x05, 0x02, 0x05] => "IAKERB",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02] => "Kerberos",
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03] => "Kerberos, user to user",
        [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02] => {
            "Kerberos, with the number that Windows 2000 cut short"
        }
        [rest @ .., 0x0a] if rest == MICROSOFT => "NTLM",
        [rest @ .., 0x1e] if rest == MICROSOFT => "NegoEx",
        _ => "another mechanism",
    }
}

/// The message of NTLM within a tree, with the names that lead there.
pub fn message<'a>(node: &'a Node, path: &mut Vec<&'a str>) -> Option<&'a Node> {
    for child in &node.children {
        path.push(&child.name);
        if child.name.ends_with("Message") && child.value == Value::None {
            return Some(child);
        }
        if let Some(found) = message(child, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}
