//! How many contexts and credentials of the system are held: what tests look at for leaks.

use core::sync::atomic::{AtomicUsize, Ordering};

static CONTEXTS: AtomicUsize = AtomicUsize::new(0);
static CREDENTIALS: AtomicUsize = AtomicUsize::new(0);

/// Security contexts that are held; a helper program that keeps one for us counts too.
pub fn contexts() -> usize {
    CONTEXTS.load(Ordering::SeqCst)
}

/// Credential handles that are held.
pub fn credentials() -> usize {
    CREDENTIALS.load(Ordering::SeqCst)
}

/// Lies in what is counted, as long as that lives.
#[derive(Debug)]
pub(super) struct Counted(&'static AtomicUsize);

impl Counted {
    pub(super) fn context() -> Self {
        Self::among(&CONTEXTS)
    }

    pub(super) fn credential() -> Self {
        Self::among(&CREDENTIALS)
    }

    fn among(counter: &'static AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Counted(counter)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
