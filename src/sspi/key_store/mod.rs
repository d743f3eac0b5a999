//! The key store of the system: Windows Credential Manager, the macOS keychain, or the Secret Service of Linux desktops.
//!
//! Libraries are opened at run time, as for GSS-API: a machine without them still runs everything else.

/// Declares `Library`: functions of a system library by the names of their symbols, loaded on first use and never unloaded.
#[cfg(unix)]
macro_rules! library {
    ($file:expr, $advice:expr, { $($function:ident: $signature:ty = $symbol:literal,)* }) => {
        struct Library {
            $($function: $signature,)*
        }

        impl Library {
            fn get() -> Result<&'static Library, Fault> {
                static LIBRARY: std::sync::OnceLock<Result<Library, Fault>> = std::sync::OnceLock::new();
                LIBRARY.get_or_init(Library::load).as_ref().map_err(Clone::clone)
            }

            fn load() -> Result<Library, Fault> {
                let missing = |error: libloading::Error| Fault::Unavailable {
                    message: alloc::format!("the key store needs {}, which cannot be loaded ({error})", $file),
                    advice: $advice,
                };
                // SAFETY: it is a library of the system, and is never unloaded.
                let library = unsafe { libloading::Library::new($file) }.map_err(missing)?;
                let library = alloc::boxed::Box::leak(alloc::boxed::Box::new(library));
                // SAFETY: the signatures are those of the library's headers.
                unsafe { Ok(Library { $($function: *library.get($symbol).map_err(missing)?,)* }) }
            }
        }
    };
}

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
