//! Sets of flags, bit by bit.

use crate::explain::node::{Bit, Node, Value};
use crate::explain::texts::Text;
use crate::explain::words::{Words, separate};
use crate::ntlm::av_pair::{AV_FLAG_CONSTRAINED, AV_FLAG_MIC, AV_FLAG_UNTRUSTED_SPN};
use crate::ntlm::flags::Flags;
use alloc::string::String;

/// Makes a node one for `NegotiateFlags`, with all 32 of them.
pub fn negotiate(node: &mut Node, flags: u32) {
    let mut names = String::new();
    for at in 0..32 {
        let mask = 1 << (31 - at);
        let (letter, name, meaning) = (Text::flag_letter(at), Text::flag_name(at), Text::flag_meaning(at));
        add(node, &mut names, Bit { mask, letter, name, meaning, set: flags & mask != 0 }, Text::flag_short_name(at));
    }
    finish(node, flags, &names);
}

/// Makes a node one for `MsvAvFlags`.
pub fn av(node: &mut Node, flags: u32) {
    let known = [
        (AV_FLAG_CONSTRAINED, Text::AV_CONSTRAINED, Text::AV_CONSTRAINED_MEANING),
        (AV_FLAG_MIC, Text::AV_MIC, Text::AV_MIC_MEANING),
        (AV_FLAG_UNTRUSTED_SPN, Text::AV_UNTRUSTED, Text::AV_UNTRUSTED_MEANING),
    ];
    let mut names = String::new();
    for (mask, name, meaning) in known {
        add(node, &mut names, Bit { mask, letter: Text::NOTHING, name, meaning, set: flags & mask != 0 }, name);
    }
    finish(node, flags, &names);
}

/// Adds a flag, and what it is called among those that are set.
fn add(node: &mut Node, names: &mut String, bit: Bit, name: Text) {
    node.bits.push(bit);
    if bit.set {
        separate(names);
        name.put(names);
    }
}

fn finish(node: &mut Node, flags: u32, names: &str) {
    node.holds(Value::Number(flags.into()));
    let words = Words::of(Text::FLAGS, &mut node.meaning).hex(flags, 8);
    if names.is_empty() { words.text(Text::NONE_SET) } else { words.words(names) }.end();
}

/// The names of flags.
pub fn names(flags: Flags) -> String {
    let mut names = String::new();
    for at in (0..32).filter(|at| flags.0 & 1 << (31 - at) != 0) {
        separate(&mut names);
        Text::flag_name(at).put(&mut names);
    }
    names
}
