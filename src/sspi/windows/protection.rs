//! Signs and seals messages with a complete context (MakeSignature, EncryptMessage and their counterparts).

use super::context::{Context, buffer, describe};
use super::status;
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::token::Spoken;
use alloc::vec;
use alloc::vec::Vec;
use core::ptr;
use windows_sys::Win32::Security::Authentication::Identity::{
    DecryptMessage, EncryptMessage, MakeSignature, SECBUFFER_DATA, SECBUFFER_PADDING, SECBUFFER_STREAM,
    SECBUFFER_TOKEN, SecBuffer, VerifySignature,
};
use windows_sys::core::HRESULT;
use zeroize::Zeroizing;

/// The size of an NTLM signature (MS-NLMP 2.2.2.9).
const NTLM_SIGNATURE: usize = 16;

/// Signs a message.
pub fn sign(context: &Context, message: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut signature = vec![0; context.sizes()?.cbMaxSignature as usize];
    let mut buffers = [buffer(SECBUFFER_DATA, message), writable(SECBUFFER_TOKEN, &mut signature)];
    let description = describe(&mut buffers);
    // SAFETY: the message is only read; the signature buffer has the reported size.
    checked(unsafe { MakeSignature(context.handle()?, 0, &raw const description, 0) })?;
    signature.truncate(length(buffers.get(1)));
    Ok(signature)
}

/// Verifies the peer's signature of a message.
pub fn verify(context: &Context, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
    let mut buffers = [buffer(SECBUFFER_DATA, message), buffer(SECBUFFER_TOKEN, signature)];
    let description = describe(&mut buffers);
    let mut quality = 0;
    // SAFETY: both buffers are only read.
    checked(unsafe { VerifySignature(context.handle()?, &raw const description, 0, &raw mut quality) })
}

/// Seals a message and returns it with its signature.
pub fn seal(context: &Context, message: &[u8]) -> Result<Vec<u8>, Failure> {
    let sizes = context.sizes()?;
    let (mut head, mut padding) = (vec![0; sizes.cbSecurityTrailer as usize], vec![0; sizes.cbBlockSize as usize]);
    let mut sealed = message.to_vec();
    let mut buffers = [
        writable(SECBUFFER_TOKEN, &mut head),
        writable(SECBUFFER_DATA, &mut sealed),
        writable(SECBUFFER_PADDING, &mut padding),
    ];
    let description = describe(&mut buffers);
    // SAFETY: the buffers have the reported sizes and are valid until the call returns.
    checked(unsafe { EncryptMessage(context.handle()?, 0, &raw const description, 0) })?;
    head.truncate(length(buffers.first()));
    sealed.truncate(length(buffers.get(1)));
    padding.truncate(length(buffers.get(2)));
    Ok([head, sealed, padding].concat())
}

/// Unseals a message.
pub fn unseal(context: &Context, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(sealed.to_vec());
    let mut quality = 0;
    if context.spoken() == Some(Spoken::Kerberos) {
        let mut buffers = [writable(SECBUFFER_STREAM, &mut bytes), buffer(SECBUFFER_DATA, &[])];
        let description = describe(&mut buffers);
        // SAFETY: the bytes are decrypted in place.
        checked(unsafe { DecryptMessage(context.handle()?, &raw const description, 0, &raw mut quality) })?;
        let found = buffers.get(1).copied().unwrap_or_default();
        let start = (found.pvBuffer as usize).checked_sub(bytes.as_ptr() as usize);
        let message = start.and_then(|start| bytes.get(start..start.checked_add(found.cbBuffer as usize)?));
        return message.map(|message| Zeroizing::new(message.to_vec())).ok_or_else(|| Reason::SignatureMismatch.into());
    }
    let Some((signature, sealed)) = bytes.split_at_mut_checked(NTLM_SIGNATURE) else {
        return Err(Reason::SignatureMismatch.into());
    };
    let mut buffers = [writable(SECBUFFER_TOKEN, signature), writable(SECBUFFER_DATA, sealed)];
    let description = describe(&mut buffers);
    // SAFETY: as above.
    checked(unsafe { DecryptMessage(context.handle()?, &raw const description, 0, &raw mut quality) })?;
    Ok(Zeroizing::new(sealed.to_vec()))
}

fn writable(kind: u32, bytes: &mut [u8]) -> SecBuffer {
    let pointer = if bytes.is_empty() { ptr::null_mut() } else { bytes.as_mut_ptr().cast() };
    SecBuffer { cbBuffer: bytes.len() as u32, BufferType: kind, pvBuffer: pointer }
}

fn length(buffer: Option<&SecBuffer>) -> usize {
    buffer.map_or(0, |buffer| buffer.cbBuffer as usize)
}

fn checked(status: HRESULT) -> Result<(), Failure> {
    if status < 0 { Err(status::failure(status)) } else { Ok(()) }
}
