//! The operating system's own authentication, as a [`Mechanism`](crate::mechanism::Mechanism): single sign-on.
//!
//! Windows has SSPI (`windows/`). Other systems have GSS-API and, for NTLM, winbind's helper program (`gss/`). Libraries are
//! loaded at run time, so a program starts on a machine that has none of them, and reports what is missing.
//!
//! Only this module and the bindings contain `unsafe` code: one block per C call, in types that own what they point to and
//! release it when dropped. [`alive`] counts them.

pub mod alive;
pub mod failure;
pub mod finding;
#[cfg(unix)]
mod gss;
pub mod key_store;
pub mod mechanism;
pub mod options;
pub mod progress;
pub mod proxy_list;
pub mod survey;
pub mod token;
#[cfg(windows)]
pub mod windows;
