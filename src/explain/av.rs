//! AV pairs (MS-NLMP 2.2.2.1) and what they hold.

use crate::explain::Context;
use crate::explain::bytes::{is_blank, little_endian};
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Title, Value};
use crate::explain::{flags, text, time};
use crate::ntlm::av_pair::AvId;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

/// The attributes, by their identifiers.
const ATTRIBUTES: [Title; 11] = [
    Title::new("eol", "MsvAvEOL", "the end of the list"),
    Title::new("nbComputerName", "MsvAvNbComputerName", "the server's NetBIOS name"),
    Title::new("nbDomainName", "MsvAvNbDomainName", "the domain's NetBIOS name"),
    Title::new("dnsComputerName", "MsvAvDnsComputerName", "the server's DNS name"),
    Title::new("dnsDomainName", "MsvAvDnsDomainName", "the domain's DNS name"),
    Title::new("dnsTreeName", "MsvAvDnsTreeName", "the forest's DNS name"),
    Title::new("flags", "MsvAvFlags", ""),
    Title::new("timestamp", "MsvAvTimestamp", ""),
    Title::new(
        "singleHost",
        "MsvAvSingleHost",
        "the client's machine, so that a server recognizes connections from itself",
    ),
    Title::new("targetName", "MsvAvTargetName", "the service that the client wants to reach"),
    Title::new("channelBindings", "MsvAvChannelBindings", "the hash of the TLS channel that the client sees"),
];
const UNKNOWN: Title = Title::new("unknown", "AV_PAIR ", "an attribute without a public definition");
const CUT: Title = Title::new("pair", "AV_PAIR", "");
const ID: Title = Title::new("id", "AvId", "");
const LENGTH: Title = Title::new("length", "AvLen", "the length of the value in bytes");
const VALUE: Title = Title::new("value", "Value", "");
const SINGLE_HOST_DATA: Title = Title::new("value", "Single_Host_Data", "");
const SINGLE_HOST_SIZE: Title = Title::new("size", "Size", "the length of this structure");
const SINGLE_HOST_ZERO: Title = Title::new("zero", "Z4", "");
const SINGLE_HOST_CUSTOM: Title = Title::new("dataPresent", "DataPresent", "whether there is custom data");
const SINGLE_HOST_LEVEL: Title =
    Title::new("integrityLevel", "CustomData", "the integrity level of the process: 0x2000 is medium, 0x3000 high");
const SINGLE_HOST_MACHINE: Title = Title::new("machineId", "MachineID", "random, generated when the machine starts");

fn attribute(id: AvId) -> Option<Title> {
    ATTRIBUTES.get(usize::from(id.0)).copied()
}

/// The pairs of a list, up to its end or the first damaged one.
pub fn pairs(bytes: &[u8], range: Range<usize>, context: &Context<'_>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at, mut seen) = (Vec::new(), range.start, 0_u32);
    while at < bytes.len() {
        let (mut node, id) = pair(bytes, at, context);
        at = node.end;
        let known = id.filter(|id| attribute(*id).is_some()).map_or(0, |id| 1 << id.0);
        let damaged = !node.problem.is_empty() && id.is_none_or(|_| node.children.len() < 3);
        if seen & known != 0 {
            node.name_position();
            node.problem = "this attribute occurs twice".into();
        }
        seen |= known;
        nodes.push(node);
        if damaged || id == Some(AvId::EOL) {
            break;
        }
    }
    nodes
}

/// The pair at a place, and its identifier if that is there.
fn pair(bytes: &[u8], at: usize, context: &Context<'_>) -> (Node, Option<AvId>) {
    let mut layout = Layout::new(bytes, at);
    let id = layout.number(ID, 2).map(|id| AvId(id as u16));
    let length = layout.number(LENGTH, 2);
    let start = layout.position();
    let (Some(known), Some(length)) = (id, length) else {
        let mut node = Node::new(CUT, at..bytes.len());
        node.name_position();
        node.problem = "the list ends within an attribute, without MsvAvEOL".into();
        node.cover(bytes, layout.nodes);
        return (node, id);
    };
    let end = start + length as usize;
    let range = start..end.min(bytes.len());
    let value = bytes.get(range.clone()).unwrap_or_default();
    let mut node = described(known, at..range.end, value, context);
    let mut children = layout.nodes;
    if length > 0 {
        children.push(inside(known, range, value, &node.value));
    }
    if end > bytes.len() {
        node.problem = format!("it has {length} bytes, but only {} are here", value.len()).into();
    }
    if let Some(child) = children.first_mut() {
        child.meaning = node.label.clone();
    }
    node.cover(bytes, children);
    (node, id)
}

/// The node of a pair, with its value.
fn described(id: AvId, range: Range<usize>, value: &[u8], context: &Context<'_>) -> Node {
    let Some(title) = attribute(id) else {
        let mut node = Node::new(UNKNOWN, range);
        node.name_position();
        node.label = format!("{}0x{:04x}", UNKNOWN.label, id.0).into();
        return node;
    };
    let mut node = Node::new(title, range);
    match id {
        AvId::EOL | AvId::SINGLE_HOST => {}
        AvId::FLAGS if value.len() == 4 => flags::av(&mut node, little_endian(value) as u32),
        AvId::FLAGS => node.problem = "flags have 4 bytes".into(),
        AvId::TIMESTAMP if value.len() == 8 => time::explain(&mut node, value, context),
        AvId::TIMESTAMP => node.problem = "a time has 8 bytes".into(),
        AvId::CHANNEL_BINDINGS => {
            if !value.is_empty() && is_blank(value) {
                node.meaning = "zeros: the client saw no TLS channel".into();
            }
            if value.len() != 16 {
                node.problem = "channel bindings have 16 bytes".into();
            }
        }
        _ => text::unicode(&mut node, value),
    }
    node
}

/// The node of a value within its pair.
fn inside(id: AvId, range: Range<usize>, bytes: &[u8], value: &Value) -> Node {
    if id == AvId::SINGLE_HOST {
        return single_host(range, bytes);
    }
    let mut node = Node::bytes(VALUE, range);
    if !matches!(value, Value::None) {
        node.value = value.for_parent();
    }
    node
}

/// `Single_Host_Data` (2.2.2.2). Its size grew in Windows 11: what follows the machine's identifier is not documented.
fn single_host(range: Range<usize>, value: &[u8]) -> Node {
    let mut layout = Layout::new(value, 0);
    layout.number(SINGLE_HOST_SIZE, 4);
    layout.number(SINGLE_HOST_ZERO, 4);
    layout.number(SINGLE_HOST_CUSTOM, 4);
    layout.number(SINGLE_HOST_LEVEL, 4);
    layout.field(SINGLE_HOST_MACHINE, 32);
    let mut node = Node::new(SINGLE_HOST_DATA, 0..value.len());
    node.cover(value, layout.nodes);
    node.shift(range.start);
    node
}
