//! The acceptor. JavaScript looks up the account between [`NtlmServer::receive`] and [`Claim::verify`].

use crate::bind::wasm::error::guard;
use crate::bind::wasm::options::{self, ResponseName, ServerOptions};
use crate::bind::wasm::random::Random;
use crate::bind::wasm::session::SecuritySession;
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::http::challenge;
use crate::ntlm::message::MessageType;
use crate::ntlm::server::{self, Challenged, Server};
use crate::spnego::server::{SpnegoServer, Unwrapped};
use crate::wire::base64;
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use crate::wire::text::Text;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem::take;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Returns the token in base64 text or in a header value.
#[wasm_bindgen(js_name = tokenIn)]
pub fn token_in(text: &str) -> Result<Vec<u8>, JsValue> {
    Ok(challenge::token_in(text)?)
}

/// The server side of a handshake.
#[wasm_bindgen]
pub struct NtlmServer {
    server: Arc<Server>,
    random: Random,
    framing: SpnegoServer,
    challenged: Option<Challenged>,
}

#[wasm_bindgen]
impl NtlmServer {
    /// Creates a server with these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &ServerOptions) -> Result<NtlmServer, JsValue> {
        let server = Arc::new(Server::new(options::server(options)?));
        let random = Random::new(options.random());
        Ok(NtlmServer { server, random, framing: SpnegoServer::default(), challenged: None })
    }

    /// Answers a first token.
    pub fn challenge(&mut self, token: &[u8], now: f64) -> Result<Vec<u8>, JsValue> {
        guard(|| self.answer(token, now))
    }

    /// Returns whether a challenge is waiting for its response.
    #[wasm_bindgen(getter)]
    pub fn challenged(&self) -> bool {
        self.challenged.is_some()
    }

    /// Decodes message 3. Can be called once per challenge.
    pub fn receive(&mut self, token: &[u8]) -> Result<Claim, JsValue> {
        guard(|| self.claim(token))
    }
}

impl NtlmServer {
    fn answer(&mut self, token: &[u8], now: f64) -> Result<Vec<u8>, Error> {
        self.challenged = None;
        let negotiate = match self.framing.unwrap(token)? {
            Unwrapped::Choose(reply) => return Ok(reply),
            Unwrapped::Message(MessageType::Negotiate, message) => message,
            Unwrapped::Message(..) => return Err(ErrorKind::WrongMessageType.into()),
        };
        let mut env = Env { now: FileTime::from_unix_milliseconds(now as i64), random: &mut self.random };
        let challenged = self.server.challenge(negotiate, &mut env)?;
        let reply = self.framing.wrap_challenge(challenged.message());
        self.challenged = Some(challenged);
        Ok(reply)
    }

    fn claim(&mut self, token: &[u8]) -> Result<Claim, Error> {
        let challenged = self.challenged.take().ok_or(ErrorKind::OutOfOrder)?;
        let Unwrapped::Message(MessageType::Authenticate, message) = self.framing.unwrap(token)? else {
            return Err(ErrorKind::WrongMessageType.into());
        };
        let claim = challenged.receive(&self.server, message)?;
        Ok(Claim { server: Arc::clone(&self.server), claim, framing: take(&mut self.framing) })
    }
}

/// The identity that a client claims.
#[wasm_bindgen]
pub struct Claim {
    server: Arc<Server>,
    framing: SpnegoServer,
    claim: server::Claim,
}

#[wasm_bindgen]
impl Claim {
    /// Returns the user name.
    #[wasm_bindgen(getter)]
    pub fn username(&self) -> String {
        self.claim.user.to_lossy()
    }

    /// Returns the domain as the client sent it; may be empty.
    #[wasm_bindgen(getter)]
    pub fn domain(&self) -> String {
        self.claim.domain.to_lossy()
    }

    /// Returns the client's computer name, which is not verified.
    #[wasm_bindgen(getter)]
    pub fn workstation(&self) -> String {
        self.claim.workstation.to_lossy()
    }

    /// Returns whether the client is anonymous.
    #[wasm_bindgen(getter)]
    pub fn anonymous(&self) -> bool {
        self.claim.anonymous
    }

    /// Checks the claim against the account's password or NT hash. With neither, there is no such account; the check takes as long
    /// as for a wrong password.
    pub fn verify(self, password: Option<String>, nt_hash: Option<Vec<u8>>, now: f64) -> Result<Acceptance, JsValue> {
        guard(|| {
            let hashes = options::hashes(password, nt_hash, Some(CodePage::DEFAULT))?;
            let now = FileTime::from_unix_milliseconds(now as i64);
            let mut accepted = self.claim.verify(&self.server, hashes.as_ref(), now)?;
            let token = self.framing.complete(&mut accepted.session)?;
            Ok(Acceptance {
                ntlm_version: accepted.version.map(Into::into),
                mic: accepted.mic,
                domain: accepted.domain.to_lossy(),
                target_name: accepted.target_name.as_ref().map(Text::to_lossy),
                token: token.as_deref().map(base64::encode),
                session: Some(SecuritySession::of_server(accepted.session)),
            })
        })
    }
}

/// A client whose claim was verified. Its strings and its session can be taken once.
#[wasm_bindgen]
pub struct Acceptance {
    ntlm_version: Option<ResponseName>,
    mic: bool,
    domain: String,
    target_name: Option<String>,
    token: Option<String>,
    session: Option<SecuritySession>,
}

#[wasm_bindgen]
impl Acceptance {
    /// Returns the kind of response; undefined for an anonymous client.
    #[wasm_bindgen(getter, js_name = ntlmVersion)]
    pub fn ntlm_version(&self) -> Option<ResponseName> {
        self.ntlm_version
    }

    /// Returns whether a message integrity code protected the three messages.
    #[wasm_bindgen(getter)]
    pub fn mic(&self) -> bool {
        self.mic
    }

    /// Returns the domain that the password proof covers.
    #[wasm_bindgen(getter)]
    pub fn domain(&mut self) -> String {
        take(&mut self.domain)
    }

    /// Returns the service that the client named.
    #[wasm_bindgen(getter, js_name = targetName)]
    pub fn target_name(&mut self) -> Option<String> {
        self.target_name.take()
    }

    /// Returns the last SPNEGO token for the client, in base64.
    #[wasm_bindgen(getter)]
    pub fn token(&mut self) -> Option<String> {
        self.token.take()
    }

    /// Returns the session security for the messages that follow.
    #[wasm_bindgen(getter)]
    pub fn session(&mut self) -> Option<SecuritySession> {
        self.session.take()
    }
}
