//! Secrets: wiped when dropped, masked when printed.

use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A value that must not outlive its use or reach a log.
///
/// It is not `Clone` and has no accessor by value: who needs the bytes borrows them.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Secret<T> {}

impl<T: Zeroize> Secret<T> {
    /// Takes over a secret value.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// Lends the value.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// A 128-bit key or password hash.
pub type Key = Secret<[u8; 16]>;
