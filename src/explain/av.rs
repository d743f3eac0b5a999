//! AV pairs (MS-NLMP 2.2.2.1) and what they hold.

use crate::explain::Context;
use crate::explain::bytes::{is_blank, little_endian};
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::texts::{Text, Title};
use crate::explain::words::hex;
use crate::explain::{flags, text, time};
use crate::ntlm::av_pair::AvId;
use alloc::vec::Vec;
use core::ops::Range;

/// How many attributes have a title.
const KNOWN: u16 = 11;

/// The pairs of a list, up to its end or to the first that is damaged.
pub fn pairs(bytes: &[u8], range: Range<usize>, context: &Context<'_>) -> Vec<Node> {
    let bytes = bytes.get(..range.end).unwrap_or(bytes);
    let (mut nodes, mut at, mut seen) = (Vec::new(), range.start, 0_u32);
    while at < bytes.len() {
        let (mut node, id) = pair(bytes, at, context);
        at = node.end;
        let known = id.filter(|id| id.0 < KNOWN).map_or(0, |id| 1 << id.0);
        let damaged = !node.problem.is_empty() && id.is_none_or(|_| node.children.len() < 3);
        if seen & known != 0 {
            node.name_place();
            node.wrong(Text::AV_AGAIN, &[]);
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
    let id = layout.number(Title::AV_ID, 2).map(|id| AvId(id as u16));
    let length = layout.number(Title::AV_LENGTH, 2);
    let start = layout.position();
    let (Some(known), Some(length)) = (id, length) else {
        let mut node = Node::new(Title::AV_CUT, at..bytes.len());
        node.name_place();
        node.wrong(Text::AV_ENDLESS, &[]);
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
        node.wrong(Text::AV_SHORT, &[length as usize, value.len()]);
    }
    if let Some(child) = children.first_mut() {
        child.means_words(&node.label);
    }
    node.cover(bytes, children);
    (node, id)
}

/// The node of a pair, with its value.
fn described(id: AvId, range: Range<usize>, value: &[u8], context: &Context<'_>) -> Node {
    if id.0 >= KNOWN {
        let mut node = Node::new(Title::AV_UNKNOWN, range);
        node.name_place();
        node.label.push_str("0x");
        hex(&mut node.label, id.0.into(), 4);
        return node;
    }
    let mut node = Node::new(Title::AV_EOL.later(id.0), range);
    match id {
        AvId::EOL | AvId::SINGLE_HOST => {}
        AvId::FLAGS if value.len() == 4 => flags::av(&mut node, little_endian(value) as u32),
        AvId::FLAGS => node.wrong(Text::FLAGS_SIZE, &[]),
        AvId::TIMESTAMP if value.len() == 8 => time::explain(&mut node, value, context),
        AvId::TIMESTAMP => node.wrong(Text::TIME_SIZE, &[]),
        AvId::CHANNEL_BINDINGS => {
            if !value.is_empty() && is_blank(value) {
                node.means(Text::ZERO_BINDING);
            }
            if value.len() != 16 {
                node.wrong(Text::BINDING_SIZE, &[]);
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
    let mut node = Node::bytes(Title::AV_VALUE, range);
    if !matches!(value, Value::None) {
        node.holds(value.elsewhere());
    }
    node
}

/// `Single_Host_Data` (2.2.2.2). Its size grew in Windows 11: what follows the machine's identifier is not documented.
fn single_host(range: Range<usize>, value: &[u8]) -> Node {
    let mut layout = Layout::new(value, 0);
    layout.number(Title::SINGLE_HOST_SIZE, 4);
    layout.number(Title::SINGLE_HOST_ZERO, 4);
    layout.number(Title::SINGLE_HOST_CUSTOM, 4);
    layout.number(Title::SINGLE_HOST_LEVEL, 4);
    layout.field(Title::SINGLE_HOST_MACHINE, 32);
    let mut node = Node::new(Title::SINGLE_HOST_DATA, 0..value.len());
    node.cover(value, layout.nodes);
    node.shift(range.start);
    node
}
