//! The stretch of memory through which bytes pass between JavaScript and the module.

use crate::error::Error;
use alloc::vec::Vec;
use zeroize::Zeroize;

/// The length of what is absent.
pub const ABSENT: u32 = u32::MAX;

/// Holds the arguments of a call, then its answer. JavaScript wipes it after each use.
#[derive(Default)]
pub struct Exchange(Vec<u8>);

impl Exchange {
    /// Makes room and says where it is. What stood there is kept, and wiped in the place where it stood.
    pub fn room(&mut self, size: usize) -> *mut u8 {
        if self.0.len() < size {
            let mut larger = Vec::with_capacity(size);
            larger.extend_from_slice(&self.0);
            larger.resize(size, 0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.as_mut_ptr()
    }

    /// The arguments.
    pub fn arguments(&self, length: usize) -> &[u8] {
        self.0.get(..length).unwrap_or_default()
    }

    /// Puts an answer there. What comes back is its length, or the number of the error.
    pub fn answer(&mut self, answer: Result<impl AsRef<[u8]>, Error>) -> i32 {
        match &answer {
            Ok(bytes) => self.put(bytes.as_ref()),
            Err(error) => number(*error),
        }
    }

    #[inline(never)]
    fn put(&mut self, bytes: &[u8]) -> i32 {
        self.room(bytes.len());
        let (place, _) = self.0.split_at_mut(bytes.len());
        place.copy_from_slice(bytes);
        bytes.len() as i32
    }
}

/// An answer of several parts, in the form that arguments have.
#[derive(Default)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// Adds a number.
    #[inline(never)]
    pub fn number(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// Adds bytes that may be absent.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: Option<&[u8]>) {
        self.number(bytes.map_or(ABSENT, |bytes| bytes.len() as u32));
        self.0.extend_from_slice(bytes.unwrap_or_default());
    }
}

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// An error as a number below zero.
pub const fn number(error: Error) -> i32 {
    -(error.number() as i32)
}
