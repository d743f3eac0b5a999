//! The key store of the system: Windows Credential Manager, the macOS keychain, or the Secret Service of Linux desktops.
//!
//! Libraries are opened at run time, as for GSS-API: a machine without them still runs everything else.

#[cfg(all(unix, not(target_vendor = "apple")))]
mod libsecret;
#[cfg(target_vendor = "apple")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_vendor = "apple")))]
use libsecret as system;
#[cfg(target_vendor = "apple")]
use macos as system;
#[cfg(windows)]
use windows as system;

use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// Under which entries are filed, in addition to their name.
const SERVICE: &str = "ntlm-wasm";

/// What the key store is called.
pub const NAME: &str = system::NAME;

/// Why the key store cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is none, or it does not run for this user.
    Unavailable {
        /// What happened.
        message: String,
        /// What to do about it.
        advice: &'static str,
    },
    /// It refused.
    Refused {
        /// What happened.
        message: String,
    },
}

impl Fault {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Fault::Unavailable { .. } => "ERR_NTLM_KEY_STORE_UNAVAILABLE",
            Fault::Refused { .. } => "ERR_NTLM_KEY_STORE_REFUSED",
        }
    }

    /// What happened, in one sentence.
    pub fn message(&self) -> &str {
        match self {
            Fault::Unavailable { message, .. } | Fault::Refused { message } => message,
        }
    }

    /// What to do about it, in one sentence.
    pub const fn advice(&self) -> &'static str {
        match self {
            Fault::Unavailable { advice, .. } => advice,
            Fault::Refused { .. } => "unlock the key store of this session, and try again",
        }
    }
}

/// The secret of this name, if there is one.
pub fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    system::read(name)
}

/// Stores a secret in place of the one that was there. The label is what the key store's own program shows.
pub fn write(name: &str, label: &str, secret: &[u8]) -> Result<(), Fault> {
    system::write(name, label, secret)
}

/// Deletes the secret of this name. False if there was none.
pub fn delete(name: &str) -> Result<bool, Fault> {
    system::delete(name)
}
