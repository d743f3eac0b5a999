//! Counts what is held of the operating system's, so that tests can see that nothing is left behind.

use core::sync::atomic::{AtomicU32, Ordering};

static CONTEXTS: AtomicU32 = AtomicU32::new(0);
static CREDENTIALS: AtomicU32 = AtomicU32::new(0);

/// Counts as one as long as it lives. It stands beside the handle that it is for.
#[derive(Debug)]
pub struct Alive(&'static AtomicU32);

impl Alive {
    /// One more security context.
    pub fn context() -> Self {
        Self::one_more(&CONTEXTS)
    }

    /// One more handle of credentials.
    pub fn credential() -> Self {
        Self::one_more(&CREDENTIALS)
    }

    fn one_more(counter: &'static AtomicU32) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Alive(counter)
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Security contexts that exist now in this process.
pub fn contexts() -> u32 {
    CONTEXTS.load(Ordering::Relaxed)
}

/// Handles of credentials that exist now in this process.
pub fn credentials() -> u32 {
    CREDENTIALS.load(Ordering::Relaxed)
}
