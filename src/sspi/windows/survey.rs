//! What this user could sign on with.

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

/// The packages, and who is signed on. Whether there is a ticket shows only in a handshake.
pub fn survey(options: &Options) -> Vec<Finding> {
    let of = |mechanism, package, identity| Finding {
        mechanism,
        source: String::from("SSPI"),
        verdict: Credentials::acquire(package, options.explicit.as_ref()).map(|_| identity),
    };
    // A principal name is what a domain gives; without one there is nobody to get a ticket for.
    let principal = user_name(NameUserPrincipal);
    let mut found = Vec::new();
    if principal.is_some() {
        found.push(of(Spoken::Kerberos, Package::Negotiate, principal));
    }
    found.push(of(Spoken::Ntlm, Package::Ntlm, user_name(NameSamCompatible)));
    found
}

/// The name of who is signed on, in a form of it.
fn user_name(format: i32) -> Option<String> {
    let mut length = 0;
    // SAFETY: without room, Windows only says how much would be needed.
    unsafe { GetUserNameExW(format, ptr::null_mut(), &raw mut length) };
    if length == 0 {
        return None;
    }
    let mut units = vec![0_u16; length as usize + 1];
    // SAFETY: there is as much room as the length says, and a zero behind it in any case.
    if !unsafe { GetUserNameExW(format, units.as_mut_ptr(), &raw mut length) } {
        return None;
    }
    // SAFETY: the last unit is a zero.
    unsafe { text::read(units.as_ptr()) }.filter(|name| !name.is_empty())
}
