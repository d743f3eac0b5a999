//! Times for people.

use crate::explain::Context;
use crate::explain::bytes::little_endian;
use crate::explain::node::{Node, Value};
use crate::explain::texts::Text;
use crate::explain::words::Words;
use crate::wire::filetime::FileTime;
use alloc::string::String;

const SECONDS_PER_DAY: u64 = 86_400;

/// Makes a node one for a time.
pub fn explain(node: &mut Node, value: &[u8], context: &Context<'_>) {
    let time = FileTime(little_endian(value));
    node.holds(Value::Time(time));
    let mut ticks = String::new();
    Words::of(Text::TICKS, &mut ticks).number(time.0).end();
    match context.now {
        Some(now) if time.0 != 0 => {
            Words::of(Text::TICKS_APART, &mut node.meaning).words(&ticks).words(&apart(time, now)).end();
        }
        _ => node.means_words(&ticks),
    }
}

/// How far a time lies from now.
pub fn apart(time: FileTime, now: FileTime) -> String {
    let seconds = time.seconds_between(now);
    let (unit, size) = match seconds {
        0..=119 => (0, 1),
        120..=7199 => (1, 60),
        7200..=172_799 => (2, 3600),
        _ => (3, SECONDS_PER_DAY),
    };
    let first = if time < now { Text::SECONDS_AGO } else { Text::SECONDS_AHEAD };
    let mut words = String::new();
    Words::of(Text(first.0 + unit), &mut words).number(seconds / size).end();
    words
}
