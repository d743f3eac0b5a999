//! The NTLM protocol (MS-NLMP): messages, keys, state machines and session security.

pub mod authenticate;
pub mod av_pair;
pub mod challenge;
pub mod client;
pub mod credential;
pub mod examine;
pub mod flags;
pub mod keys;
pub mod message;
pub mod negotiate;
pub mod policy;
pub mod response;
pub mod seal;
pub mod server;
pub mod verify;
pub mod version;
