//! The client.

use crate::bind::wasm::error::guard;
use crate::bind::wasm::handshake::{Handshake, SharedHandshake};
use crate::bind::wasm::options::{self, ClientOptions, Credentials, ResponseName, SchemeName};
use crate::bind::wasm::random::Random;
use crate::bind::wasm::session::SecuritySession;
use crate::env::Env;
use crate::error::Error;
use crate::http::authenticator::Scheme;
use crate::mechanism::Step;
use crate::ntlm::client::Client;
use crate::wire::base64;
use crate::wire::filetime::FileTime;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The client side of a handshake.
#[wasm_bindgen]
pub struct NtlmClient {
    pub(super) client: Arc<Client>,
    pub(super) random: Random,
    scheme: Scheme,
    handshake: SharedHandshake,
}

#[wasm_bindgen]
impl NtlmClient {
    /// Creates a client with these credentials. Without a password or a hash it is anonymous.
    #[wasm_bindgen(constructor)]
    pub fn new(
        scheme: SchemeName,
        username: &str,
        domain: Option<String>,
        workstation: &str,
        password: Option<String>,
        nt_hash: Option<Vec<u8>>,
        options: Option<ClientOptions>,
    ) -> Result<NtlmClient, JsValue> {
        guard(|| {
            let credentials = Credentials { username, domain, password, nt_hash };
            let client = Arc::new(options::client(credentials, workstation, options.as_ref())?);
            let scheme = scheme.try_into()?;
            let handshake = Handshake::new(scheme, &client);
            Ok(NtlmClient {
                client,
                random: Random::new(options.and_then(|options| options.random())),
                scheme,
                handshake,
            })
        })
    }

    /// Starts a handshake and returns the first token in base64.
    pub fn negotiate(&mut self) -> Result<String, JsValue> {
        guard(|| self.start().map(|token| base64::encode(&token)))
    }

    /// Answers a token, in base64; returns an empty string if no token remains to be sent.
    pub fn authenticate(&mut self, challenge: &[u8], now: f64) -> Result<String, JsValue> {
        guard(|| self.step(challenge, now).map(|answer| base64::encode(&answer)))
    }

    /// Answers a token; returns an empty array if no token remains to be sent.
    #[wasm_bindgen(js_name = authenticateBytes)]
    pub fn authenticate_bytes(&mut self, challenge: &[u8], now: f64) -> Result<Vec<u8>, JsValue> {
        guard(|| self.step(challenge, now))
    }

    /// Returns whether the final token was created.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> bool {
        self.handshake.borrow().done
    }

    /// Returns the kind of the last response; undefined before it and for an anonymous client.
    #[wasm_bindgen(getter, js_name = ntlmVersion)]
    pub fn ntlm_version(&self) -> Option<ResponseName> {
        let handshake = self.handshake.borrow();
        handshake.mechanism.outcome().and_then(|outcome| outcome.ntlm_version).map(Into::into)
    }

    /// Returns the session security; undefined before the final token.
    #[wasm_bindgen(getter)]
    pub fn session(&self) -> Option<SecuritySession> {
        self.done().then(|| SecuritySession::of_client(Rc::clone(&self.handshake)))
    }

    /// Drops the handshake and keeps the credentials.
    pub fn reset(&mut self) {
        self.renew();
        let mut handshake = self.handshake.borrow_mut();
        handshake.mechanism.reset();
        handshake.done = false;
    }
}

impl NtlmClient {
    fn start(&mut self) -> Result<Vec<u8>, Error> {
        self.renew();
        let mut env = Env { now: FileTime::default(), random: &mut self.random };
        let mut handshake = self.handshake.borrow_mut();
        handshake.done = false;
        Ok(handshake.mechanism.start(&mut env)?.token().unwrap_or_default())
    }

    fn step(&mut self, token: &[u8], now: f64) -> Result<Vec<u8>, Error> {
        // Plain NTLM accepts no token after its final one, so a challenge starts a new handshake.
        if self.scheme == Scheme::Ntlm && self.done() {
            self.renew();
        }
        let mut env = Env { now: FileTime::from_unix_milliseconds(now as i64), random: &mut self.random };
        let mut handshake = self.handshake.borrow_mut();
        let step = handshake.mechanism.step(token, &mut env)?;
        handshake.done = !matches!(step, Step::Continue(_));
        Ok(step.token().unwrap_or_default())
    }

    /// Ensures that a new handshake does not change one that a session object still uses.
    fn renew(&mut self) {
        if Rc::strong_count(&self.handshake) > 1 {
            self.handshake = Handshake::new(self.scheme, &self.client);
        }
    }
}
