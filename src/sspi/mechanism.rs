//! The operating system's mechanism behind the [`Mechanism`] trait.

use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::mechanism::{Mechanism, Step};
use crate::sspi::failure::{Failure, Reason};
#[cfg(unix)]
use crate::sspi::gss as platform;
use crate::sspi::options::{Options, Package};
use crate::sspi::progress::Progress;
use crate::sspi::token::{self, Spoken};
#[cfg(windows)]
use crate::sspi::windows as platform;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use platform::Dialogue;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// The identity to authenticate as, and notes about the last handshake.
///
/// A mechanism is created for each scheme of an HTTP handshake. This outlives them.
#[derive(Debug, Default)]
pub struct SystemClient {
    options: Options,
    notes: Mutex<Notes>,
}

/// Facts about a handshake.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// The mechanism in use.
    pub spoken: Option<Spoken>,
    /// The authenticated identity, if the system reports it.
    pub identity: Option<String>,
    /// The details of an error of kind `SsoFailed`.
    pub failure: Option<Failure>,
}

impl SystemClient {
    /// Creates a client.
    pub fn new(options: Options) -> Self {
        SystemClient { options, notes: Mutex::default() }
    }

    /// Returns facts about the last handshake.
    pub fn notes(&self) -> Notes {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, failure: Failure) -> Error {
        let error = Error::from(&failure);
        self.lock().failure = Some(failure);
        error
    }
}

/// A mechanism whose handshakes run in the operating system.
pub struct SystemMechanism {
    client: Arc<SystemClient>,
    package: Package,
    dialogue: Option<Dialogue>,
    /// Whether the server has all tokens that it needs.
    said_all: bool,
}

impl SystemMechanism {
    /// Creates a mechanism for a package.
    pub const fn new(client: Arc<SystemClient>, package: Package) -> Self {
        SystemMechanism { client, package, dialogue: None, said_all: false }
    }

    /// Signs a message, once the handshake is done.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.protected()?.sign(message)
    }

    /// Verifies the peer's signature.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        self.protected()?.verify(message, signature)
    }

    /// Encrypts and signs a message.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.protected()?.seal(message)
    }

    /// Decrypts and verifies a message sealed by the peer.
    pub fn unseal(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.protected()?.unseal(sealed)
    }

    /// Returns the session key, for protocols built on it.
    pub fn session_key(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.protected()?.session_key()
    }

    fn protected(&mut self) -> Result<&mut Dialogue, Failure> {
        let early = || Failure::told(Reason::NotSupported, "the handshake is not done");
        self.dialogue.as_mut().filter(|_| self.said_all).ok_or_else(early)
    }

    /// Records the result of a step.
    fn note(&mut self, progress: Progress) -> Step {
        let Some(token) = progress.token else {
            self.said_all |= progress.complete;
            return Step::Done;
        };
        let spoken = token::spoken(&token);
        self.said_all = progress.complete || spoken.is_some_and(|(_, says_all)| says_all);
        let mut notes = self.client.lock();
        notes.spoken = spoken.map(|(spoken, _)| spoken).or(notes.spoken);
        notes.identity = self.dialogue.as_ref().and_then(Dialogue::identity).or_else(|| notes.identity.take());
        if self.said_all { Step::Final(token) } else { Step::Continue(token) }
    }
}

impl Mechanism for SystemMechanism {
    fn start(&mut self, _env: &mut Env<'_>) -> Result<Step, Error> {
        self.reset();
        *self.client.lock() = Notes::default();
        let (dialogue, progress) =
            Dialogue::begin(&self.client.options, self.package).map_err(|failure| self.client.fail(failure))?;
        self.dialogue = Some(dialogue);
        Ok(self.note(progress))
    }

    fn step(&mut self, token: &[u8], _env: &mut Env<'_>) -> Result<Step, Error> {
        let Some(dialogue) = &mut self.dialogue else { return Err(ErrorKind::OutOfOrder.into()) };
        match dialogue.step(token) {
            Ok(progress) => Ok(self.note(progress)),
            Err(_) if token::is_rejection(token) => Err(ErrorKind::Rejected.into()),
            // After the final token, only the server's proof can follow.
            Err(failure) if self.said_all => Err(self.client.fail(failure.because(Reason::ServerNotProven))),
            Err(failure) => Err(self.client.fail(failure)),
        }
    }

    fn reset(&mut self) {
        (self.dialogue, self.said_all) = (None, false);
    }
}
