//! Everywhere but on Windows: GSS-API, and winbind's helper where that has nothing.

mod context;
mod credential;
mod library;
mod name;
mod oids;
mod status;
pub mod survey;
mod winbind;

use crate::sspi::failure::{Failure, Reason};
use crate::sspi::gss::context::Context;
use crate::sspi::gss::winbind::Helper;
use crate::sspi::mechanism::Progress;
use crate::sspi::options::{Options, Package};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// One handshake, and the protection of messages behind it.
pub enum Dialogue {
    /// GSS-API's.
    Gss(Context),
    /// The helper program's: bare NTLM, which servers also understand under the name of Negotiate, as Windows sends it so too.
    Winbind(Helper),
}

impl Dialogue {
    /// Begins: the first token.
    pub fn begin(options: &Options, package: Package) -> Result<(Self, Progress), Failure> {
        let failure = match Context::begin(options, package) {
            Ok((context, progress)) => return Ok((Dialogue::Gss(context), progress)),
            Err(failure) => failure,
        };
        if options.explicit.is_some() || options.credential_cache.is_some() {
            return Err(failure);
        }
        match Helper::begin(options) {
            Ok((helper, progress)) => Ok((Dialogue::Winbind(helper), progress)),
            Err(second) => Err(both(failure, &second)),
        }
    }

    /// Takes the server's token.
    pub fn step(&mut self, token: &[u8]) -> Result<Progress, Failure> {
        match self {
            Dialogue::Gss(context) => context.step(token),
            Dialogue::Winbind(helper) => helper.step(token),
        }
    }

    /// Who is signed on.
    pub fn identity(&self) -> Option<String> {
        match self {
            Dialogue::Gss(context) => context.identity(),
            Dialogue::Winbind(helper) => Some(helper.identity()),
        }
    }

    /// The key that other protocols take from here.
    pub fn session_key(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.context()?.session_key()
    }

    /// A signature apart from its message.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.context()?.sign(message)
    }

    /// Checks a signature.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        self.context()?.verify(message, signature)
    }

    /// Encrypts and signs into one piece.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.context()?.seal(message)
    }

    /// Decrypts and checks what the other side sealed.
    pub fn unseal(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.context()?.unseal(sealed)
    }

    fn context(&self) -> Result<&Context, Failure> {
        match self {
            Dialogue::Gss(context) => Ok(context),
            Dialogue::Winbind(_) => Err(Failure::told(Reason::NotSupported, "winbind only authenticates")),
        }
    }
}

/// Neither way led on. What keeps GSS-API from it is said first; if that is that there is nothing, so is what winbind lacks.
fn both(first: Failure, second: &Failure) -> Failure {
    let nothing = |reason| matches!(reason, Reason::Unavailable | Reason::NoCredentials);
    if !nothing(first.reason()) || !nothing(second.reason()) {
        return first;
    }
    let reason = if second.reason() == Reason::Unavailable { first.reason() } else { Reason::NoCredentials };
    let message = format!("{}, and {}", first.message(), second.message());
    Failure::described(reason, message, first.advice())
}
