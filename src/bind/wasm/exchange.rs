//! The stretch of memory through which bytes pass between JavaScript and the module.

use crate::secret::wipe;
use alloc::vec::Vec;

/// The length of what is absent.
pub const ABSENT: u32 = u32::MAX;

/// What an operation comes to.
pub enum Outcome {
    /// A number that stands for itself.
    Number(i32),
    /// Bytes, which may be secret.
    Bytes(Vec<u8>),
}

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
            wipe(&mut self.0);
            self.0 = larger;
        }
        self.0.as_mut_ptr()
    }

    /// The arguments.
    pub fn arguments(&self, length: usize) -> &[u8] {
        self.0.get(..length).unwrap_or_default()
    }

    /// Puts an answer there: its length, or the number.
    pub fn keep(&mut self, outcome: Outcome) -> i32 {
        let mut bytes = match outcome {
            Outcome::Number(number) => return number,
            Outcome::Bytes(bytes) => bytes,
        };
        self.room(bytes.len());
        if let Some(place) = self.0.get_mut(..bytes.len()) {
            place.copy_from_slice(&bytes);
        }
        wipe(&mut bytes);
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

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        Outcome::Bytes(answer.0)
    }
}
