//! The acceptor, in three steps with the search for the account left to JavaScript, as it may take a while.

use crate::bind::wasm::Result;
use crate::bind::wasm::client::env;
use crate::bind::wasm::random::Source;
use crate::bind::wasm::session::Session;
use crate::error::{Error, ErrorKind};
use crate::ntlm::credential::Hashes;
use crate::ntlm::message::MessageType;
use crate::ntlm::policy::{ChannelBindingPolicy, Policy};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::server::{self, ServerConfig};
use crate::ntlm::version::Version;
use crate::spnego::server::{SpnegoServer, Unwrapped};
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// A server.
#[wasm_bindgen]
pub struct Server {
    config: ServerConfig,
    random: Source,
    framing: SpnegoServer,
    challenged: Option<(server::Server, server::Challenged)>,
}

#[wasm_bindgen]
impl Server {
    /// A server that calls itself so. Empty DNS names are left out.
    #[wasm_bindgen(constructor)]
    pub fn new(
        netbios_domain: String,
        netbios_computer: String,
        dns_domain: String,
        dns_computer: String,
        dns_tree: String,
    ) -> Server {
        let config = ServerConfig {
            netbios_domain,
            netbios_computer,
            dns_domain,
            dns_computer,
            dns_tree,
            timestamp: true,
            version: Version::DEFAULT,
            code_page: CodePage::DEFAULT,
            policy: Policy::default(),
        };
        Server { config, random: Source::default(), framing: SpnegoServer::default(), challenged: None }
    }

    /// The hash that stands for the TLS channel.
    #[wasm_bindgen(js_name = channelBindings)]
    pub fn channel_bindings(&mut self, hash: &[u8]) -> Result<()> {
        self.config.policy.channel_bindings = Some(hash.try_into().map_err(|_| Error::from(ErrorKind::InvalidOption))?);
        Ok(())
    }

    /// What to do about it: 0 nothing, 1 refuse a wrong one, else require it.
    #[wasm_bindgen(js_name = channelBindingPolicy)]
    pub fn channel_binding_policy(&mut self, policy: u8) {
        self.config.policy.channel_binding_policy = match policy {
            0 => ChannelBindingPolicy::Off,
            1 => ChannelBindingPolicy::IfPresent,
            _ => ChannelBindingPolicy::Required,
        };
    }

    /// Yes-or-no rules.
    pub fn rules(&mut self, require_mic: bool, allow_anonymous: bool, timestamp: bool) {
        self.config.policy.require_mic = require_mic;
        self.config.policy.allow_anonymous = allow_anonymous;
        self.config.timestamp = timestamp;
    }

    /// The oldest response to accept: 1 NTLMv1, 2 NTLM2 session, else NTLMv2.
    #[wasm_bindgen(js_name = minimumNtlmVersion)]
    pub fn minimum_ntlm_version(&mut self, version: u8) {
        self.config.policy.minimum_version = match version {
            1 => NtlmVersion::V1,
            2 => NtlmVersion::V2Session,
            _ => NtlmVersion::V2,
        };
    }

    /// Adds a service principal name that clients may mean.
    #[wasm_bindgen(js_name = targetName)]
    pub fn target_name(&mut self, name: String) {
        self.config.policy.target_names.push(name);
    }

    /// How long a challenge may take to be answered, in seconds.
    #[wasm_bindgen(js_name = challengeLifetime)]
    pub fn challenge_lifetime(&mut self, seconds: u32) {
        self.config.policy.challenge_lifetime_seconds = u64::from(seconds);
    }

    /// The version, such as `10.0.26100`.
    pub fn version(&mut self, version: &str) -> Result<()> {
        self.config.version = Version::parse(version)?;
        Ok(())
    }

    /// The code page of OEM text.
    #[wasm_bindgen(js_name = oemEncoding)]
    pub fn oem_encoding(&mut self, name: &str) -> Result<()> {
        self.config.code_page = CodePage::by_name(name).ok_or(Error::from(ErrorKind::InvalidOption))?;
        Ok(())
    }

    /// A function to take randomness from.
    pub fn random(&mut self, function: Function) {
        self.random = Source(Some(function));
    }

    /// Answers message 1, or a first token of SPNEGO that holds none yet.
    pub fn challenge(&mut self, token: &[u8], now: f64) -> Result<Vec<u8>> {
        self.challenged = None;
        let negotiate = match self.framing.unwrap(token)? {
            Unwrapped::Choose(reply) => return Ok(reply),
            Unwrapped::Message(MessageType::Negotiate, message) => message,
            Unwrapped::Message(..) => return Err(Error::from(ErrorKind::WrongMessageType).into()),
        };
        let server = server::Server::new(self.config.clone());
        let challenged = server.challenge(negotiate, &mut env(&mut self.random, now))?;
        let reply = self.framing.wrap_challenge(challenged.message());
        self.challenged = Some((server, challenged));
        Ok(reply)
    }

