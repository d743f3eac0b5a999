//! Sets of flags, bit by bit.

use crate::explain::node::{Bit, Node};
use crate::ntlm::av_pair::{AV_FLAG_CONSTRAINED, AV_FLAG_MIC, AV_FLAG_UNTRUSTED_SPN};
use crate::ntlm::flags::Flags;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A node for `NegotiateFlags`, with all 32 of them.
pub fn negotiate(node: Node, value: [u8; 4]) -> Node {
    let flags = Flags(u32::from_le_bytes(value));
    let bits = Flags::TABLE.iter().map(|&(flag, letter, name, meaning)| {
        let set = flags.contains(flag);
        Bit { mask: flag.0, letter, name, meaning, set }
    });
    of(node, flags.0, bits.collect())
}

/// A node for `MsvAvFlags`.
pub fn av(node: Node, flags: u32) -> Node {
    let known = [
        (AV_FLAG_CONSTRAINED, "constrained", "the account's authentication is constrained"),
        (AV_FLAG_MIC, "MIC", "the message has a message integrity code"),
        (AV_FLAG_UNTRUSTED_SPN, "untrusted SPN", "the target name comes from an untrusted source"),
    ];
    let bit = |(mask, name, meaning)| Bit { mask, letter: "", name, meaning, set: flags & mask != 0 };
    of(node, flags, known.map(bit).into())
}

fn of(node: Node, flags: u32, bits: Vec<Bit>) -> Node {
    let names: Vec<_> = bits.iter().filter(|bit| bit.set).map(|bit| short(bit.name)).collect();
    let list: String = if names.is_empty() { "none set".into() } else { names.join(", ") };
    Node { bits, ..node.number(flags).meaning(format!("{flags:08x}: {list}")) }
}

/// The part of a name that tells it from the others.
fn short(name: &'static str) -> &'static str {
    let prefixes = ["NTLMSSP_NEGOTIATE_", "NTLM_NEGOTIATE_", "NTLMSSP_"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}
