//! What this user could sign on with here, found out without asking the network.

#[cfg(unix)]
use crate::sspi::gss::survey as platform;
use crate::sspi::options::Options;
use crate::sspi::token::Spoken;
#[cfg(windows)]
use crate::sspi::windows::survey as platform;
use alloc::string::String;
use alloc::vec::Vec;

/// One way to sign on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What would be spoken.
    pub mechanism: Spoken,
    /// What would do it, such as a library's file name.
    pub source: String,
    /// As whom, where that is known; or why it is not possible and what to do about it.
    pub verdict: Result<Option<String>, crate::sspi::failure::Failure>,
}

/// All ways of this system, best first, also those that are not open.
pub fn survey() -> Vec<Finding> {
    platform::survey(&Options { target: "HTTP/localhost".into(), ..Options::default() })
}
