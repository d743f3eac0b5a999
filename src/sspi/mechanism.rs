//! The system's own mechanism in the place of NTLM's.

use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::mechanism::{Mechanism, Outcome, Step};
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

/// Whom to sign on as, and what the last handshake has to tell.
///
/// Mechanisms come and go with the schemes of a dialogue; what they found out stays here.
#[derive(Debug, Default)]
pub struct SystemClient {
    options: Options,
    notes: Mutex<Notes>,
}

/// What there is to know about a handshake.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// What is spoken.
    pub spoken: Option<Spoken>,
    /// Who is signed on, where the system tells.
    pub identity: Option<String>,
    /// What went wrong, behind an error of the kind `SsoFailed`.
    pub failure: Option<Failure>,
}

impl SystemClient {
    /// A client of the system's.
    pub fn new(options: Options) -> Self {
        SystemClient { options, notes: Mutex::default() }
    }

    /// What there is to know about the last handshake.
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

/// One handshake of the system's after another.
pub struct SystemMechanism {
    client: Arc<SystemClient>,
    package: Package,
    dialogue: Option<Dialogue>,
    /// Whether the server has all that it needs for its verdict.
    said_all: bool,
}

impl SystemMechanism {
    /// A mechanism whose tokens have the form of a package.
    pub const fn new(client: Arc<SystemClient>, package: Package) -> Self {
        SystemMechanism { client, package, dialogue: None, said_all: false }
    }

    /// A signature for a message, once the handshake is done.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.protected()?.sign(message)
    }

    /// Checks the other side's signature.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        self.protected()?.verify(message, signature)
    }

    /// Encrypts and signs a message into one piece.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.protected()?.seal(message)
    }

    /// Decrypts and checks what the other side sealed.
    pub fn unseal(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.protected()?.unseal(sealed)
    }

    /// The key that other protocols take from here.
    pub fn session_key(&mut self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.protected()?.session_key()
    }

    fn protected(&mut self) -> Result<&mut Dialogue, Failure> {
        let early = || Failure::told(Reason::NotSupported, "the handshake is not done");
        self.dialogue.as_mut().filter(|_| self.said_all).ok_or_else(early)
    }

    /// Notes what a step brought, and says whether it was the last one.
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
            // Behind our last token comes nothing but the server's proof.
            Err(failure) if self.said_all => Err(self.client.fail(failure.because(Reason::ServerNotProven))),
            Err(failure) => Err(self.client.fail(failure)),
        }
    }

    fn reset(&mut self) {
        (self.dialogue, self.said_all) = (None, false);
    }

    fn outcome(&self) -> Option<&Outcome> {
        None
    }
}
