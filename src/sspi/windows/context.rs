//! A security context: the handshake and its result.

use super::credentials::Credentials;
use super::status;
use super::text::{self, Wide};
use crate::sspi::alive::Counted;
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::token::Spoken;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr;
use windows_sys::Win32::Foundation::{
    SEC_E_OK, SEC_I_COMPLETE_AND_CONTINUE, SEC_I_COMPLETE_NEEDED, SEC_I_CONTINUE_NEEDED,
};
use windows_sys::Win32::Security::Authentication::Identity::{
    CompleteAuthToken, DeleteSecurityContext, FreeContextBuffer, InitializeSecurityContextW, QueryContextAttributesW,
    SECBUFFER_CHANNEL_BINDINGS, SECBUFFER_TOKEN, SECBUFFER_VERSION, SECPKG_ATTR, SECPKG_ATTR_NAMES,
    SECPKG_ATTR_NATIVE_NAMES, SECPKG_ATTR_NEGOTIATION_INFO, SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_SIZES,
    SECURITY_NATIVE_DREP, SecBuffer, SecBufferDesc, SecPkgContext_NamesW, SecPkgContext_NativeNamesW,
    SecPkgContext_NegotiationInfoW, SecPkgContext_SessionKey, SecPkgContext_Sizes,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use zeroize::{Zeroize, Zeroizing};

/// Larger than any token: Kerberos tickets grow with the number of the user's groups, up to this size.
const MAX_TOKEN: usize = 65_535;

/// The parameters of each call.
pub struct Request<'a> {
    /// The service principal name.
    pub target: &'a Wide,
    /// ISC_REQ_ flags.
    pub flags: u32,
    /// The SEC_CHANNEL_BINDINGS structure with its data.
    pub channel_bindings: Option<&'a [u8]>,
}

/// A context, deleted when dropped. Its credentials must outlive it.
pub struct Context {
    handle: Option<SecHandle>,
    complete: bool,
    counted: Option<Counted>,
}

impl Context {
    /// Creates an empty context.
    pub const fn new() -> Self {
        Context { handle: None, complete: false, counted: None }
    }

    /// Returns whether Windows considers the handshake complete.
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Processes the peer's token and returns the next one, which may be empty.
    pub fn step(
        &mut self,
        credentials: &Credentials,
        request: &Request<'_>,
        token: Option<&[u8]>,
    ) -> Result<Vec<u8>, Failure> {
        let mut input: Vec<SecBuffer> = Vec::new();
        input.extend(token.map(|token| buffer(SECBUFFER_TOKEN, token)));
        input.extend(request.channel_bindings.map(|bindings| buffer(SECBUFFER_CHANNEL_BINDINGS, bindings)));
        let input_description = describe(&mut input);
        let mut made = vec![0; MAX_TOKEN];
        let mut output =
            [SecBuffer { cbBuffer: MAX_TOKEN as u32, BufferType: SECBUFFER_TOKEN, pvBuffer: made.as_mut_ptr().cast() }];
        let mut output_description = describe(&mut output);
        let mut next = self.handle.unwrap_or_default();
        let mut attributes = 0;
        // SAFETY: all buffers are valid until the call returns, with correct lengths. `next` may be the same handle.
        let status = unsafe {
            InitializeSecurityContextW(
                credentials.handle(),
                self.handle.as_ref().map_or(ptr::null(), ptr::from_ref),
                request.target.as_ptr(),
                request.flags,
                0,
                SECURITY_NATIVE_DREP,
                if input_description.cBuffers == 0 { ptr::null() } else { &raw const input_description },
                0,
                &raw mut next,
                &raw mut output_description,
                &raw mut attributes,
                ptr::null_mut(),
            )
        };
        if status < 0 {
            return Err(status::failure(status));
        }
        self.handle = Some(next);
        self.counted.get_or_insert_with(Counted::context);
        if matches!(status, SEC_I_COMPLETE_NEEDED | SEC_I_COMPLETE_AND_CONTINUE) {
            // SAFETY: the context exists, and the buffer holds the token that the call above made.
            let status = unsafe { CompleteAuthToken(&raw const next, &raw const output_description) };
            if status < 0 {
                return Err(status::failure(status));
            }
        }
        self.complete = matches!(status, SEC_E_OK | SEC_I_COMPLETE_NEEDED);
        if !self.complete && !matches!(status, SEC_I_CONTINUE_NEEDED | SEC_I_COMPLETE_AND_CONTINUE) {
            return Err(status::failure(status));
        }
        made.truncate(output.first().map_or(0, |buffer| buffer.cbBuffer as usize));
        Ok(made)
    }

