//! One GSS-API handshake, and message protection after it.

use crate::sspi::alive::Counted;
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::gss::credential::Credential;
use crate::sspi::gss::library::{Buffer, ChannelBindings, Handle, Library, Oid};
use crate::sspi::gss::name::Name;
use crate::sspi::gss::{oids, status};
use crate::sspi::options::Options;
use crate::sspi::progress::Progress;
use alloc::string::String;
use alloc::vec::Vec;
use core::ptr;
use zeroize::Zeroizing;

// Request flags (RFC 2744 4).
const MUTUAL: u32 = 2;
const REPLAY: u32 = 4;
const SEQUENCE: u32 = 8;
const CONFIDENTIALITY: u32 = 16;
const INTEGRITY: u32 = 32;

/// A security context, released when dropped.
pub struct Context {
    library: &'static Library,
    raw: Handle,
    mechanism: &'static Oid,
    credential: Credential,
    target: Name,
    bindings: Option<Vec<u8>>,
    flags: u32,
    complete: bool,
    _counted: Counted,
}

// SAFETY: a context is not bound to a thread, and this is its only owner.
unsafe impl Send for Context {}

impl Context {
    /// Starts a handshake. SPNEGO offers all mechanisms with credentials, or only one.
    pub fn begin(
        library: &'static Library,
        options: &Options,
        mechanism: &'static Oid,
        only: Option<&Oid>,
    ) -> Result<(Self, Progress), Failure> {
        let begun = Self::first_step(library, options, mechanism, only);
        begun.map_err(|failure| Credential::missing(library, options, mechanism, failure))
    }

    fn first_step(
        library: &'static Library,
        options: &Options,
        mechanism: &'static Oid,
        only: Option<&Oid>,
    ) -> Result<(Self, Progress), Failure> {
        let credential = Credential::acquire(library, options, mechanism)?;
        if let Some(only) = only {
            credential.limit_to(only)?;
        }
        // Request mutual authentication. Without a request, NTLM would not sign.
        let mut flags = MUTUAL | REPLAY;
        if options.sign || options.seal {
            flags |= SEQUENCE | INTEGRITY;
        }
        if options.seal {
            flags |= CONFIDENTIALITY;
        }
        let mut context = Context {
            library,
            raw: ptr::null_mut(),
            mechanism,
            credential,
            target: Name::service(library, &options.target)?,
            bindings: options.channel_bindings.clone(),
            flags,
            complete: false,
            _counted: Counted::context(),
        };
        let progress = context.step(&[])?;
        Ok((context, progress))
    }

