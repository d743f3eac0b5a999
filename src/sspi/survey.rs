//! Finds the credentials that this user has on this machine, without using the network.

use crate::sspi::finding::Finding;
#[cfg(unix)]
use crate::sspi::gss::survey as platform;
use crate::sspi::options::Options;
#[cfg(windows)]
use crate::sspi::windows::survey as platform;
use alloc::vec::Vec;

/// Returns all ways to authenticate, best first, including unavailable ones.
pub fn survey() -> Vec<Finding> {
    platform::survey(&Options { target: "HTTP/localhost".into(), ..Options::default() })
}
