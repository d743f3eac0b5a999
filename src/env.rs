//! The inputs that the core does not obtain itself: time and randomness.

use crate::error::Error;
use crate::wire::filetime::FileTime;

/// A source of cryptographically secure random bytes.
pub trait Random {
    /// Fills a buffer.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error>;
}

impl<F: FnMut(&mut [u8]) -> Result<(), Error>> Random for F {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self(bytes)
    }
}

/// The environment of one handshake step.
pub struct Env<'a> {
    /// The current time.
    pub now: FileTime,
    /// The source of randomness.
    pub random: &'a mut dyn Random,
}

impl Env<'_> {
    /// Returns `N` random bytes.
    pub fn random<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }
}
