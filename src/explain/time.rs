//! Times for people.

use crate::explain::Context;
use crate::explain::bytes::little_endian;
use crate::explain::node::{Node, Value};
use crate::wire::filetime::FileTime;
use alloc::format;
use alloc::string::String;

const SECONDS_PER_DAY: u64 = 86_400;

/// Makes a node one for a time.
pub fn explain(node: &mut Node, value: &[u8], context: &Context<'_>) {
    let time = FileTime(little_endian(value));
    node.value = Value::Time(time);
    let ticks = format!("{} ticks of 100 ns since 1601", time.0);
    node.meaning = match context.now {
        Some(now) if time.0 != 0 => format!("{ticks}; {}", apart(time, now)).into(),
        _ => ticks.into(),
    };
}

/// How far a time lies from now.
pub fn apart(time: FileTime, now: FileTime) -> String {
    let seconds = time.seconds_between(now);
    let (unit, size) = match seconds {
        0..=119 => ("seconds", 1),
        120..=7199 => ("minutes", 60),
        7200..=172_799 => ("hours", 3600),
        _ => ("days", SECONDS_PER_DAY),
    };
    format!("{} {unit} {}", seconds / size, if time < now { "ago" } else { "from now" })
}
