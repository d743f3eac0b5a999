//! NTLM and Negotiate authentication.
#![no_std]
#![forbid(unsafe_code)]
extern crate alloc;
