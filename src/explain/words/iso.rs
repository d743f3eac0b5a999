//! Moments as calendars have them.

use crate::explain::words::digits::decimal;
use crate::wire::filetime::FileTime;
use alloc::string::String;

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// Writes a moment in ISO 8601, to the millisecond.
pub fn moment(text: &mut String, time: FileTime) {
    let seconds = time.0 / TICKS_PER_SECOND;
    let milliseconds = time.0 % TICKS_PER_SECOND / 10_000;
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let mut put = |number, digits, behind| {
        decimal(text, number, digits);
        text.push(behind);
    };
    put(year, 4, '-');
    put(month, 2, '-');
    put(day, 2, 'T');
    put(seconds / 3600 % 24, 2, ':');
    put(seconds / 60 % 60, 2, ':');
    put(seconds % 60, 2, '.');
    put(milliseconds, 3, 'Z');
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
