//! The addon for Node, Electron, Deno and Bun: single sign-on. Loaded by Node-API, found by the package `ntlm-wasm-<system>`.
//!
//! Whatever may block runs on the runtime's threads for such work, so that every answer is a promise.

mod authenticator;
mod call;
mod dialogue;
mod key_store;
mod options;
#[cfg(target_os = "linux")]
mod socket_owner;
mod trouble;

use crate::bind::node::call::{Call, call};
use crate::sspi::finding::Finding;
use crate::sspi::survey::survey;
use crate::sspi::token::Spoken;
use crate::sspi::{alive, failure::Failure};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;

/// The crate's version: the package refuses another than its own.
#[expect(non_upper_case_globals, reason = "constants keep their names in JavaScript")]
#[napi]
pub const version: &str = env!("CARGO_PKG_VERSION");

/// What is held of the system's in this process.
#[napi(object, object_from_js = false)]
pub struct Alive {
    /// Security contexts, helper programs included.
    pub contexts: u32,
    /// Credential handles.
    pub credentials: u32,
}

/// Counts what is held of the system's in this process: for tests.
#[napi]
pub fn alive() -> Alive {
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Alive { contexts: count(alive::contexts()), credentials: count(alive::credentials()) }
}

/// One way to sign on.
#[napi(object, object_from_js = false)]
pub struct Way {
    /// `Kerberos` or `NTLM`.
    pub mechanism: &'static str,
    /// What would do it.
    pub source: String,
    /// Whether it would.
    pub available: bool,
    /// As whom, where the system tells.
    pub identity: Option<String>,
    /// Why not.
    pub reason: Option<String>,
    /// What to do about it.
    pub advice: Option<String>,
}

impl From<Finding> for Way {
    fn from(Finding { mechanism, source, verdict }: Finding) -> Self {
        let reason = verdict.as_ref().err().map(|failure| failure.message().to_string());
        let advice = verdict.as_ref().err().map(|failure: &Failure| failure.advice().to_string());
        let available = verdict.is_ok();
        Way { mechanism: name(mechanism), source, available, identity: verdict.ok().flatten(), reason, advice }
    }
}

/// What this user could sign on with here, without asking the network.
#[napi(js_name = "survey")]
pub fn ways() -> AsyncTask<Call<Vec<Way>>> {
    call(|| Ok(survey().into_iter().map(Way::from).collect()))
}

/// The user ID that created the socket at the other end of a connection on this machine; null if the kernel knows none.
/// Addresses and ports are those of the two ends: `peer` is the end whose owner is wanted.
#[cfg(target_os = "linux")]
#[napi]
pub fn socket_owner(peer_address: String, peer_port: u16, address: String, port: u16) -> Option<u32> {
    let end = |address: &str, port| Some(core::net::SocketAddr::new(address.parse().ok()?, port));
    socket_owner::find(end(&peer_address, peer_port)?, end(&address, port)?)
}

/// What Windows would do for a URL, in the language of PAC files: `DIRECT`, or `PROXY host:port`.
#[cfg(windows)]
#[napi]
pub fn proxy_for(url: String) -> AsyncTask<Call<String>> {
    call(move || Ok(crate::sspi::windows::proxy_for(&url)?))
}

/// What JavaScript calls a mechanism.
const fn name(spoken: Spoken) -> &'static str {
    match spoken {
        Spoken::Kerberos => "Kerberos",
        Spoken::Ntlm => "NTLM",
    }
}
