//! A bounds-checked cursor that knows its position.

use crate::error::{Error, ErrorKind};

/// Reads little-endian values from the front of a message.
///
/// INVARIANT: `at <= bytes.len()`.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Creates a reader at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// Returns the absolute position of the next byte.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Returns the number of bytes left.
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Returns the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let taken = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.get(..count))
            .ok_or(Error::at(ErrorKind::Truncated, self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    /// Returns the next `N` bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        // `take` is not used here: copying a constant length compiles to one load instead of a call.
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let array = rest.first_chunk().ok_or(Error::at(ErrorKind::Truncated, self.bytes.len()))?;
        self.at += N;
        Ok(*array)
    }

    /// Reads an unsigned 32-bit integer.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }
}
