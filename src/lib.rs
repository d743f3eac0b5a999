//! NTLM and Negotiate authentication: tokens, session security and the dialogue of HTTP.
//!
//! The core does no I/O and reads no clock, no randomness and no host name: all that is handed in. It needs `alloc` only.
//!
//! The public interface is: [`ntlm::client`], [`ntlm::server`], [`ntlm::seal`] for tokens and session security,
//! [`channel_binding`] for extended protection, [`http`] for the dialogue of a connection, `explain` for people who read tokens.
#![no_std]
// The bindings' macros write unsafe code, and so do calls of the operating system; nobody else may.
#![cfg_attr(not(any(feature = "wasm", feature = "wasm-explain", feature = "sspi")), forbid(unsafe_code))]
#![cfg_attr(feature = "sspi", deny(unsafe_code))]

extern crate alloc;
// The macros of napi take the standard library's for granted.
#[cfg(feature = "sspi")]
#[cfg_attr(feature = "node", macro_use)]
extern crate std;

#[cfg(any(feature = "wasm", feature = "wasm-explain", feature = "node"))]
pub mod bind;
pub mod channel_binding;
pub mod crypto;
pub mod env;
pub mod error;
#[cfg(feature = "explain")]
pub mod explain;
pub mod http;
pub mod mechanism;
pub mod ntlm;
pub mod secret;
pub mod spnego;
#[cfg(feature = "sspi")]
#[allow(unsafe_code, reason = "the operating system is called through its C interfaces")]
pub mod sspi;
pub mod wire;
