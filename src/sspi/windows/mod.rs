//! Windows: the Security Support Provider Interface (secur32), with the packages Negotiate and NTLM.

mod context;
mod credentials;
mod protection;
mod proxy;
mod status;
pub mod survey;
pub mod text;
mod wine;

pub use proxy::proxy_for;

use crate::sspi::failure::Failure;
use crate::sspi::options::{Options, Package};
use crate::sspi::progress::Progress;
use alloc::string::String;
use alloc::vec::Vec;
use context::{Context, Request};
use credentials::Credentials;
use text::Wide;
use windows_sys::Win32::Security::Authentication::Identity::{
    ISC_REQ_CONFIDENTIALITY, ISC_REQ_CONNECTION, ISC_REQ_INTEGRITY, ISC_REQ_MUTUAL_AUTH, ISC_REQ_REPLAY_DETECT,
    ISC_REQ_SEQUENCE_DETECT, SEC_CHANNEL_BINDINGS,
};
use zeroize::Zeroizing;

/// One handshake, and message protection after it.
pub struct Dialogue {
    target: Wide,
    flags: u32,
    channel_bindings: Option<Vec<u8>>,
    // The order of drops: the context before its credentials.
    context: Context,
    credentials: Credentials,
}

impl Dialogue {
    /// Starts a handshake and returns the first token.
    pub fn begin(options: &Options, package: Package) -> Result<(Self, Progress), Failure> {
        let mut dialogue = Dialogue {
            target: Wide::new(&options.target),
            flags: flags(options),
            channel_bindings: options.channel_bindings.as_deref().map(sec_channel_bindings),
            context: Context::new(),
            credentials: Credentials::acquire(package, options.explicit.as_ref())?,
        };
        let progress = dialogue.next(None)?;
        Ok((dialogue, progress))
    }

    /// Processes the server's token. A token after the end is optional for Windows.
    pub fn step(&mut self, token: &[u8]) -> Result<Progress, Failure> {
        if self.context.is_complete() { Ok(Progress { token: None, complete: true }) } else { self.next(Some(token)) }
    }

    /// Returns the authenticated identity, if Windows reports it.
    pub fn identity(&self) -> Option<String> {
        self.context.identity()
    }

    /// Signs a message.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        protection::sign(&self.context, message)
    }

    /// Verifies the peer's signature.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        protection::verify(&self.context, message, signature)
    }

    /// Encrypts and signs a message.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        protection::seal(&self.context, message)
    }

    /// Decrypts and verifies a message.
    pub fn unseal(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        protection::unseal(&self.context, sealed)
    }

    /// Returns the session key.
    pub fn session_key(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.context.session_key()
    }

    fn next(&mut self, token: Option<&[u8]>) -> Result<Progress, Failure> {
        // Wine rejects channel bindings in the first call, which does not use them.
        let early = token.is_none() && wine::is_wine();
        let request = Request {
            target: &self.target,
            flags: self.flags,
            channel_bindings: self.channel_bindings.as_deref().filter(|_| !early),
        };
        let made = self.context.step(&self.credentials, &request, token)?;
        Ok(Progress { token: Some(made).filter(|made| !made.is_empty()), complete: self.context.is_complete() })
    }
}

fn flags(options: &Options) -> u32 {
    let mut flags = ISC_REQ_CONNECTION | ISC_REQ_MUTUAL_AUTH;
    if options.sign || options.seal {
        flags |= ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT;
    }
    if options.seal {
        flags |= ISC_REQ_CONFIDENTIALITY;
    }
    flags
}

/// Builds SEC_CHANNEL_BINDINGS with application data and no addresses.
fn sec_channel_bindings(application_data: &[u8]) -> Vec<u8> {
    let header = size_of::<SEC_CHANNEL_BINDINGS>();
    let fields = [0, 0, 0, 0, 0, 0, application_data.len() as u32, header as u32];
    let mut bytes: Vec<u8> = fields.into_iter().flat_map(u32::to_ne_bytes).collect();
    bytes.extend_from_slice(application_data);
    bytes
}