    /// Processes the server's token, which is empty for the first step.
    pub fn step(&mut self, token: &[u8]) -> Result<Progress, Failure> {
        if self.complete {
            return Ok(Progress { token: None, complete: true });
        }
        let bindings = self.bindings.as_deref().map(ChannelBindings::over);
        let bindings = bindings.as_ref().map_or(ptr::null(), ptr::from_ref);
        let (mut minor, mut answer) = (0, Buffer::EMPTY);
        let input = Buffer::over(token);
        let input = if token.is_empty() { ptr::null() } else { ptr::from_ref(&input) };
        // SAFETY: all pointers are to `self` or locals; the output is released by `bytes`.
        let major = unsafe {
            (self.library.gss_init_sec_context)(
                &mut minor,
                self.credential.raw(),
                &mut self.raw,
                self.target.raw(),
                self.mechanism.as_ptr(),
                self.flags,
                0,
                bindings,
                input,
                ptr::null_mut(),
                &mut answer,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let answer = self.library.bytes(&mut answer);
        if status::is_error(major) {
            return Err(status::failure(self.library, major, minor, self.mechanism));
        }
        self.complete = major & status::CONTINUE_NEEDED == 0;
        Ok(Progress { token: Some(answer).filter(|token| !token.is_empty()), complete: self.complete })
    }

    /// Returns the identity: from the context once it is complete, from the credential before.
    pub fn identity(&self) -> Option<String> {
        let mut name = ptr::null_mut();
        if self.complete {
            let (none, number, word) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
            let (oid, boolean) = (ptr::null_mut(), ptr::null_mut());
            // SAFETY: the context is valid; the name is released when dropped.
            unsafe {
                let inquire = self.library.gss_inquire_context;
                inquire(&mut 0, self.raw, &mut name, none, number, oid, word, boolean, boolean)
            };
        }
        Name::owned(self.library, name).text().or_else(|| self.credential.identity())
    }

    /// Returns the session key, if the mechanism exports it.
    pub fn session_key(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (Some(inquire), Some(release)) =
            (self.library.gss_inquire_sec_context_by_oid, self.library.gss_release_buffer_set)
        else {
            return Err(Reason::NotSupported.into());
        };
        let (mut minor, mut set) = (0, ptr::null_mut());
        // SAFETY: the context is valid; the set is read before it is released.
        unsafe {
            let major = inquire(&mut minor, self.raw, oids::SESSION_KEY.as_ptr(), &mut set);
            let first = set.as_ref().filter(|set| set.count > 0).and_then(|set| set.elements.as_ref());
            let key = first.map(|key| core::slice::from_raw_parts(key.value.cast::<u8>(), key.length).to_vec());
            release(&mut 0, &mut set);
            match key {
                Some(key) if !status::is_error(major) => Ok(Zeroizing::new(key)),
                _ => Err(self.failure(major, minor)),
            }
        }
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let (mut minor, mut signature) = (0, Buffer::EMPTY);
        // SAFETY: the message is only read; the signature is released by `bytes`.
        let major =
            unsafe { (self.library.gss_get_mic)(&mut minor, self.raw, 0, &Buffer::over(message), &mut signature) };
        let signature = self.library.bytes(&mut signature);
        self.judge(major, minor).map(|()| signature)
    }

    /// Verifies a signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        let mut minor = 0;
        // SAFETY: both are only read.
        let major = unsafe {
            let verify = self.library.gss_verify_mic;
            verify(&mut minor, self.raw, &Buffer::over(message), &Buffer::over(signature), ptr::null_mut())
        };
        self.judge(major, minor)
    }

    /// Encrypts and signs a message.
    pub fn seal(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        let (mut minor, mut confidential, mut sealed) = (0, 0, Buffer::EMPTY);
        // SAFETY: the message is only read; the output is released by `bytes`.
        let major = unsafe {
            let wrap = self.library.gss_wrap;
            wrap(&mut minor, self.raw, 1, 0, &Buffer::over(message), &mut confidential, &mut sealed)
        };
        let sealed = self.library.bytes(&mut sealed);
        self.judge(major, minor)?;
        if confidential == 0 { Err(Reason::NotSupported.into()) } else { Ok(sealed) }
    }

    /// Decrypts and verifies a message.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (mut minor, mut confidential, mut message) = (0, 0, Buffer::EMPTY);
        // SAFETY: as in `seal`.
        let major = unsafe {
            let unwrap = self.library.gss_unwrap;
            unwrap(&mut minor, self.raw, &Buffer::over(sealed), &mut message, &mut confidential, ptr::null_mut())
        };
        let message = Zeroizing::new(self.library.bytes(&mut message));
        self.judge(major, minor)?;
        if confidential == 0 { Err(Reason::SignatureMismatch.into()) } else { Ok(message) }
    }

    /// Rejects messages that are repeated, late or out of order, which the library only flags.
    fn judge(&self, major: u32, minor: u32) -> Result<(), Failure> {
        if major == status::COMPLETE { Ok(()) } else { Err(self.failure(major, minor)) }
    }

    fn failure(&self, major: u32, minor: u32) -> Failure {
        status::failure(self.library, major, minor, self.mechanism)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: this is the only owner.
            unsafe { (self.library.gss_delete_sec_context)(&mut 0, &mut self.raw, ptr::null_mut()) };
        }
    }
}
