//! The responses of message 3 (MS-NLMP 2.2.2.3 to 2.2.2.8).

use crate::explain::Context;
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::texts::{Text, Title};
use crate::explain::{av, time};

const V1_SIZE: usize = 24;
const NONCE_SIZE: usize = 8;
const PROOF_SIZE: usize = 16;

/// Makes a node one for `LmChallengeResponse`, which is not empty unless it was cut off.
pub fn lm(node: &mut Node, message: &[u8]) {
    node.holds(Value::Bytes);
    let value = message.get(node.start..node.end).unwrap_or_default();
    let zeros = value.iter().rev().take_while(|byte| **byte == 0).count();
    let (text, sensitive) = match (value.len(), zeros) {
        (0, _) => (Text::EMPTY, false),
        (1, 1) => (Text::LM_ANONYMOUS, false),
        (length, zeros) if zeros == length => (Text::LM_BLANK, false),
        (V1_SIZE, zeros) if zeros >= V1_SIZE - NONCE_SIZE => {
            let mut layout = Layout::new(message, node.start);
            layout.field(Title::NONCE_OF_LM, NONCE_SIZE);
            layout.field(Title::ZEROS, V1_SIZE - NONCE_SIZE);
            node.cover(message, layout.nodes);
            (Text::LM_NONCE, false)
        }
        (V1_SIZE, _) => (Text::LM_OR_LMV2, true),
        _ => (Text::LM_UNUSUAL, true),
    };
    node.means(text);
    node.sensitive = sensitive;
}

/// Makes a node one for `NtChallengeResponse`.
pub fn nt(node: &mut Node, message: &[u8], ess: bool, context: &Context<'_>) {
    node.holds(Value::Bytes);
    let length = node.end - node.start;
    node.sensitive = length != 0;
    node.means(match length {
        0 => Text::EMPTY,
        V1_SIZE if ess => Text::NTLM2_SESSION,
        V1_SIZE => Text::NTLMV1,
        _ if length > V1_SIZE => Text::NTLMV2,
        _ => Text::NT_SHORT,
    });
    if length > V1_SIZE {
        v2(node, message, context);
    }
}

/// `NTLMv2_RESPONSE`: the proof, then what it was computed over.
fn v2(node: &mut Node, message: &[u8], context: &Context<'_>) {
    let bytes = message.get(..node.end).unwrap_or(message);
    let mut layout = Layout::new(bytes, node.start);
    if let Some((_, proof)) = layout.field(Title::PROOF, PROOF_SIZE) {
        proof.sensitive = true;
    }
    layout.number(Title::RESP_TYPE, 1);
    layout.number(Title::HI_RESP_TYPE, 1);
    layout.field(Title::RESERVED_1, 6);
    if let Some((value, node)) = layout.field(Title::TIME_STAMP, 8) {
        time::explain(node, value, context);
    }
    layout.field(Title::CLIENT_NONCE, NONCE_SIZE);
    layout.field(Title::RESERVED_3, 4);
    let at = layout.position();
    let mut children = layout.nodes;
    if at < bytes.len() {
        let pairs = av::pairs(bytes, at..bytes.len(), context);
        let end = pairs.last().map_or(at, |last| last.end);
        let mut list = Node::new(Title::AV_PAIRS, at..end);
        list.cover(bytes, pairs);
        children.push(list);
    }
    node.cover(bytes, children);
}
