//! Authentication of HTTP connections (RFC 9110 11, RFC 4559, MS-NTHT): what a challenge header says, and which header comes next.

pub mod authenticator;
pub mod challenge;
