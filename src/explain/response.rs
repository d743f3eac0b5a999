//! The responses of message 3 (MS-NLMP 2.2.2.3 to 2.2.2.8).

use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::{av, time};
use crate::wire::filetime::FileTime;
use alloc::vec::Vec;

const V1_SIZE: usize = 24;
const NONCE_SIZE: usize = 8;
const PROOF_SIZE: usize = 16;

/// `LmChallengeResponse`.
pub fn lm(node: Node, message: &[u8]) -> Node {
    let value = message.get(node.start..node.end).unwrap_or_default();
    let node = Node { value: Value::Bytes, ..node };
    let blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    match value {
        [] => node.meaning("empty"),
        [0] => node.meaning("the client wants to be anonymous"),
        _ if blank(value) => node.meaning("left blank, as it must be beside NTLMv2"),
        _ if value.len() == V1_SIZE && value.get(NONCE_SIZE..).is_some_and(blank) => {
            let middle = node.start + NONCE_SIZE;
            let children = Vec::from([
                Node::bytes("challengeFromClient", "ChallengeFromClient", node.start..middle),
                Node::bytes("zeros", "zeros", middle..node.end),
            ]);
            node.meaning("the client's nonce of an NTLM2 session response").cover(message, children)
        }
        _ if value.len() == V1_SIZE => node.meaning("LM or LMv2 response").sensitive(),
        _ => node.meaning("of an unusual length").sensitive(),
    }
}

/// `NtChallengeResponse`.
pub fn nt(node: Node, message: &[u8], ess: bool, now: Option<FileTime>) -> Node {
    let node = Node { value: Value::Bytes, ..node };
    match node.end - node.start {
        0 => node.meaning("empty"),
        V1_SIZE if ess => {
            node.meaning("NTLM2 session response, which is NTLMv1 with a nonce of the client").sensitive()
        }
        V1_SIZE => node.meaning("NTLMv1 response").sensitive(),
        length if length > V1_SIZE => v2(node, message, now),
        _ => node.meaning("shorter than any response").sensitive(),
    }
}

/// `NTLMv2_RESPONSE`: the proof, then what it was computed over.
fn v2(node: Node, message: &[u8], now: Option<FileTime>) -> Node {
    let bytes = message.get(..node.end).unwrap_or(message);
    let mut layout = Layout::new(bytes, node.start);
    layout.field::<PROOF_SIZE>("ntProofStr", "NTProofStr", |node, _| {
        node.sensitive().meaning("what proves the password: an HMAC over the server's nonce and all that follows here")
    });
    layout.field("respType", "RespType", |node, [value]| node.number(value));
    layout.field("hiRespType", "HiRespType", |node, [value]| node.number(value));
    layout.raw::<6>("reserved1", "Reserved1, Reserved2", "");
    layout.field("timeStamp", "TimeStamp", |node, value| time::node(node, value, now));
    layout.raw::<NONCE_SIZE>("challengeFromClient", "ChallengeFromClient", "the client's nonce");
    layout.raw::<4>("reserved3", "Reserved3", "");
    let at = layout.position();
    let mut children = layout.nodes;
    if at < bytes.len() {
        let pairs = av::pairs(bytes, at..bytes.len(), now);
        let end = pairs.last().map_or(at, |last| last.end);
        let meaning = "the server's attributes given back, with those of the client";
        children.push(Node::new("avPairs", "AvPairs", at..end).meaning(meaning).cover(bytes, pairs));
    }
    node.meaning("NTLMv2 response").sensitive().cover(bytes, children)
}
