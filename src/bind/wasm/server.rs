//! The acceptor, in three steps with the search for the account left to JavaScript, as it may take a while.

use crate::bind::wasm::Core;
use crate::bind::wasm::arguments::Arguments;
use crate::bind::wasm::client::{read, written};
use crate::bind::wasm::exchange::{Answer, number};
use crate::bind::wasm::random::{Random, env, time};
use crate::bind::wasm::slots::Slots;
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::ntlm::message::MessageType;
use crate::ntlm::policy::{ChannelBindingPolicy, Policy};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::server::{self, ServerConfig};
use crate::ntlm::version::Version;
use crate::secret::with_wiped_stack;
use crate::spnego::server::{SpnegoServer, Unwrapped};
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

/// A server and the handshake that it is in.
pub struct Server {
    server: Rc<server::Server>,
    framing: SpnegoServer,
    challenged: Option<server::Challenged>,
}

/// What a client says it is.
pub struct Claim {
    server: Rc<server::Server>,
    framing: SpnegoServer,
    claim: server::Claim,
}

#[wasm_bindgen]
impl Core {
    /// A server with the options in the exchange: its number.
    pub fn server(&mut self, length: usize) -> i32 {
        match config(&mut Arguments::new(self.exchange.arguments(length))) {
            Ok(config) => self.slots.insert(Server {
                server: Rc::new(server::Server::new(config)),
                framing: SpnegoServer::default(),
                challenged: None,
            }),
            Err(error) => number(error),
        }
    }

    /// Answers message 1, or a first token of SPNEGO that holds none yet.
    pub fn challenge(&mut self, handle: u32, length: usize, from_text: bool, as_text: bool, now: f64) -> i32 {
        let answer = self.slots.get::<Server>(handle).and_then(|server| {
            let token = read(self.exchange.arguments(length), from_text)?;
            server.challenge(&token, &mut env(&mut Random, now))
        });
        self.exchange.answer(answer.map(|token| written(token, as_text)))
    }

    /// Whether a challenge waits for its answer.
    pub fn challenged(&mut self, handle: u32) -> bool {
        self.slots.get::<Server>(handle).is_ok_and(|server| server.challenged.is_some())
    }

    /// Reads message 3, which uses the challenge up. The answer: the claim's number, whether it is anonymous,
    /// user name, domain, workstation.
    pub fn receive(&mut self, handle: u32, length: usize, from_text: bool) -> i32 {
        let claim = self
            .slots
            .get::<Server>(handle)
            .and_then(|server| server.receive(&read(self.exchange.arguments(length), from_text)?));
        let answer = claim.map(|claim| {
            let mut answer = Answer::default();
            let told = &claim.claim;
            answer.number(u32::from(told.anonymous));
            [&told.user, &told.domain, &told.workstation]
                .into_iter()
                .for_each(|name| answer.bytes(Some(name.as_bytes())));
            answer.number(self.slots.insert(claim) as u32);
            answer
        });
        self.exchange.answer(answer)
    }

    /// Checks a claim, which uses it up, against what proves the account, as it stands in the exchange. The answer: the
    /// kind of the response (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2, 0 for an anonymous client), whether the messages were
    /// protected against changes, the proven domain, the service that was meant, the last token for the client in base64,
    /// the number of the session.
    ///
    /// Without an account it takes as long as with a wrong password; a client that wants to be nobody may pass.
    pub fn verify(&mut self, handle: u32, length: usize, now: f64) -> i32 {
        let account = Arguments::new(self.exchange.arguments(length));
        let answer = with_wiped_stack(|| {
            let claim = self.slots.take::<Claim>(handle)?;
            verify(claim, account, time(now), &mut self.slots)
        });
        self.exchange.answer(answer)
    }
}

impl Server {
    fn challenge(&mut self, token: &[u8], env: &mut Env<'_>) -> Result<Vec<u8>, Error> {
        self.challenged = None;
        let negotiate = match self.framing.unwrap(token)? {
            Unwrapped::Choose(reply) => return Ok(reply),
            Unwrapped::Message(MessageType::Negotiate, message) => message,
            Unwrapped::Message(..) => return Err(ErrorKind::WrongMessageType.into()),
        };
        let challenged = self.server.challenge(negotiate, env)?;
        let reply = self.framing.wrap_challenge(challenged.message());
        self.challenged = Some(challenged);
        Ok(reply)
    }

    fn receive(&mut self, token: &[u8]) -> Result<Claim, Error> {
        let challenged = self.challenged.take().ok_or(ErrorKind::OutOfOrder)?;
        let Unwrapped::Message(MessageType::Authenticate, message) = self.framing.unwrap(token)? else {
            return Err(ErrorKind::WrongMessageType.into());
        };
        let claim = challenged.receive(&self.server, message)?;
        Ok(Claim { server: Rc::clone(&self.server), claim, framing: core::mem::take(&mut self.framing) })
    }
}

fn verify(claim: Claim, mut account: Arguments<'_>, now: FileTime, slots: &mut Slots) -> Result<Answer, Error> {
    let hashes = account.proof(Some(CodePage::DEFAULT))?;
    let mut accepted = claim.claim.verify(&claim.server, hashes.as_ref(), now)?;
    let token = claim.framing.complete(&mut accepted.session)?.map(|token| written(token, true));
    let mut answer = Answer::default();
    answer.number(accepted.version.map_or(0, |version| version as u32 + 1));
    answer.number(u32::from(accepted.mic));
    answer.bytes(Some(accepted.domain.as_bytes()));
    answer.bytes(accepted.target_name.as_ref().map(|name| name.as_bytes()));
    answer.bytes(token.as_deref());
    answer.number(slots.insert(Rc::new(RefCell::new(accepted.session))) as u32);
    Ok(answer)
}

const REQUIRE_MIC: u32 = 1;
const ALLOW_ANONYMOUS: u32 = 2;
const TIMESTAMP: u32 = 4;

/// The options of a server, in the order in which JavaScript writes them.
fn config(options: &mut Arguments<'_>) -> Result<ServerConfig, Error> {
    let switches = options.number()?;
    let channel_binding_policy = match options.number()? {
        0 => ChannelBindingPolicy::Off,
        1 => ChannelBindingPolicy::IfPresent,
        _ => ChannelBindingPolicy::Required,
    };
    let minimum_version = match options.number()? {
        1 => NtlmVersion::V1,
        2 => NtlmVersion::V2Session,
        _ => NtlmVersion::V2,
    };
    let challenge_lifetime_seconds = u64::from(options.number()?);
    let channel_bindings = options.hash()?;
    let version = options.text()?.map_or(Ok(Version::DEFAULT), Version::parse)?;
    let code_page = options.code_page()?;
    let mut target_names = Vec::new();
    for _ in 0..options.number()? {
        target_names.push(options.string()?);
    }
    Ok(ServerConfig {
        netbios_domain: options.string()?,
        netbios_computer: options.string()?,
        dns_domain: options.string()?,
        dns_computer: options.string()?,
        dns_tree: options.string()?,
        timestamp: switches & TIMESTAMP != 0,
        version,
        code_page,
        policy: Policy {
            channel_bindings,
            channel_binding_policy,
            require_mic: switches & REQUIRE_MIC != 0,
            minimum_version,
            allow_anonymous: switches & ALLOW_ANONYMOUS != 0,
            target_names,
            challenge_lifetime_seconds,
        },
    })
}
