//! What a step of the system's comes to.

use alloc::vec::Vec;

/// What a step of the system's came to.
pub struct Progress {
    /// What to send.
    pub token: Option<Vec<u8>>,
    /// Whether the system expects nothing more.
    pub complete: bool,
}
