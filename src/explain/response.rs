//! The responses of message 3 (MS-NLMP 2.2.2.3 to 2.2.2.8).

use crate::explain::Context;
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Title, Value};
use crate::explain::{av, time};
use alloc::vec::Vec;

const NONCE_OF_LM: Title = Title::new("challengeFromClient", "ChallengeFromClient", "");
const ZEROS: Title = Title::new("zeros", "zeros", "");
const PROOF: Title = Title::new(
    "ntProofStr",
    "NTProofStr",
    "the proof of the password: an HMAC over the server challenge and the rest of the response",
);
const RESP_TYPE: Title = Title::new("respType", "RespType", "");
const HI_RESP_TYPE: Title = Title::new("hiRespType", "HiRespType", "");
const RESERVED_1: Title = Title::new("reserved1", "Reserved1, Reserved2", "");
const TIME_STAMP: Title = Title::new("timeStamp", "TimeStamp", "");
const CLIENT_NONCE: Title = Title::new("challengeFromClient", "ChallengeFromClient", "the client's nonce");
const RESERVED_3: Title = Title::new("reserved3", "Reserved3", "");
const AV_PAIRS: Title = Title::new("avPairs", "AvPairs", "the server's attributes echoed, with those of the client");

const V1_SIZE: usize = 24;
const NONCE_SIZE: usize = 8;
const PROOF_SIZE: usize = 16;

/// Makes a node one for `LmChallengeResponse`, which is not empty unless it was cut off.
pub fn lm(node: &mut Node, message: &[u8]) {
    node.value = Value::Bytes(Vec::new());
    let value = message.get(node.start..node.end).unwrap_or_default();
    let zeros = value.iter().rev().take_while(|byte| **byte == 0).count();
    let (text, sensitive) = match (value.len(), zeros) {
        (0, _) => ("empty", false),
        (1, 1) => ("anonymous (null session)", false),
        (length, zeros) if zeros == length => ("blank, as required with NTLMv2", false),
        (V1_SIZE, zeros) if zeros >= V1_SIZE - NONCE_SIZE => {
            let mut layout = Layout::new(message, node.start);
            layout.field(NONCE_OF_LM, NONCE_SIZE);
            layout.field(ZEROS, V1_SIZE - NONCE_SIZE);
            node.cover(message, layout.nodes);
            ("the client's nonce of an NTLM2 session response", false)
        }
        (V1_SIZE, _) => ("LM or LMv2 response", true),
        _ => ("of an unusual length", true),
    };
    node.meaning = text.into();
    node.sensitive = sensitive;
}

/// Makes a node one for `NtChallengeResponse`.
pub fn nt(node: &mut Node, message: &[u8], ess: bool, context: &Context<'_>) {
    node.value = Value::Bytes(Vec::new());
    let length = node.end - node.start;
    node.sensitive = length != 0;
    node.meaning = match length {
        0 => "empty",
        V1_SIZE if ess => "NTLM2 session response: NTLMv1 with a client nonce",
        V1_SIZE => "NTLMv1 response",
        _ if length > V1_SIZE => "NTLMv2 response",
        _ => "shorter than any response",
    }
    .into();
    if length > V1_SIZE {
        v2(node, message, context);
    }
}

/// `NTLMv2_RESPONSE`: the proof, then what it was computed over.
fn v2(node: &mut Node, message: &[u8], context: &Context<'_>) {
    let bytes = message.get(..node.end).unwrap_or(message);
    let mut layout = Layout::new(bytes, node.start);
    if let Some((_, proof)) = layout.field(PROOF, PROOF_SIZE) {
        proof.sensitive = true;
    }
    layout.number(RESP_TYPE, 1);
    layout.number(HI_RESP_TYPE, 1);
    layout.field(RESERVED_1, 6);
    if let Some((value, node)) = layout.field(TIME_STAMP, 8) {
        time::explain(node, value, context);
    }
    layout.field(CLIENT_NONCE, NONCE_SIZE);
    layout.field(RESERVED_3, 4);
    let at = layout.position();
    let mut children = layout.nodes;
    if at < bytes.len() {
        let pairs = av::pairs(bytes, at..bytes.len(), context);
        let end = pairs.last().map_or(at, |last| last.end);
        let mut list = Node::new(AV_PAIRS, at..end);
        list.cover(bytes, pairs);
        children.push(list);
    }
    node.cover(bytes, children);
}
