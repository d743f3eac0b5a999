//! What all mechanisms have in common for those who carry their tokens: the one trait that `http` and the bindings know.

use crate::env::Env;
use crate::error::Error;
use crate::ntlm::client::{Authenticated, Client, Negotiated};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::seal::SecuritySession;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

/// What a client does after a step of the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this; more will follow.
    Continue(Vec<u8>),
    /// Send this; if the server is content, that was all.
    Final(Vec<u8>),
    /// Nothing is left to send.
    Done,
}

impl Step {
    /// What is to be sent, if anything.
    pub fn token(self) -> Option<Vec<u8>> {
        match self {
            Step::Continue(token) | Step::Final(token) => Some(token),
            Step::Done => None,
        }
    }
}

/// The client side of a mechanism. It reads no clock, no randomness and no network: all that comes in through `Env`.
pub trait Mechanism {
    /// Begins a handshake, forgetting one that was under way. A first token may be all that there is to say, as a ticket of Kerberos is.
    fn start(&mut self, env: &mut Env<'_>) -> Result<Step, Error>;

    /// Takes the server's token.
    fn step(&mut self, token: &[u8], env: &mut Env<'_>) -> Result<Step, Error>;

    /// Forgets the handshake; the credentials stay.
    fn reset(&mut self);

    /// What the last handshake came to, from its final token on; nothing where the operating system keeps it to itself.
    fn outcome(&self) -> Option<&Outcome>;
}

/// What a handshake came to.
#[derive(Clone)]
pub struct Outcome {
    /// The kind of response that was sent; `None` for an anonymous client, or where the mechanism does not tell.
    pub ntlm_version: Option<NtlmVersion>,
    /// What protects the messages to come.
    pub session: Rc<RefCell<SecuritySession>>,
}

/// Plain NTLM.
pub struct NtlmMechanism {
    client: Rc<Client>,
    negotiated: Option<Negotiated>,
    outcome: Option<Outcome>,
}

impl NtlmMechanism {
    /// A mechanism that signs on as a client does.
    pub const fn new(client: Rc<Client>) -> Self {
        NtlmMechanism { client, negotiated: None, outcome: None }
    }

    /// Message 1 of a new handshake.
    pub fn begin(&mut self) -> Result<Vec<u8>, Error> {
        self.reset();
        let negotiated = self.client.negotiate()?;
        Ok(self.negotiated.insert(negotiated).message().to_vec())
    }
}

impl Mechanism for NtlmMechanism {
    fn start(&mut self, _env: &mut Env<'_>) -> Result<Step, Error> {
        self.begin().map(Step::Continue)
    }

    fn step(&mut self, token: &[u8], env: &mut Env<'_>) -> Result<Step, Error> {
        // Message 1 follows from the options alone, so who did not ask for it here, or asked another instance, sent this one.
        let negotiated = match self.negotiated.take() {
            Some(negotiated) => negotiated,
            None if self.client.is_connectionless() => Client::connectionless(),
            None => self.client.negotiate()?,
        };
        let Authenticated { message, version, session } = negotiated.authenticate(&self.client, token, env)?;
        self.outcome = Some(Outcome { ntlm_version: version, session: Rc::new(RefCell::new(session)) });
        Ok(Step::Final(message))
    }

    fn reset(&mut self) {
        (self.negotiated, self.outcome) = (None, None);
    }

    fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }
}
