//! The Node-API addon for Node, Electron, Deno and Bun: single sign-on. It is loaded from the package `ntlm-wasm-<system>`.
//!
//! Everything that can block runs on the runtime's worker threads, so results are promises.

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

/// The crate's version; the package rejects an addon of a different version.
#[expect(non_upper_case_globals, reason = "constants keep their names in JavaScript")]
#[napi]
pub const version: &str = env!("CARGO_PKG_VERSION");

/// The system handles that this process holds.
#[napi(object, object_from_js = false)]
pub struct Alive {
    /// Security contexts, including helper processes.
    pub contexts: u32,
    /// Credential handles.
    pub credentials: u32,
}

/// Counts the system handles that this process holds, for tests.
#[napi]
pub fn alive() -> Alive {
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Alive { contexts: count(alive::contexts()), credentials: count(alive::credentials()) }
}

/// One method of authentication.
#[napi(object, object_from_js = false)]
pub struct Way {
    /// `Kerberos` or `NTLM`.
    pub mechanism: &'static str,
    /// The component that provides it.
    pub source: String,
    /// Whether it is available.
    pub available: bool,
    /// The identity, if the system reports it.
    pub identity: Option<String>,
    /// The reason if it is unavailable.
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

/// Returns the authentication methods available to this user, without network access.
#[napi(js_name = "survey")]
pub fn ways() -> AsyncTask<Call<Vec<Way>>> {
    call(|| Ok(survey().into_iter().map(Way::from).collect()))
}

/// Returns the user ID that created the socket at the other end of a local connection; null if the kernel has no such socket.
/// Addresses and ports are those of the two ends: `peer` is the end whose owner is returned.
#[cfg(target_os = "linux")]
#[napi]
pub fn socket_owner(peer_address: String, peer_port: u16, address: String, port: u16) -> Option<u32> {
    let end = |address: &str, port| Some(core::net::SocketAddr::new(address.parse().ok()?, port));
    socket_owner::find(end(&peer_address, peer_port)?, end(&address, port)?)
}

/// Returns the proxy that Windows selects for a URL, in PAC syntax: `DIRECT`, or `PROXY host:port`.
#[cfg(windows)]
#[napi]
pub fn proxy_for(url: String) -> AsyncTask<Call<String>> {
    call(move || Ok(crate::sspi::windows::proxy_for(&url)?))
}

/// Returns the JavaScript name of a mechanism.
const fn name(spoken: Spoken) -> &'static str {
    match spoken {
        Spoken::Kerberos => "Kerberos",
        Spoken::Ntlm => "NTLM",
    }
}
