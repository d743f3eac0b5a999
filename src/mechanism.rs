//! The interface that all authentication mechanisms share, and NTLM as one of them.

use crate::env::Env;
use crate::error::Error;
use crate::ntlm::client::{Authenticated, Client, Negotiated};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::seal::SecuritySession;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The result of one step of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this token and wait for another one.
    Continue(Vec<u8>),
    /// Send this token. It is the last one if the server accepts it.
    Final(Vec<u8>),
    /// Nothing is left to send.
    Done,
}

impl Step {
    /// Returns the token to send, if any.
    pub fn token(self) -> Option<Vec<u8>> {
        match self {
            Step::Continue(token) | Step::Final(token) => Some(token),
            Step::Done => None,
        }
    }
}

/// The client side of a mechanism. It reads no clock, no randomness and no network: they come in through [`Env`].
pub trait Mechanism: Send {
    /// Starts a handshake and drops any handshake in progress. The first token can also be the final one, as with a Kerberos ticket.
    fn start(&mut self, env: &mut Env<'_>) -> Result<Step, Error>;

    /// Processes the server's token.
    fn step(&mut self, token: &[u8], env: &mut Env<'_>) -> Result<Step, Error>;

    /// Drops the handshake and keeps the credentials.
    fn reset(&mut self);

    /// Returns what the handshake established, from its final token on; `None` if the operating system keeps it.
    fn outcome(&self) -> Option<&Outcome> {
        None
    }

    /// Returns a mutable reference to the outcome, for signing and sealing messages.
    fn outcome_mut(&mut self) -> Option<&mut Outcome> {
        None
    }
}

/// The result of a completed handshake.
pub struct Outcome {
    /// The kind of response that was sent; `None` for an anonymous client or if the mechanism does not report it.
    pub ntlm_version: Option<NtlmVersion>,
    /// Protects the messages that follow.
    pub session: SecuritySession,
}

/// Plain NTLM.
pub struct NtlmMechanism {
    client: Arc<Client>,
    negotiated: Option<Negotiated>,
    outcome: Option<Outcome>,
}

impl NtlmMechanism {
    /// Creates a mechanism that authenticates with the client's credentials.
    pub const fn new(client: Arc<Client>) -> Self {
        NtlmMechanism { client, negotiated: None, outcome: None }
    }

    /// Creates message 1 of a new handshake.
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
        let answer = match self.negotiated.take() {
            Some(negotiated) => negotiated.authenticate(&self.client, token, env),
            None => self.client.authenticate(token, env),
        };
        let Authenticated { message, version, session } = answer?;
        self.outcome = Some(Outcome { ntlm_version: version, session });
        Ok(Step::Final(message))
    }

    fn reset(&mut self) {
        (self.negotiated, self.outcome) = (None, None);
    }

    fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    fn outcome_mut(&mut self) -> Option<&mut Outcome> {
        self.outcome.as_mut()
    }
}
