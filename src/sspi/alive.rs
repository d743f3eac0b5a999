//! Counts the system's contexts and credentials in use, so that tests can detect leaks.

use core::sync::atomic::{AtomicUsize, Ordering};

static CONTEXTS: AtomicUsize = AtomicUsize::new(0);
static CREDENTIALS: AtomicUsize = AtomicUsize::new(0);

/// Returns the number of open security contexts, including running helper programs.
pub fn contexts() -> usize {
    CONTEXTS.load(Ordering::SeqCst)
}

/// Returns the number of open credential handles.
pub fn credentials() -> usize {
    CREDENTIALS.load(Ordering::SeqCst)
}

/// Counts its owner until it is dropped.
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
