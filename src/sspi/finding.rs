//! What is found when one looks for ways to sign on.

use crate::sspi::failure::Failure;
use crate::sspi::token::Spoken;
use alloc::string::String;

/// One way to sign on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What would be spoken.
    pub mechanism: Spoken,
    /// What would do it, such as a library's file name.
    pub source: String,
    /// As whom, where that is known; or why it is not possible and what to do about it.
    pub verdict: Result<Option<String>, Failure>,
}
