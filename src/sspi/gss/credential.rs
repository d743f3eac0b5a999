//! Credentials: tickets, or a user name and password.

use crate::sspi::alive::Counted;
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::gss::library::{Buffer, Handle, Library, Oid, OidSet, Store, StoreEntry};
use crate::sspi::gss::name::Name;
use crate::sspi::gss::{oids, status};
use crate::sspi::options::{Explicit, Options};
use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use core::ptr;

/// `GSS_C_INITIATE`.
const INITIATE: i32 = 1;
/// The longest lifetime.
const INDEFINITE: u32 = u32::MAX;

/// A credential, released when dropped.
pub struct Credential {
    library: &'static Library,
    raw: Handle,
    _counted: Counted,
}

// SAFETY: a credential is not bound to a thread, and this is its only owner.
unsafe impl Send for Credential {}

impl Credential {
    /// Acquires the credential that the options select, for one mechanism.
    pub fn acquire(library: &'static Library, options: &Options, mechanism: &Oid) -> Result<Self, Failure> {
        if let Some(explicit) = &options.explicit {
            return Self::explicit(library, explicit, mechanism);
        }
        let (principal, cache) = (options.principal.as_deref(), options.credential_cache.as_deref());
        Self::own(library, mechanism, principal, cache)
    }

    /// Returns the error for missing default credentials. Some mechanisms report it only when a handshake starts.
    pub fn missing(library: &Library, options: &Options, mechanism: &Oid, failure: Failure) -> Failure {
        let vague = matches!(failure.reason(), Reason::Unavailable | Reason::NoCredentials | Reason::Failed);
        match mechanism.content() {
            _ if !vague || options.explicit.is_some() => failure,
            content if content == oids::KERBEROS.content() => without_ticket(options),
            content if content == oids::NTLMSSP.content() => without_ntlm(library),
            _ => failure,
        }
    }

    /// Acquires the user's credential, for a principal and from a ticket cache if given.
    fn own(
        library: &'static Library,
        mechanism: &Oid,
        principal: Option<&str>,
        cache: Option<&str>,
    ) -> Result<Self, Failure> {
        let name = principal.map(|name| Name::user(library, name)).transpose()?;
        let name = name.as_ref().map_or(ptr::null_mut(), Name::raw);
        let set = OidSet { count: 1, elements: mechanism.as_ptr() };
        let (mut minor, mut raw) = (0, ptr::null_mut());
        let (unset, forever) = (ptr::null_mut(), ptr::null_mut());
        let major = match (cache, library.gss_acquire_cred_from) {
            // SAFETY: name and set are locals; the credential is released when dropped.
            (None, _) => unsafe {
                (library.gss_acquire_cred)(&mut minor, name, INDEFINITE, &set, INITIATE, &mut raw, unset, forever)
            },
            (Some(_), None) => {
                return Err(Failure::told(
                    Reason::NotSupported,
                    format!("{} cannot select a ticket cache", library.file()),
                ));
            }
            (Some(cache), Some(acquire_from)) => {
                let cache = CString::new(cache).map_err(|_| Failure::from(Reason::NoCredentials))?;
                let entry = StoreEntry { key: c"ccache".as_ptr(), value: cache.as_ptr() };
                let store = Store { count: 1, elements: &entry };
                // SAFETY: as above; the store is a local too.
                unsafe { acquire_from(&mut minor, name, INDEFINITE, &set, INITIATE, &store, &mut raw, unset, forever) }
            }
        };
        Self::made(library, major, minor, raw, mechanism)
    }

    /// Acquires a credential with a user name and password.
    fn explicit(library: &'static Library, explicit: &Explicit, mechanism: &Oid) -> Result<Self, Failure> {
        let acquire = library
            .gss_acquire_cred_with_password
            .ok_or_else(|| Failure::told(Reason::NotSupported, format!("{} takes no passwords", library.file())))?;
        // Kerberos needs a realm; NTLM knows domains by their short names.
        let name = match explicit.parts() {
            (user, Some(_)) if explicit.names_realm() && user.contains('@') => user.to_string(),
            (user, Some(realm)) if explicit.names_realm() => format!("{user}@{}", realm.to_uppercase()),
            (user, Some(domain)) => format!("{domain}\\{user}"),
            (user, None) => user.to_string(),
        };
        let name = Name::user(library, &name)?;
        let set = OidSet { count: 1, elements: mechanism.as_ptr() };
        let (mut minor, mut raw) = (0, ptr::null_mut());
        let password = Buffer::over(explicit.password.expose().as_bytes());
        let (unset, forever) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: name, password and set are locals; the credential is released when dropped.
        let major =
            unsafe { acquire(&mut minor, name.raw(), &password, INDEFINITE, &set, INITIATE, &mut raw, unset, forever) };
        Self::made(library, major, minor, raw, mechanism)
    }

    fn made(library: &'static Library, major: u32, minor: u32, raw: Handle, mechanism: &Oid) -> Result<Self, Failure> {
        if status::is_error(major) {
            return Err(status::failure(library, major, minor, mechanism));
        }
        Ok(Credential { library, raw, _counted: Counted::credential() })
    }

    /// Restricts SPNEGO to one mechanism.
    pub fn limit_to(&self, mechanism: &Oid) -> Result<(), Failure> {
        let Some(set_neg_mechs) = self.library.gss_set_neg_mechs else {
            return Err(Failure::told(Reason::NotSupported, format!("{} always offers all", self.library.file())));
        };
        let set = OidSet { count: 1, elements: mechanism.as_ptr() };
        let mut minor = 0;
        // SAFETY: the credential is valid, and the set is copied.
        let major = unsafe { set_neg_mechs(&mut minor, self.raw, &set) };
        if status::is_error(major) {
            return Err(status::failure(self.library, major, minor, &oids::SPNEGO));
        }
        Ok(())
    }

    pub const fn raw(&self) -> Handle {
        self.raw
    }

    /// Returns the name of the owner.
    pub fn identity(&self) -> Option<String> {
        let mut name = ptr::null_mut();
        let (lifetime, usage, mechanisms) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: the credential is valid; the name is released when dropped.
        unsafe { (self.library.gss_inquire_cred)(&mut 0, self.raw, &mut name, lifetime, usage, mechanisms) };
        Name::owned(self.library, name).text()
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        // SAFETY: this is the only owner.
        unsafe { (self.library.gss_release_cred)(&mut 0, &mut self.raw) };
    }
}

/// The error for a missing ticket.
fn without_ticket(options: &Options) -> Failure {
    let whose = match (&options.principal, &options.credential_cache) {
        (Some(name), Some(cache)) => format!("there is no Kerberos ticket for {name} in {cache}"),
        (Some(name), None) => format!("there is no Kerberos ticket for {name}"),
        (None, Some(cache)) => format!("there is no Kerberos ticket in {cache}"),
        (None, None) => "there is no Kerberos ticket".into(),
    };
    Failure::described(Reason::NoCredentials, whose, "run kinit, or log on to the domain; klist lists the tickets")
}

/// The error for missing NTLM credentials.
fn without_ntlm(library: &Library) -> Failure {
    if library.has(&oids::NTLMSSP) {
        return Failure::described(
            Reason::NoCredentials,
            "gss-ntlmssp has no password for this user",
            "set NTLM_USER_FILE to a credentials file, or let winbind store the password (wbinfo --ccache-save)",
        );
    }
    Failure::described(
        Reason::Unavailable,
        "gss-ntlmssp is not installed",
        "install the package gss-ntlmssp or winbind, or give explicit credentials",
    )
}
