//! Secrets: wiped when dropped, masked when printed.

use alloc::vec::Vec;
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

/// Overwrites bytes at once; `zeroize` goes from one to the next, which takes longer than to hash them.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    // Whatever may have looked at them since, so that no optimiser leaves the filling out.
    core::hint::black_box(bytes);
}

/// Bytes that are wiped when dropped, for as long as they are worked on.
pub struct Wiped(pub Vec<u8>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// How much of the stack is wiped: twice what the deepest handshake was seen to use.
const STACK_DEPTH: usize = 8 * 1024;

/// Does something with secrets, then overwrites the stack that it used, where moved values leave copies of themselves.
///
/// A wasm module's stack is part of its memory, which whoever holds the module can read; so the bindings compute in here.
/// What `work` returns lies in the caller's part of the stack and must hold no secret by value.
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
