//! Sets of flags, bit by bit.

use crate::explain::node::{Bit, Node, Value};
use crate::ntlm::av_pair::{AV_FLAG_CONSTRAINED, AV_FLAG_MIC, AV_FLAG_UNTRUSTED_SPN};
use crate::ntlm::flags::Flags;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const AV_FLAGS: [(u32, &str, &str); 3] = [
    (AV_FLAG_CONSTRAINED, "constrained", "the account's authentication is constrained"),
    (AV_FLAG_MIC, "MIC", "the message has a message integrity code"),
    (AV_FLAG_UNTRUSTED_SPN, "untrusted SPN", "the target name comes from an untrusted source"),
];

/// Makes a node one for `NegotiateFlags`, with all 32 of them.
pub fn negotiate(node: &mut Node, flags: u32) {
    node.bits = Flags::TABLE
        .iter()
        .map(|&(Flags(mask), letter, name, meaning)| Bit { mask, letter, name, meaning, set: flags & mask != 0 })
        .collect();
    describe(node, flags);
}

/// Makes a node one for `MsvAvFlags`.
pub fn av(node: &mut Node, flags: u32) {
    node.bits = AV_FLAGS
        .iter()
        .map(|&(mask, name, meaning)| Bit { mask, letter: "", name, meaning, set: flags & mask != 0 })
        .collect();
    describe(node, flags);
}

fn describe(node: &mut Node, flags: u32) {
    let set: Vec<_> = node.bits.iter().filter(|bit| bit.set).map(|bit| short(bit.name)).collect();
    let names = if set.is_empty() { "none set".into() } else { set.join(", ") };
    node.value = Value::Number(flags.into());
    node.meaning = format!("{flags:08x}: {names}").into();
}

/// The part of a flag's name that distinguishes it from the others.
fn short(name: &'static str) -> &'static str {
    let prefixes = ["NTLMSSP_NEGOTIATE_", "NTLM_NEGOTIATE_", "NTLMSSP_"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// The names of flags.
pub fn names(flags: Flags) -> String {
    let set = Flags::TABLE.iter().filter(|entry| flags.contains(entry.0));
    set.map(|entry| entry.2).collect::<Vec<_>>().join(", ")
}
