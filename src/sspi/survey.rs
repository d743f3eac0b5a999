//! What this user could sign on with here, found out without asking the network.

use crate::sspi::finding::Finding;
#[cfg(unix)]
use crate::sspi::gss::survey as platform;
use crate::sspi::options::Options;
#[cfg(windows)]
use crate::sspi::windows::survey as platform;
use alloc::vec::Vec;

/// All ways of this system, best first, also those that are not open.
pub fn survey() -> Vec<Finding> {
    platform::survey(&Options { target: "HTTP/localhost".into(), ..Options::default() })
}
