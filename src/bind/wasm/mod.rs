//! The JavaScript bindings of the protocol core: an exported class for each public type, and functions.
//!
//! The bindings only convert arguments and results. All code that handles a secret runs in [`error::guard`], which wipes the
//! stack afterwards; the allocator (`bind::runtime`) wipes freed memory.

mod certificate;
mod client;
mod error;
mod handshake;
mod http;
mod options;
mod password;
mod random;
mod server;
mod session;
