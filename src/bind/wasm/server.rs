//! The acceptor, in three steps with the search for the account left to JavaScript, as it may take a while.

use crate::bind::wasm::Call;
use crate::bind::wasm::arguments::Arguments;
use crate::bind::wasm::exchange::{Answer, Outcome};
use crate::bind::wasm::random::Random;
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::ntlm::message::MessageType;
use crate::ntlm::policy::{ChannelBindingPolicy, Policy};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::server::{self, ServerConfig};
use crate::spnego::server::{SpnegoServer, Unwrapped};
use crate::wire::oem::CodePage;
use crate::wire::text::Text;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

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

impl Call<'_> {
    #[inline(never)]
    pub(super) fn server(&mut self) -> Result<Outcome, Error> {
        let server = Rc::new(server::Server::new(config(&mut self.arguments())?));
        Ok(Outcome::Number(self.slots.insert(Server { server, framing: SpnegoServer::default(), challenged: None })))
    }

    #[inline(never)]
    pub(super) fn challenge(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let token = self.read()?;
        let reply = self.slots.server(self.handle)?.challenge(&token, &mut env)?;
        Ok(Outcome::Bytes(reply))
    }

    pub(super) fn challenged(&mut self) -> Result<Outcome, Error> {
        let server = self.slots.server(self.handle)?;
        Ok(Outcome::Number(server.challenged.is_some().into()))
    }

    #[inline(never)]
    pub(super) fn receive(&mut self) -> Result<Outcome, Error> {
        let token = self.read()?;
        let claim = self.slots.server(self.handle)?.receive(&token)?;
        let mut answer = Answer::default();
        let told = &claim.claim;
        answer.number(u32::from(told.anonymous));
        [&told.user, &told.domain, &told.workstation]
            .into_iter()
            .for_each(|name| answer.bytes(Some(name.as_utf16le())));
        answer.number(self.slots.insert(claim) as u32);
        Ok(answer.into())
    }

    #[inline(never)]
    pub(super) fn verify(&mut self) -> Result<Outcome, Error> {
        let claim = self.slots.take_claim(self.handle)?;
        let mut arguments = self.arguments();
        let hashes = arguments.proof(Some(CodePage::DEFAULT));
        arguments.check()?;
        let mut accepted = claim.claim.verify(&claim.server, hashes.as_ref(), self.now)?;
        let token = claim.framing.complete(&mut accepted.session)?;
        let mut answer = Answer::default();
        answer.number(accepted.version.map_or(0, |version| version as u32 + 1));
        answer.number(u32::from(accepted.mic));
        answer.bytes(Some(accepted.domain.as_utf16le()));
        answer.bytes(accepted.target_name.as_ref().map(Text::as_utf16le));
        answer.bytes(token.as_deref());
        answer.number(self.slots.insert(Rc::new(RefCell::new(accepted.session))) as u32);
        Ok(answer.into())
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

const REQUIRE_MIC: u32 = 1;
const ALLOW_ANONYMOUS: u32 = 2;
const TIMESTAMP: u32 = 4;

/// The options of a server, in the order in which JavaScript writes them.
fn config(options: &mut Arguments<'_>) -> Result<ServerConfig, Error> {
    let switches = options.number();
    let channel_binding_policy = match options.number() {
        0 => ChannelBindingPolicy::Off,
        1 => ChannelBindingPolicy::IfPresent,
        _ => ChannelBindingPolicy::Required,
    };
    let minimum_version = match options.number() {
        1 => NtlmVersion::V1,
        2 => NtlmVersion::V2Session,
        _ => NtlmVersion::V2,
    };
    let challenge_lifetime_seconds = u64::from(options.number());
    let channel_bindings = options.hash();
    let version = options.version();
    let code_page = options.code_page();
    let target_names = (0..options.count()).map(|_| options.text()).collect();
    let config = ServerConfig {
        netbios_domain: options.text(),
        netbios_computer: options.text(),
        dns_domain: options.text(),
        dns_computer: options.text(),
        dns_tree: options.text(),
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
    };
    options.check()?;
    Ok(config)
}
