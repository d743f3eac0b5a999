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

/// How much of the stack is wiped: four times what the deepest handshake was seen to use.
const STACK_DEPTH: usize = 16 * 1024;

/// Overwrites the stack below the caller, where returned functions left copies of the secrets that they moved.
///
/// A wasm module's stack is part of its memory, which whoever holds the module can read; so the bindings end each call with this.
#[inline(never)]
pub fn wipe_stack() {
    core::hint::black_box(&mut [0_u8; STACK_DEPTH]);
}