    /// Returns the handle, if there is one.
    pub fn handle(&self) -> Result<&SecHandle, Failure> {
        self.handle.as_ref().ok_or_else(|| Reason::NotSupported.into())
    }

    /// Returns the sizes of signatures and trailers.
    pub fn sizes(&self) -> Result<SecPkgContext_Sizes, Failure> {
        let mut sizes = SecPkgContext_Sizes::default();
        self.query(SECPKG_ATTR_SIZES, &mut sizes)?;
        Ok(sizes)
    }

    /// Returns the mechanism that Negotiate chose.
    pub fn spoken(&self) -> Option<Spoken> {
        let mut info = SecPkgContext_NegotiationInfoW::default();
        self.query(SECPKG_ATTR_NEGOTIATION_INFO, &mut info).ok()?;
        let package = Allocated::new(info.PackageInfo)?;
        // SAFETY: Windows filled in the structure; its name is a string.
        let name = unsafe { text::read((*package.0).Name) }?;
        match name.as_str() {
            "Kerberos" => Some(Spoken::Kerberos),
            "NTLM" => Some(Spoken::Ntlm),
            _ => None,
        }
    }

    /// Returns the authenticated identity.
    pub fn identity(&self) -> Option<String> {
        let mut both = SecPkgContext_NativeNamesW::default();
        if self.query(SECPKG_ATTR_NATIVE_NAMES, &mut both).is_ok() {
            let (client, _server) = (Allocated::new(both.sClientName), Allocated::new(both.sServerName));
            // SAFETY: Windows returned a string.
            let name = client.and_then(|client| unsafe { text::read(client.0) });
            if name.is_some() {
                return name;
            }
        }
        let mut names = SecPkgContext_NamesW::default();
        self.query(SECPKG_ATTR_NAMES, &mut names).ok()?;
        let name = Allocated::new(names.sUserName)?;
        // SAFETY: Windows returned a string.
        unsafe { text::read(name.0) }
    }

    /// Returns the session key.
    pub fn session_key(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut key = SecPkgContext_SessionKey::default();
        self.query(SECPKG_ATTR_SESSION_KEY, &mut key)?;
        let bytes = Allocated::new(key.SessionKey).ok_or(Reason::NotSupported)?;
        // SAFETY: Windows allocated that many bytes.
        let shown = unsafe { core::slice::from_raw_parts_mut(bytes.0, key.SessionKeyLength as usize) };
        let copy = Zeroizing::new(shown.to_vec());
        shown.zeroize();
        Ok(copy)
    }

    fn query<T>(&self, attribute: SECPKG_ATTR, into: &mut T) -> Result<(), Failure> {
        let handle = self.handle()?;
        // SAFETY: each caller passes the structure of its attribute.
        let status = unsafe { QueryContextAttributesW(handle, attribute, ptr::from_mut(into).cast::<c_void>()) };
        if status < 0 { Err(status::failure(status)) } else { Ok(()) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            // SAFETY: the handle came from InitializeSecurityContextW and is deleted once.
            unsafe { DeleteSecurityContext(&raw const handle) };
        }
    }
}

/// Memory allocated by Windows, released when dropped.
struct Allocated<T>(*mut T);

impl<T> Allocated<T> {
    fn new(pointer: *mut T) -> Option<Self> {
        if pointer.is_null() { None } else { Some(Allocated(pointer)) }
    }
}

impl<T> Drop for Allocated<T> {
    fn drop(&mut self) {
        // SAFETY: it came from a query of this context, and is released once.
        unsafe { FreeContextBuffer(self.0.cast()) };
    }
}

/// An input buffer.
pub fn buffer(kind: u32, bytes: &[u8]) -> SecBuffer {
    SecBuffer { cbBuffer: bytes.len() as u32, BufferType: kind, pvBuffer: bytes.as_ptr().cast_mut().cast() }
}

/// A descriptor of buffers. The buffers must outlive it.
pub fn describe(buffers: &mut [SecBuffer]) -> SecBufferDesc {
    SecBufferDesc { ulVersion: SECBUFFER_VERSION, cBuffers: buffers.len() as u32, pBuffers: buffers.as_mut_ptr() }
}
