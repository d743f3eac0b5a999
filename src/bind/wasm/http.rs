//! The authentication handshake of one HTTP connection.

use crate::bind::wasm::client::NtlmClient;
use crate::bind::wasm::error::guard;
use crate::bind::wasm::options::{self, SchemeName};
use crate::bind::wasm::random::Random;
use crate::env::Env;
use crate::http::authenticator::{Authenticator, Factory, Header, Next, Response, Scheme, Side};
use crate::mechanism::Mechanism;
use crate::ntlm::client::Client;
use crate::wire::filetime::FileTime;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Creates the mechanisms of the core, which need two legs.
struct CoreMechanisms(Arc<Client>);

impl Factory for CoreMechanisms {
    type Mechanism = dyn Mechanism;

    const ONE_LEG: bool = false;

    fn make(&self, scheme: Scheme) -> Box<dyn Mechanism> {
        options::mechanism(scheme, &self.0)
    }
}

/// The next step after a response.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum HttpAction {
    /// Deliver it to the caller.
    Done = "done",
    /// Send the header on the same connection.
    Send = "send",
    /// Send the header on a new connection.
    Reconnect = "reconnect",
}

/// The authentication handshake of one HTTP connection.
#[wasm_bindgen]
pub struct HttpAuthenticator {
    authenticator: Authenticator<CoreMechanisms>,
    random: Random,
    header: Option<String>,
    last: bool,
}

#[wasm_bindgen]
impl HttpAuthenticator {
    /// Creates an authenticator with a client's credentials and up to two schemes, preferred first.
    #[wasm_bindgen(constructor)]
    pub fn new(
        client: &NtlmClient,
        is_proxy: bool,
        first: Option<SchemeName>,
        second: Option<SchemeName>,
    ) -> Result<HttpAuthenticator, JsValue> {
        let side = if is_proxy { Side::Proxy } else { Side::Origin };
        let schemes = first.into_iter().chain(second).map(TryInto::try_into).collect::<Result<Vec<Scheme>, _>>()?;
        let authenticator = Authenticator::over(side, schemes, CoreMechanisms(Arc::clone(&client.client)));
        Ok(HttpAuthenticator { authenticator, random: client.random.clone(), header: None, last: false })
    }

    /// Starts on a new connection and returns the first authorization header.
    pub fn begin(&mut self, now: f64) -> Result<String, JsValue> {
        guard(|| {
            let mut env = Env { now: FileTime::from_unix_milliseconds(now as i64), random: &mut self.random };
            self.authenticator.begin(&mut env).map(|header: Header| header.value())
        })
    }

    /// Decides on a response; `challenges` are the values of its challenge fields, joined by commas. A header to send is in `header`.
    pub fn next(&mut self, status: u16, challenges: &str, keep_alive: bool, now: f64) -> Result<HttpAction, JsValue> {
        guard(|| {
            let mut env = Env { now: FileTime::from_unix_milliseconds(now as i64), random: &mut self.random };
            let response = Response { status, challenges: &[challenges], keep_alive };
            let (action, header, last) = match self.authenticator.next(&response, &mut env)? {
                Next::Deliver => (HttpAction::Done, None, false),
                Next::Send { header, last } => (HttpAction::Send, Some(header.value()), last),
                Next::Reconnect { header } => (HttpAction::Reconnect, Some(header.value()), false),
            };
            (self.header, self.last) = (header, last);
            Ok(action)
        })
    }

    /// Returns the value of the authorization header to send; it can be taken once.
    #[wasm_bindgen(getter)]
    pub fn header(&mut self) -> Option<String> {
        self.header.take()
    }

    /// Returns whether the request itself can carry the header.
    #[wasm_bindgen(getter)]
    pub fn last(&self) -> bool {
        self.last
    }

    /// Returns whether the final token was accepted.
    #[wasm_bindgen(getter)]
    pub fn authenticated(&self) -> bool {
        self.authenticator.is_authenticated()
    }

    /// Returns the scheme in use.
    #[wasm_bindgen(getter)]
    pub fn scheme(&self) -> Option<SchemeName> {
        self.authenticator.scheme().map(Into::into)
    }
}
