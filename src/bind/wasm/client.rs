//! The client.

use crate::bind::wasm::Result;
use crate::bind::wasm::options::ClientOptions;
use crate::bind::wasm::random::Source;
use crate::bind::wasm::session::Session;
use crate::env::Env;
use crate::http::authenticator::Scheme;
use crate::http::challenge;
use crate::mechanism::{Mechanism, NtlmMechanism, Step};
use crate::ntlm::client;
use crate::spnego::client::SpnegoClient;
use crate::wire::base64;
use crate::wire::filetime::FileTime;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

/// A client and the handshake that it is in.
#[wasm_bindgen]
pub struct Client {
    mechanism: Box<dyn Mechanism>,
    random: Source,
    done: bool,
}

#[wasm_bindgen]
impl Client {
    /// A client with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: ClientOptions) -> Client {
        let random = options.random.clone();
        let scheme = options.scheme();
        Client { mechanism: mechanism(scheme, &Rc::new(options.into_client())), random, done: false }
    }

    /// The first token in base64.
    pub fn negotiate(&mut self, now: f64) -> Result<String> {
        self.start(now).map(|token| base64::encode(&token))
    }

    /// The first token.
    #[wasm_bindgen(js_name = negotiateBytes)]
    pub fn negotiate_bytes(&mut self, now: f64) -> Result<Vec<u8>> {
        self.start(now)
    }

    /// The answer in base64 to a token in base64 or to a header's value. Empty when nothing is left to send.
    pub fn authenticate(&mut self, challenge: &str, now: f64) -> Result<String> {
        let token = base64::decode(token_of(challenge))?;
        self.step(&token, now).map(|token| base64::encode(&token))
    }

    /// The answer to a token. Empty when nothing is left to send.
    #[wasm_bindgen(js_name = authenticateBytes)]
    pub fn authenticate_bytes(&mut self, challenge: &[u8], now: f64) -> Result<Vec<u8>> {
        self.step(challenge, now)
    }

    /// A token in base64 or in a header's value, as bytes.
    #[wasm_bindgen(js_name = tokenBytes)]
    pub fn token_bytes(text: &str) -> Result<Vec<u8>> {
        Ok(base64::decode(token_of(text))?)
    }

    /// Bytes in base64.
    pub fn encode(token: &[u8]) -> String {
        base64::encode(token)
    }

    /// Forgets the handshake.
    pub fn reset(&mut self) {
        self.mechanism.reset();
        self.done = false;
    }

    /// Whether the last token was made.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> bool {
        self.done
    }

    /// The kind of response that was sent: 1 NTLMv1, 2 NTLM2 session, 3 NTLMv2; 0 for none.
    #[wasm_bindgen(getter, js_name = ntlmVersion)]
    pub fn ntlm_version(&self) -> u8 {
        self.mechanism.outcome().and_then(|outcome| outcome.ntlm_version).map_or(0, |version| version as u8 + 1)
    }

    /// What protects the messages to come.
    pub fn session(&self) -> Option<Session> {
        self.mechanism.outcome().map(|outcome| Session::new(Rc::clone(&outcome.session)))
    }
}

impl Client {
    fn start(&mut self, now: f64) -> Result<Vec<u8>> {
        self.done = false;
        Ok(self.mechanism.start(&mut env(&mut self.random, now))?)
    }

    fn step(&mut self, token: &[u8], now: f64) -> Result<Vec<u8>> {
        let step = self.mechanism.step(token, &mut env(&mut self.random, now))?;
        self.done = !matches!(step, Step::Continue(_));
        Ok(match step {
            Step::Continue(token) | Step::Final(token) => token,
            Step::Done => Vec::new(),
        })
    }
}

/// The mechanism of a scheme.
pub fn mechanism(scheme: Scheme, client: &Rc<client::Client>) -> Box<dyn Mechanism> {
    let client = Rc::clone(client);
    match scheme {
        Scheme::Ntlm => Box::new(NtlmMechanism::new(client)),
        Scheme::Negotiate => Box::new(SpnegoClient::new(client)),
    }
}

/// The surroundings at a time in milliseconds since 1970.
pub fn env(random: &mut Source, now: f64) -> Env<'_> {
    // A number beyond the range becomes its end, and what is not a number becomes 0.
    Env { now: FileTime::from_unix_milliseconds(now as i64), random }
}

/// The token within `NTLM TlRMTVNTUA...`, with or without the header's name, or the text itself.
fn token_of(text: &str) -> &str {
    let value = text.split_once(':').map_or(text, |(_name, value)| value);
    let tokens = || challenge::parse(value).filter(|challenge| !challenge.token.is_empty());
    let known =
        tokens().find(|challenge| ["ntlm", "negotiate"].iter().any(|name| challenge.scheme.eq_ignore_ascii_case(name)));
    known.map_or(text, |challenge| challenge.token)
}
