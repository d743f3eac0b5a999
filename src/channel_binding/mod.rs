//! Channel bindings: the hash that binds a handshake to its TLS channel (RFC 5929, MS-NLMP 3.1.5.1.2).
//!
//! A machine-in-the-middle that terminates TLS has a different certificate, so the server detects that the client used another channel.

mod certificate;

use crate::crypto;
use crate::error::Error;
use alloc::vec::Vec;

const PREFIX: &[u8] = b"tls-server-end-point:";

/// Returns the AV pair value for a server certificate in DER, PEM, base64 or PKCS#7.
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

/// Returns the application data for GSS-API and SSPI: `tls-server-end-point:` and the hash of a server certificate.
pub fn application_data(input: &[u8]) -> Result<Vec<u8>, Error> {
    let der = certificate::find(input)?;
    let hash = certificate::signature_hash(&der)?;
    Ok(hash.digest(&der, |hash| [PREFIX, hash].concat()))
}

/// Returns the AV pair value for a certificate hash, with or without the prefix `tls-server-end-point:`.
pub fn from_end_point(hash: &[u8]) -> [u8; 16] {
    from_application_data(&[PREFIX, hash.strip_prefix(PREFIX).unwrap_or(hash)].concat())
}

/// Returns the MD5 of `gss_channel_bindings_struct`: empty addresses (four 32-bit zeros), then the data with its length (RFC 2744 3.11).
pub fn from_application_data(data: &[u8]) -> [u8; 16] {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
    let structure: Vec<&[u8]> = [&[0; 16][..], &length, data].into();
    crypto::md5(&structure)
}
