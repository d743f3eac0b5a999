//! Authentication of HTTP connections (RFC 9110 11, RFC 4559, MS-NTHT): parses challenges and selects the next header.

pub mod authenticator;
pub mod challenge;
