//! Object identifiers of mechanisms and name types.

use crate::spnego::token::{NTLMSSP_OID, SPNEGO_OID};
use crate::sspi::gss::library::Oid;

/// SPNEGO.
pub static SPNEGO: Oid = Oid::of(SPNEGO_OID);
/// NTLM, the plug-in gss-ntlmssp.
pub static NTLMSSP: Oid = Oid::of(NTLMSSP_OID);
/// Kerberos 5, 1.2.840.113554.1.2.2.
pub static KERBEROS: Oid = Oid::of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02]);

/// `service@host`, 1.2.840.113554.1.2.1.4.
pub static SERVICE_NAME: Oid = Oid::of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x04]);
/// A user, 1.2.840.113554.1.2.1.1.
pub static USER_NAME: Oid = Oid::of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x01, 0x01]);
/// A Kerberos principal, 1.2.840.113554.1.2.2.1.
pub static PRINCIPAL_NAME: Oid = Oid::of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01]);

/// The session key of a context, 1.2.840.113554.1.2.2.5.5.
pub static SESSION_KEY: Oid = Oid::of(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x05, 0x05]);
