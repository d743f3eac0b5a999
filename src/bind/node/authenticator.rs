//! The dialogue of one HTTP connection, as a class.

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

/// A response, as far as authentication is concerned.
#[napi(object, object_to_js = false)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// The values of all challenge headers, in order.
    pub challenges: Vec<String>,
    /// Whether the connection stays open behind it.
    pub keep_alive: bool,
}

/// What to do with a response.
#[napi(object, object_from_js = false)]
pub struct HttpStep {
    /// `done`, `send` or `reconnect`.
    pub action: &'static str,
    /// The value of the authorization header.
    pub header: Option<String>,
    /// Whether it settles the matter, so that the request itself may carry it.
    pub last: Option<bool>,
}

/// The dialogue of one HTTP connection with its proxy or with its server, in which the system signs on.
#[napi]
pub struct HttpAuthenticator {
    dialogue: Arc<Dialogue>,
}

#[napi]
impl HttpAuthenticator {
    /// Nothing is asked of the system yet.
    #[napi(constructor)]
    pub fn new(env: Env, options: HttpAuthenticatorOptions) -> napi::Result<Self> {
        let plan = Plan::try_from(options).map_err(|trouble| trouble.into_error(&env))?;
        Ok(HttpAuthenticator { dialogue: Arc::new(Dialogue::new(plan)) })
    }

    /// Begins on a new connection: the value of the first leg's header.
    #[napi]
    pub fn begin(&self) -> AsyncTask<Call<String>> {
        let (dialogue, reserved) = (Arc::clone(&self.dialogue), self.dialogue.reserve());
        call(move || {
            reserved.and_then(|()| {
                dialogue.with(|authenticator, env| authenticator.begin(env).map(|header| header.to_string()))
            })
        })
    }

    /// Decides on a response.
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

    /// Whether the final token was accepted.
    #[napi(getter)]
    pub fn authenticated(&self) -> bool {
        self.dialogue.view().authenticated
    }

    /// Whether what was sent last settles the matter, what `begin` gave included.
    #[napi(getter)]
    pub fn last(&self) -> bool {
        self.dialogue.view().last
    }

    /// The scheme in use.
    #[napi(getter)]
    pub fn scheme(&self) -> Option<&'static str> {
        self.dialogue.view().scheme.map(Scheme::name)
    }

    /// What is spoken.
    #[napi(getter)]
    pub fn mechanism(&self) -> Option<&'static str> {
        self.dialogue.view().notes.spoken.map(name)
    }

    /// Who is signed on, where the system tells.
    #[napi(getter)]
    pub fn identity(&self) -> Option<String> {
        self.dialogue.view().notes.identity
    }

    /// Frees what is held of the system's: now, or when the call ends that is under way.
    #[napi]
    pub fn close(&self) {
        self.dialogue.close();
    }
}
