//! Secrets: wiped when dropped, masked when printed.

use alloc::vec::Vec;
use core::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A value that must be wiped after use and must never be logged.
///
/// It is not `Clone` and has no accessor by value; callers borrow the bytes.
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> ZeroizeOnDrop for Secret<T> {}

impl<T: Zeroize> Secret<T> {
    /// Wraps a secret value.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// Returns a reference to the value.
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

/// Overwrites bytes with one fill. `zeroize` writes byte by byte, which takes longer than hashing them.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // Treat the bytes as read, so that the optimizer keeps the fill.
    core::hint::black_box(bytes);
}

/// A byte buffer that is wiped when dropped.
pub struct Wiped(pub Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// The number of stack bytes that are wiped: twice the deepest use measured in a handshake.
const STACK_DEPTH: usize = 8 * 1024;

/// Runs `work`, then overwrites the stack that it used, because moved values leave copies there.
///
/// The stack of a wasm module is part of its memory, which any code with access to the module can read. The bindings therefore
/// compute in this function. The value that `work` returns is in the caller's stack frame and must contain no secret by value.
pub fn with_wiped_stack<R>(work: impl FnOnce() -> R) -> R {
    let result = on_a_frame_of_its_own(work);
    wipe_stack();
    result
}

#[inline(never)]
fn on_a_frame_of_its_own<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[inline(never)]
fn wipe_stack() {
    core::hint::black_box(&mut [0_u8; STACK_DEPTH]);
}
