//! AV pairs (MS-NLMP 2.2.2.1) and what they hold.

use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::{flags, text, time};
use crate::ntlm::av_pair::AvId;
use crate::ntlm::message::TextEncoding;
use crate::wire::filetime::FileTime;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

/// Name, label and meaning of the attributes, in the order of their identifiers.
const KNOWN: [(&str, &str, &str); 11] = [
    ("eol", "MsvAvEOL", "the end of the list"),
    ("nbComputerName", "MsvAvNbComputerName", "the server's NetBIOS name"),
    ("nbDomainName", "MsvAvNbDomainName", "the domain's NetBIOS name"),
    ("dnsComputerName", "MsvAvDnsComputerName", "the server's DNS name"),
    ("dnsDomainName", "MsvAvDnsDomainName", "the domain's DNS name"),
    ("dnsTreeName", "MsvAvDnsTreeName", "the forest's DNS name"),
    ("flags", "MsvAvFlags", ""),
    ("timestamp", "MsvAvTimestamp", ""),
    ("singleHost", "MsvAvSingleHost", "the client's machine, so that a server can tell its own log-ons"),
    ("targetName", "MsvAvTargetName", "the service that the client means to reach"),
    ("channelBindings", "MsvAvChannelBindings", "the hash of the TLS channel that the client sees"),
];

/// The pairs of a list, up to its end or to the first that is damaged.
pub fn pairs(bytes: &[u8], range: Range<usize>, now: Option<FileTime>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at, mut seen) = (Vec::new(), range.start, 0_u32);
    while at < bytes.len() {
        let (node, id) = pair(bytes, at, now);
        at = node.end;
        let known = id.filter(|id| usize::from(id.0) < KNOWN.len()).map_or(0, |id| 1 << id.0);
        let again = seen & known != 0;
        seen |= known;
        let damaged = !node.problem.is_empty() && id.is_none_or(|_| node.children.len() < 3);
        nodes.push(if again {
            let name = format!("{}@{}", node.name, node.start);
            Node { name: name.into(), ..node }.problem("this attribute is in the list a second time")
        } else {
            node
        });
        if damaged || id == Some(AvId::EOL) {
            break;
        }
    }
    nodes
}

/// The pair at a place, and its identifier if that is there.
fn pair(bytes: &[u8], at: usize, now: Option<FileTime>) -> (Node, Option<AvId>) {
    let mut layout = Layout::new(bytes, at);
    let id = layout.u16("id", "AvId", "").map(AvId);
    let length = layout.u16("length", "AvLen", "the length of the value in bytes");
    let start = layout.position();
    let (Some(id), Some(length)) = (id, length) else {
        let problem = "the list ends within an attribute, without MsvAvEOL";
        let node = Node::new(format!("pair@{at}"), "AV_PAIR", at..bytes.len()).problem(problem);
        return (node.cover(bytes, layout.nodes), id);
    };
    let end = start.saturating_add(usize::from(length));
    let range = start..end.min(bytes.len());
    let value = bytes.get(range.clone()).unwrap_or_default();
    let mut node = described(id, at..range.end, value, now);
    let mut children = layout.nodes;
    if length > 0 {
        children.push(inside(id, range, value, now));
    }
    if end > bytes.len() {
        node.problem = format!("it should have {length} bytes, of which {} are there", value.len());
    }
    if let Some(child) = children.first_mut() {
        child.meaning = node.label.clone().into_owned();
    }
    (node.cover(bytes, children), Some(id))
}

/// The node of a pair, with its value.
fn described(id: AvId, range: Range<usize>, value: &[u8], now: Option<FileTime>) -> Node {
    let Some((name, label, meaning)) = KNOWN.get(usize::from(id.0)) else {
        let node = Node::new(format!("unknown@{}", range.start), format!("AV_PAIR {:#06x}", id.0), range);
        return node.meaning("an attribute without a public definition");
    };
    let node = Node::new(*name, *label, range).meaning(*meaning);
    match id {
        AvId::EOL => node,
        AvId::FLAGS => match value.try_into().map(u32::from_le_bytes) {
            Ok(value) => flags::av(node, value),
            Err(_) => node.problem("flags have 4 bytes"),
        },
        AvId::TIMESTAMP => match value.try_into() {
            Ok(value) => time::node(node, value, now),
            Err(_) => node.problem("a time has 8 bytes"),
        },
        AvId::SINGLE_HOST => node,
        AvId::CHANNEL_BINDINGS => {
            let node = match value {
                [] => node,
                _ if value.iter().all(|byte| *byte == 0) => node.meaning("zeros: the client saw no TLS channel"),
                _ => node,
            };
            if value.len() == 16 { node } else { node.problem("channel bindings have 16 bytes") }
        }
        _ => text::node(node, value, TextEncoding::Unicode),
    }
}

/// The node of a value within its pair.
fn inside(id: AvId, range: Range<usize>, value: &[u8], now: Option<FileTime>) -> Node {
    if id == AvId::SINGLE_HOST {
        return single_host(range, value);
    }
    let whole = described(id, range.clone(), value, now);
    let value = if whole.value == Value::None { Value::Bytes } else { whole.value };
    Node { value, bits: Vec::new(), ..Node::new("value", "Value", range) }
}

/// `Single_Host_Data` (2.2.2.2). Its size grew in Windows 11: what follows the machine's identifier is not documented.
fn single_host(range: Range<usize>, value: &[u8]) -> Node {
    let mut layout = Layout::new(value, 0);
    layout.u32("size", "Size", "the length of this structure");
    layout.u32("zero", "Z4", "");
    layout.u32("dataPresent", "DataPresent", "whether there is custom data");
    layout.u32("integrityLevel", "CustomData", "the integrity level of the process: 0x2000 is medium, 0x3000 high");
    layout.raw::<32>("machineId", "MachineID", "random, made when the machine starts");
    let mut node = Node::new("value", "Single_Host_Data", 0..value.len()).cover(value, layout.nodes);
    node.shift(range.start);
    node
}
