//! Times in ISO 8601.

use crate::wire::filetime::FileTime;
use alloc::format;
use alloc::string::String;

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// A time in ISO 8601, to the millisecond.
pub fn iso(time: FileTime) -> String {
    let seconds = time.0 / TICKS_PER_SECOND;
    let milliseconds = time.0 % TICKS_PER_SECOND / 10_000;
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// The date that lies so many days after 1601-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 1 March 1600, so that the leap day comes last in its year: 306 days before 1601.
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