    /// Whether a challenge waits for its answer.
    pub fn challenged(&self) -> bool {
        self.challenged.is_some()
    }

    /// Reads message 3, which uses the challenge up.
    pub fn receive(&mut self, token: &[u8]) -> Result<Claim> {
        let (server, challenged) = self.challenged.take().ok_or(Error::from(ErrorKind::OutOfOrder))?;
        let Unwrapped::Message(MessageType::Authenticate, message) = self.framing.unwrap(token)? else {
            return Err(Error::from(ErrorKind::WrongMessageType).into());
        };
        let claim = challenged.receive(&server, message)?;
        Ok(Claim { server, claim, framing: core::mem::take(&mut self.framing) })
    }
}

/// What a client says it is.
#[wasm_bindgen]
pub struct Claim {
    server: server::Server,
    claim: server::Claim,
    framing: SpnegoServer,
}

#[wasm_bindgen]
impl Claim {
    /// The user name.
    pub fn username(&self) -> String {
        self.claim.user.clone()
    }

    /// The domain.
    pub fn domain(&self) -> String {
        self.claim.domain.clone()
    }

    /// The client's computer name.
    pub fn workstation(&self) -> String {
        self.claim.workstation.clone()
    }

    /// Whether it wants to be nobody.
    pub fn anonymous(&self) -> bool {
        self.claim.anonymous
    }

    /// Checks it against a password in UTF-16 code units.
    #[wasm_bindgen(js_name = verifyPassword)]
    pub fn verify_password(self, password: Vec<u16>, now: f64) -> Result<Accepted> {
        let hashes = Hashes::of_password(&Zeroizing::new(password), CodePage::DEFAULT);
        self.verify(Some(&hashes), now)
    }

    /// Checks it against an NT hash in hexadecimal, or `LM:NT`.
    #[wasm_bindgen(js_name = verifyHashText)]
    pub fn verify_hash_text(self, hash: String, now: f64) -> Result<Accepted> {
        let hashes = Hashes::parse(&Zeroizing::new(hash))?;
        self.verify(Some(&hashes), now)
    }

    /// Checks it against an NT hash of 16 bytes.
    #[wasm_bindgen(js_name = verifyHash)]
    pub fn verify_hash(self, hash: Vec<u8>, now: f64) -> Result<Accepted> {
        let hash = Zeroizing::new(hash);
        let bytes = hash.as_slice().try_into().map_err(|_| Error::from(ErrorKind::InvalidHash))?;
        self.verify(Some(&Hashes::of_nt_hash(bytes)), now)
    }

    /// There is no such account. Takes as long as a wrong password; a client that wants to be nobody may pass.
    #[wasm_bindgen(js_name = verifyUnknown)]
    pub fn verify_unknown(self, now: f64) -> Result<Accepted> {
        self.verify(None, now)
    }
}

impl Claim {
    fn verify(self, hashes: Option<&Hashes>, now: f64) -> Result<Accepted> {
        let mut accepted = self.claim.verify(&self.server, hashes, FileTime::from_unix_milliseconds(now as i64))?;
        let token = self.framing.complete(&mut accepted.session)?;
        Ok(Accepted {
            version: accepted.version.map_or(0, |version| version as u8 + 1),
            mic: accepted.mic,
            domain: accepted.domain,
            token,
            target_name: accepted.target_name,
            session: Rc::new(RefCell::new(accepted.session)),
        })
    }
}

/// A client that proved what it said.
#[wasm_bindgen]
pub struct Accepted {
    version: u8,
    mic: bool,
    domain: String,
    token: Option<Vec<u8>>,
    target_name: Option<String>,
    session: Rc<RefCell<crate::ntlm::seal::SecuritySession>>,
}

#[wasm_bindgen]
impl Accepted {
    /// The kind of response: 1 NTLMv1, 2 NTLM2 session, 3 NTLMv2; 0 for an anonymous client.
    #[wasm_bindgen(js_name = ntlmVersion)]
    pub fn ntlm_version(&self) -> u8 {
        self.version
    }

    /// The domain that was proven.
    pub fn domain(&self) -> String {
        self.domain.clone()
    }

    /// The last token for the client, which SPNEGO has and NTLM has not.
    pub fn token(&self) -> Option<Vec<u8>> {
        self.token.clone()
    }

    /// Whether the messages were protected against changes.
    pub fn mic(&self) -> bool {
        self.mic
    }

    /// The service that the client meant to speak to.
    #[wasm_bindgen(js_name = targetName)]
    pub fn target_name(&self) -> Option<String> {
        self.target_name.clone()
    }

    /// What protects the messages to come.
    pub fn session(&self) -> Session {
        Session::new(Rc::clone(&self.session))
    }
}
