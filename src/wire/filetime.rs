//! Windows file times: 100-nanosecond ticks since 1601-01-01T00:00:00Z (MS-DTYP 2.3.3).

/// A point in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileTime(pub u64);

/// 369 years, 89 of them leap years, in seconds.
const UNIX_EPOCH_SECONDS: i64 = 11_644_473_600;
const TICKS_PER_MILLISECOND: i64 = 10_000;

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for FileTime {
    fn from(time: std::time::SystemTime) -> Self {
        let milliseconds = match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |milliseconds| -milliseconds),
        };
        FileTime::from_unix_milliseconds(milliseconds)
    }
}

impl FileTime {
    /// Converts from milliseconds since 1970, the unit of JavaScript. Times before 1601 become 1601.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Self {
        // Clamp first: a saturating multiplication would need a 128-bit one.
        let since = milliseconds.saturating_add(UNIX_EPOCH_SECONDS * 1000).clamp(0, i64::MAX / TICKS_PER_MILLISECOND);
        FileTime((since * TICKS_PER_MILLISECOND).unsigned_abs())
    }

    /// Returns milliseconds since 1970, rounded down.
    pub fn to_unix_milliseconds(self) -> i64 {
        let milliseconds = i64::try_from(self.0 / TICKS_PER_MILLISECOND.unsigned_abs()).unwrap_or(i64::MAX);
        milliseconds - UNIX_EPOCH_SECONDS * 1000
    }

    /// Returns the whole seconds between two points in time, in either order.
    pub const fn seconds_between(self, other: FileTime) -> u64 {
        self.0.abs_diff(other.0) / 10_000_000
    }
}
