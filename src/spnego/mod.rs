//! SPNEGO, the scheme `Negotiate`: NTLM within mechanism negotiation (RFC 4178, MS-SPNG).

pub mod client;
pub mod server;
pub mod token;
