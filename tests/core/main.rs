//! One test binary for the core, a module a subject.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    reason = "tests fail by panicking"
)]

mod allocations;
mod bad_input;
mod base64;
mod captured;
mod channel_binding;
mod client_choices;
mod explain;
mod explain_vectors;
mod faulty_client;
mod http;
mod oracles;
mod primitives;
#[cfg(feature = "sspi")]
mod proxy_list;
mod published;
mod round_trip;
mod server_choices;
mod session_security;
mod spnego;
#[cfg(feature = "sspi")]
mod sspi;
#[cfg(all(unix, feature = "sspi"))]
mod sspi_gss;
mod support;
mod text;
