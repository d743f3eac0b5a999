//! SPNEGO, the scheme `Negotiate`: NTLM within the negotiation of mechanisms (RFC 4178, MS-SPNG).

pub mod client;
pub mod server;
pub mod token;
