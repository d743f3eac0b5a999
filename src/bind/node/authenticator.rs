//! The HTTP authentication handshake of one connection, as a JavaScript class.

use crate::bind::node::call::{Call, call};
use crate::bind::node::dialogue::Dialogue;
use crate::bind::node::name;
use crate::bind::node::options::{HttpAuthenticatorOptions, Plan};
use crate::http::authenticator::{Next, Response, Scheme};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use napi::Env;
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;

/// The parts of a response that matter for authentication.
#[napi(object, object_to_js = false)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The values of all challenge headers, in order.
    pub challenges: Vec<String>,
    /// Whether the connection stays open after the response.
    pub keep_alive: bool,
}

/// The next step after a response.
#[napi(object, object_from_js = false)]
pub struct HttpStep {
    /// `done`, `send` or `reconnect`.
    pub action: &'static str,
    /// The value of the authorization header.
    pub header: Option<String>,
    /// Whether this is the final leg, so that the request itself can carry the header.
    pub last: Option<bool>,
}

/// The HTTP authentication handshake of one connection with a proxy or server, with credentials of the operating system.
#[napi]
pub struct HttpAuthenticator {
    dialogue: Arc<Dialogue>,
}

#[napi]
impl HttpAuthenticator {
    /// Creates an authenticator without calling the operating system.
    #[napi(constructor)]
    pub fn new(env: Env, options: HttpAuthenticatorOptions) -> napi::Result<Self> {
        let plan = Plan::try_from(options).map_err(|trouble| trouble.into_error(&env))?;
        Ok(HttpAuthenticator { dialogue: Arc::new(Dialogue::new(plan)) })
    }

    /// Starts on a new connection and returns the header of the first leg.
    #[napi]
    pub fn begin(&self) -> AsyncTask<Call<String>> {
        let (dialogue, reserved) = (Arc::clone(&self.dialogue), self.dialogue.reserve());
        call(move || {
            reserved.and_then(|()| {
                dialogue.with(|authenticator, env| authenticator.begin(env).map(|header| header.to_string()))
            })
        })
    }

    /// Decides on the next step after a response.
    #[napi]
    pub fn next(&self, response: HttpResponse) -> AsyncTask<Call<HttpStep>> {
        let (dialogue, reserved) = (Arc::clone(&self.dialogue), self.dialogue.reserve());
        call(move || {
            reserved?;
            let challenges: Vec<&str> = response.challenges.iter().map(String::as_str).collect();
            let HttpResponse { status, keep_alive, .. } = response;
            dialogue.with(|authenticator, env| {
                let next = authenticator.next(&Response { status, challenges: &challenges, keep_alive }, env)?;
                let last = Some(authenticator.is_last());
                Ok(match next {
                    Next::Deliver => HttpStep { action: "done", header: None, last: None },
                    Next::Send { header, .. } => HttpStep { action: "send", header: Some(header.to_string()), last },
                    Next::Reconnect { header } => {
                        HttpStep { action: "reconnect", header: Some(header.to_string()), last }
                    }
                })
            })
        })
    }

    /// Returns whether the final token was accepted.
    #[napi(getter)]
    pub fn authenticated(&self) -> bool {
        self.dialogue.view().authenticated
    }

    /// Returns whether the most recent header, including that of `begin`, completes the handshake.
    #[napi(getter)]
    pub fn last(&self) -> bool {
        self.dialogue.view().last
    }

    /// Returns the scheme in use.
    #[napi(getter)]
    pub fn scheme(&self) -> Option<&'static str> {
        self.dialogue.view().scheme.map(Scheme::name)
    }

    /// Returns the mechanism in use.
    #[napi(getter)]
    pub fn mechanism(&self) -> Option<&'static str> {
        self.dialogue.view().notes.spoken.map(name)
    }

    /// Returns the authenticated identity, if the system reports it.
    #[napi(getter)]
    pub fn identity(&self) -> Option<String> {
        self.dialogue.view().notes.identity
    }

    /// Releases all system handles: at once, or when the call in progress ends.
    #[napi]
    pub fn close(&self) {
        self.dialogue.close();
    }
}
