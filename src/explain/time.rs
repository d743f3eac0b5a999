//! Times for people.

use crate::explain::Context;
use crate::explain::layout::little_endian;
use crate::explain::node::{Node, Value};
use crate::explain::texts::Text;
use crate::explain::words::{Words, decimal};
use crate::wire::filetime::FileTime;
use alloc::string::String;

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// ISO 8601, to the millisecond.
pub fn iso(time: FileTime) -> String {
    let seconds = time.0 / TICKS_PER_SECOND;
    let milliseconds = time.0 % TICKS_PER_SECOND / 10_000;
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let mut text = String::new();
    let mut put = |number, digits, behind| {
        decimal(&mut text, number, digits);
        text.push(behind);
    };
    put(year, 4, '-');
    put(month, 2, '-');
    put(day, 2, 'T');
    put(seconds / 3600 % 24, 2, ':');
    put(seconds / 60 % 60, 2, ':');
    put(seconds % 60, 2, '.');
    put(milliseconds, 3, 'Z');
    text
}

/// The date that lies so many days after 1601-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from the first of March of 1600, so that the leap day comes last in its year: 306 days before 1601.
    let days = days + 306;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day_of_month = day - (153 * month + 2) / 5 + 1;
    let january_or_february = u64::from(month >= 10);
    let month = if month < 10 { month + 3 } else { month - 9 };
    (1600 + 400 * cycle + year + january_or_february, month, day_of_month)
}

/// Makes a node one for a time.
pub fn explain(node: &mut Node, value: &[u8], context: &Context<'_>) {
    let time = FileTime(little_endian(value));
    node.holds(Value::Text(iso(time)));
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
    let (count, text) = match seconds {
        0..=119 => (seconds, Text::SECONDS_AGO),
        120..=7199 => (seconds / 60, Text::MINUTES_AGO),
        7200..=172_799 => (seconds / 3600, Text::HOURS_AGO),
        _ => (seconds / SECONDS_PER_DAY, Text::DAYS_AGO),
    };
    let ahead = if time < now { 0 } else { Text::SECONDS_AHEAD.0 - Text::SECONDS_AGO.0 };
    let mut words = String::new();
    Words::of(Text(text.0 + ahead), &mut words).number(count).end();
    words
}
