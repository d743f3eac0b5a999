//! A credentials handle: for the signed-in user, or for a user name and password.

use super::status;
use super::text::Wide;
use crate::sspi::alive::Counted;
use crate::sspi::failure::Failure;
use crate::sspi::options::{Explicit, Package};
use core::ffi::c_void;
use core::ptr;
use windows_sys::Win32::Security::Authentication::Identity::{
    AcquireCredentialsHandleW, FreeCredentialsHandle, SECPKG_CRED_OUTBOUND,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::Win32::System::Rpc::{SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_W};

impl Package {
    /// Returns its name in SSPI.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Package::Negotiate => "Negotiate",
            Package::Ntlm => "NTLM",
        }
    }
}

/// A handle, freed when dropped.
pub struct Credentials {
    handle: SecHandle,
    _counted: Counted,
}

impl Credentials {
    /// Acquires the signed-in user's credentials, or those of a user name and password.
    pub fn acquire(package: Package, explicit: Option<&Explicit>) -> Result<Self, Failure> {
        let mut identity = explicit.map(Identity::new);
        let mut identity = identity.as_mut().map(Identity::as_windows_has_it);
        let auth_data = identity.as_mut().map_or(ptr::null(), |identity| ptr::from_mut(identity).cast::<c_void>());
        let package = Wide::new(package.name());
        let mut handle = SecHandle::default();
        // SAFETY: all pointers are valid until the call returns; SSPI copies what it keeps.
        let status = unsafe {
            AcquireCredentialsHandleW(
                ptr::null(),
                package.as_ptr(),
                SECPKG_CRED_OUTBOUND,
                ptr::null(),
                auth_data,
                None,
                ptr::null(),
                &raw mut handle,
                ptr::null_mut(),
            )
        };
        if status < 0 {
            Err(status::failure(status))
        } else {
            Ok(Credentials { handle, _counted: Counted::credential() })
        }
    }

    /// Returns the handle.
    pub const fn handle(&self) -> &SecHandle {
        &self.handle
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: the handle came from AcquireCredentialsHandleW and is freed once.
        unsafe { FreeCredentialsHandle(&raw const self.handle) };
    }
}

/// The strings of an identity, to which the Windows structure points. They are wiped after the call.
struct Identity {
    user: Wide,
    domain: Wide,
    password: Wide,
}

impl Identity {
    fn new(explicit: &Explicit) -> Self {
        let (user, domain) = explicit.parts();
        Identity {
            user: Wide::new(user),
            domain: Wide::new(domain.unwrap_or_default()),
            password: Wide::new(explicit.password.expose()),
        }
    }

    fn as_windows_has_it(&mut self) -> SEC_WINNT_AUTH_IDENTITY_W {
        SEC_WINNT_AUTH_IDENTITY_W {
            User: self.user.as_mut_ptr(),
            UserLength: self.user.len(),
            Domain: self.domain.as_mut_ptr(),
            DomainLength: self.domain.len(),
            Password: self.password.as_mut_ptr(),
            PasswordLength: self.password.len(),
            Flags: SEC_WINNT_AUTH_IDENTITY_UNICODE,
        }
    }
}
