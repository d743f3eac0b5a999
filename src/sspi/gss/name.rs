//! Names of services and users.

use crate::sspi::failure::{Failure, Reason};
use crate::sspi::gss::library::{Buffer, Handle, Library, Oid};
use crate::sspi::gss::oids;
use crate::sspi::gss::status;
use alloc::format;
use alloc::string::String;
use core::ptr;

/// A name, released when dropped.
pub struct Name {
    library: &'static Library,
    raw: Handle,
}

// SAFETY: a name is not bound to a thread, and this is its only owner.
unsafe impl Send for Name {}

impl Name {
    /// Imports a service principal name: `HTTP/host` or `HTTP/host@REALM`.
    pub fn service(library: &'static Library, target: &str) -> Result<Self, Failure> {
        match target.split_once('/') {
            _ if target.contains('@') => Self::import(library, target, &oids::PRINCIPAL_NAME),
            Some((service, host)) => Self::import(library, &format!("{service}@{host}"), &oids::SERVICE_NAME),
            None => Self::import(library, &format!("HTTP@{target}"), &oids::SERVICE_NAME),
        }
        .map_err(|failure| failure.because(Reason::TargetUnknown))
    }

    /// Imports a user name in the form that the mechanism requires.
    pub fn user(library: &'static Library, name: &str) -> Result<Self, Failure> {
        Self::import(library, name, &oids::USER_NAME)
    }

    fn import(library: &'static Library, text: &str, kind: &Oid) -> Result<Self, Failure> {
        let (mut minor, mut raw) = (0, ptr::null_mut());
        // SAFETY: the text is only read; the name is released when dropped.
        let major =
            unsafe { (library.gss_import_name)(&mut minor, &Buffer::over(text.as_bytes()), kind.as_ptr(), &mut raw) };
        let name = Name { library, raw };
        if status::is_error(major) {
            return Err(status::failure(library, major, minor, &oids::KERBEROS));
        }
        Ok(name)
    }

    /// Takes ownership of a name from the library.
    pub const fn owned(library: &'static Library, raw: Handle) -> Self {
        Name { library, raw }
    }

    pub const fn raw(&self) -> Handle {
        self.raw
    }

    /// Returns the display form.
    pub fn text(&self) -> Option<String> {
        if self.raw.is_null() {
            return None;
        }
        let mut buffer = Buffer::EMPTY;
        // SAFETY: the name is valid, and the text is released by `text`.
        unsafe { (self.library.gss_display_name)(&mut 0, self.raw, &mut buffer, ptr::null_mut()) };
        Some(self.library.text(&mut buffer)).filter(|text| !text.is_empty())
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: this is the only owner.
            unsafe { (self.library.gss_release_name)(&mut 0, &mut self.raw) };
        }
    }
}
