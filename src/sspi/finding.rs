//! The results of a survey.

use crate::sspi::failure::Failure;
use crate::sspi::token::Spoken;
use alloc::string::String;

/// One available or unavailable way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The mechanism.
    pub mechanism: Spoken,
    /// The implementation, such as a library's file name.
    pub source: String,
    /// The identity, if known, or the reason why it is not available.
    pub verdict: Result<Option<String>, Failure>,
}
