//! Encoding and decoding of bytes: checked reading and writing, text, times, base64. Independent of NTLM.

pub mod ascii;
pub mod base64;
pub mod der;
pub mod field;
pub mod filetime;
pub mod oem;
pub mod reader;
pub mod text;
pub mod upcase;
