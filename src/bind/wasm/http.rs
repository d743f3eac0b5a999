//! The dialogue of one HTTP connection.

use crate::bind::wasm::Result;
use crate::bind::wasm::client::{env, mechanism};
use crate::bind::wasm::options::ClientOptions;
use crate::bind::wasm::random::Source;
use crate::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

/// What to do with a response.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Action {
    /// It is the caller's.
    Deliver,
    /// Drain it and send this header on the same connection.
    Send,
    /// As `Send`, and the request proper may carry the header.
    SendLast,
    /// Send this header on a new connection.
    Reconnect,
}

/// The dialogue of one connection.
#[wasm_bindgen]
pub struct HttpAuthenticator {
    inner: Authenticator,
    random: Source,
    header: String,
}

#[wasm_bindgen]
impl HttpAuthenticator {
    /// A dialogue that tries these schemes in this order: `N` for NTLM, `S` for Negotiate.
    #[wasm_bindgen(constructor)]
    pub fn new(options: ClientOptions, is_proxy: bool, schemes: &str) -> HttpAuthenticator {
        let random = options.random.clone();
        let client = Rc::new(options.into_client());
        let side = if is_proxy { Side::Proxy } else { Side::Origin };
        let schemes = schemes.chars().map(|c| if c == 'S' { Scheme::Negotiate } else { Scheme::Ntlm }).collect();
        let inner = Authenticator::new(side, schemes, Box::new(move |scheme| mechanism(scheme, &client)));
        HttpAuthenticator { inner, random, header: String::new() }
    }

    /// Begins on a new connection: the value of the first leg's header.
    pub fn begin(&mut self, now: f64) -> Result<String> {
        Ok(self.inner.begin(&mut env(&mut self.random, now))?)
    }

    /// Decides on a response. The values of the challenge headers come one a line.
    pub fn next(&mut self, status: u16, challenges: &str, keep_alive: bool, now: f64) -> Result<Action> {
        let challenges: Vec<&str> = challenges.lines().collect();
        let response = Response { status, challenges: &challenges, keep_alive };
        let next = self.inner.next(&response, &mut env(&mut self.random, now))?;
        let (action, header) = match next {
            Next::Deliver => (Action::Deliver, String::new()),
            Next::Send { header, last: false } => (Action::Send, header),
            Next::Send { header, last: true } => (Action::SendLast, header),
            Next::Reconnect { header } => (Action::Reconnect, header),
        };
        self.header = header;
        Ok(action)
    }

    /// The header's value that the last decision comes with.
    pub fn header(&self) -> String {
        self.header.clone()
    }

    /// Whether the final token was accepted.
    pub fn authenticated(&self) -> bool {
        self.inner.is_authenticated()
    }

    /// The name of the scheme in use.
    pub fn scheme(&self) -> Option<String> {
        self.inner.scheme().map(|scheme| scheme.name().into())
    }
}
