//! The operating system's own authentication, as a [`Mechanism`](crate::mechanism::Mechanism): single sign-on.
//!
//! Windows has SSPI (`windows/`), everybody else GSS-API and, for NTLM, winbind's helper program (`gss/`). All of it is looked
//! up at run time, so that a program with this inside starts on a machine that has none of it, and can say what is missing.
//!
//! This is the only part of the crate with unsafe code of its own. It lies at the border to C: one `unsafe` block a call, in
//! types that own what they point to and give it back when dropped. [`alive`] counts them.

pub mod alive;
pub mod failure;
pub mod finding;
#[cfg(unix)]
mod gss;
pub mod mechanism;
pub mod options;
pub mod progress;
pub mod proxy_list;
pub mod survey;
pub mod token;
#[cfg(windows)]
pub mod windows;
