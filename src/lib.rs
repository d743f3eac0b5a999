//! NTLM and Negotiate (SPNEGO) authentication: tokens, session security, and the HTTP handshake.
//!
//! The crate does no I/O and reads neither the clock nor randomness nor the host name: they are arguments. It is `no_std` and needs `alloc`.
//!
//! - [`ntlm::client`]: messages 1 and 3 for a server's message 2
//! - [`ntlm::server`]: an acceptor; its rules are in [`ntlm::policy`]
//! - [`ntlm::seal`]: signing and sealing after the handshake
//! - [`http::authenticator`]: the handshake of one HTTP connection, as a state machine
//! - [`spnego`]: NTLM within Negotiate
//! - [`channel_binding`]: extended protection, which binds the handshake to a TLS certificate
#![cfg_attr(
    feature = "explain",
    doc = "- [`explain`](mod@explain): any token as a tree of labelled byte ranges, with findings"
)]
#![cfg_attr(feature = "sspi", doc = "- [`sspi`]: the operating system's own mechanism")]
//!
//! # Examples
//!
//! ```
//! use ntlm_wasm::env::Env;
//! use ntlm_wasm::error::ErrorKind;
//! use ntlm_wasm::ntlm::client::{Client, ClientConfig};
//! use ntlm_wasm::ntlm::credential::Hashes;
//! use ntlm_wasm::ntlm::server::{Server, ServerConfig};
//! use ntlm_wasm::wire::filetime::FileTime;
//!
//! let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
//! let mut env = Env { now: FileTime::from(std::time::SystemTime::now()), random: &mut random };
//!
//! let client = Client::new(ClientConfig::with_password("CORP\\alice", "Password"));
//! let server = Server::new(ServerConfig { netbios_domain: "CORP".into(), ..ServerConfig::default() });
//!
//! let negotiated = client.negotiate()?;
//! let challenged = server.challenge(negotiated.message().to_vec(), &mut env)?;
//! let authenticated = negotiated.authenticate(&client, challenged.message(), &mut env)?;
//!
//! let claim = challenged.receive(&server, authenticated.message)?;
//! assert_eq!(claim.user, "alice");
//! let accepted = claim.verify(&server, Some(&Hashes::from_password("Password")), env.now)?;
//! assert!(accepted.mic);
//! # Ok::<(), ntlm_wasm::error::Error>(())
//! ```
#![no_std]
// The macros of the bindings generate unsafe code, and the operating system is called through its C interfaces.
#![cfg_attr(not(any(feature = "wasm", feature = "wasm-explain", feature = "sspi")), forbid(unsafe_code))]
#![cfg_attr(feature = "sspi", deny(unsafe_code))]

extern crate alloc;
// napi's macros expect the macros of the standard library.
#[cfg(feature = "std")]
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

/// The example of the crate's README, as a test.
#[cfg(doctest)]
#[doc = include_str!("README.md")]
struct ReadMe;
