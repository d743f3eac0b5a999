//! Finds the signed-in user's credentials.

use super::credentials::Credentials;
use super::text;
use crate::sspi::finding::Finding;
use crate::sspi::options::{Options, Package};
use crate::sspi::token::Spoken;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ptr;
use windows_sys::Win32::Security::Authentication::Identity::{GetUserNameExW, NameSamCompatible, NameUserPrincipal};

/// Returns the packages and the signed-in user. Only a handshake shows whether there is a ticket.
pub fn survey(options: &Options) -> Vec<Finding> {
    let of = |mechanism, package, identity| Finding {
        mechanism,
        source: String::from("SSPI"),
        verdict: Credentials::acquire(package, options.explicit.as_ref()).map(|_| identity),
    };
    // Only domain users have a principal name; without one there is no Kerberos ticket.
    let principal = user_name(NameUserPrincipal);
    let mut found = Vec::new();
    if principal.is_some() {
        found.push(of(Spoken::Kerberos, Package::Negotiate, principal));
    }
    found.push(of(Spoken::Ntlm, Package::Ntlm, user_name(NameSamCompatible)));
    found
}

/// Returns the signed-in user's name in a given format.
fn user_name(format: i32) -> Option<String> {
    let mut length = 0;
    // SAFETY: without a buffer, Windows only returns the required size.
    unsafe { GetUserNameExW(format, ptr::null_mut(), &raw mut length) };
    if length == 0 {
        return None;
    }
    let mut units = vec![0_u16; length as usize + 1];
    // SAFETY: the buffer has the given length, and one more unit for the terminator.
    if !unsafe { GetUserNameExW(format, units.as_mut_ptr(), &raw mut length) } {
        return None;
    }
    // SAFETY: the last unit is the terminator.
    unsafe { text::read(units.as_ptr()) }.filter(|name| !name.is_empty())
}
