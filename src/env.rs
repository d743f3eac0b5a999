//! What the core does not fetch by itself: the time and randomness.

use crate::error::Error;
use crate::wire::filetime::FileTime;

/// A source of random bytes that nobody can predict.
pub trait Random {
    /// Fills a buffer.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error>;
}

impl<F: FnMut(&mut [u8]) -> Result<(), Error>> Random for F {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self(bytes)
    }
}

/// The surroundings of one step of a handshake.
pub struct Env<'a> {
    /// The time now.
    pub now: FileTime,
    /// Randomness.
    pub random: &'a mut dyn Random,
}

impl Env<'_> {
    /// `N` random bytes.
    pub fn random<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }
}
