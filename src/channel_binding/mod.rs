//! Channel bindings: the hash that ties a handshake to the TLS channel that it runs through (RFC 5929, MS-NLMP 3.1.5.1.2).
//!
//! A man in the middle who ends TLS has another certificate, so the server sees that the client meant another channel.

mod certificate;

use crate::crypto;
use crate::error::Error;
use alloc::vec::Vec;

const PREFIX: &[u8] = b"tls-server-end-point:";

/// The value of the AV pair for a server certificate given as DER, PEM, base64 or PKCS#7.
///
/// # Examples
///
/// ```
/// use ntlm_wasm::channel_binding::from_certificate;
/// use ntlm_wasm::error::ErrorKind;
///
/// assert_eq!(from_certificate(b"not a certificate").unwrap_err().kind(), ErrorKind::BadCertificate);
/// ```
pub fn from_certificate(input: &[u8]) -> Result<[u8; 16], Error> {
    application_data(input).map(|data| from_application_data(&data))
}

/// What GSS-API and SSPI take for it: `tls-server-end-point:` and the hash of a server certificate.
pub fn application_data(input: &[u8]) -> Result<Vec<u8>, Error> {
    let der = certificate::find(input)?;
    let hash = certificate::signature_hash(&der)?;
    Ok(hash.digest(&der, |hash| [PREFIX, hash].concat()))
}

/// The value of the AV pair for the hash of a certificate, with or without the words `tls-server-end-point:` before it.
pub fn from_end_point(hash: &[u8]) -> [u8; 16] {
    from_application_data(&[PREFIX, hash.strip_prefix(PREFIX).unwrap_or(hash)].concat())
}

/// MD5 of `gss_channel_bindings_struct`: addresses that are left empty (four 32-bit zeros), then the data with its length (RFC 2744 3.11).
pub fn from_application_data(data: &[u8]) -> [u8; 16] {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
    let structure: Vec<&[u8]> = [&[0; 16][..], &length, data].into();
    crypto::md5(&structure)
}
