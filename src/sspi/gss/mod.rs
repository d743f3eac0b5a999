//! Single sign-on except on Windows: GSS-API, and winbind's helper program if GSS-API has no credentials.

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
use crate::sspi::gss::library::Library;
use crate::sspi::gss::winbind::Helper;
use crate::sspi::options::{Options, Package};
use crate::sspi::progress::Progress;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// One handshake, and message protection after it.
pub enum Dialogue {
    /// By GSS-API.
    Gss(Context),
    /// By the helper program: raw NTLM. Servers accept it as Negotiate too, because Windows sends it.
    Winbind(Helper),
}

impl Dialogue {
    /// Starts a handshake and returns the first token.
    pub fn begin(options: &Options, package: Package) -> Result<(Self, Progress), Failure> {
        let mut failures = Vec::new();
        match begin_gss(options, package, &mut failures) {
            Some((context, progress)) => return Ok((Dialogue::Gss(context), progress)),
            None if options.explicit.is_some() || options.credential_cache.is_some() => {}
            None => match Helper::begin(options) {
                Ok((helper, progress)) => return Ok((Dialogue::Winbind(helper), progress)),
                Err(failure) => failures.push(failure),
            },
        }
        Err(Failure::all(failures))
    }

    /// Processes the server's token.
    pub fn step(&mut self, token: &[u8]) -> Result<Progress, Failure> {
        match self {
            Dialogue::Gss(context) => context.step(token),
            Dialogue::Winbind(helper) => helper.step(token),
        }
    }

    /// Returns the authenticated identity.
    pub fn identity(&self) -> Option<String> {
        match self {
            Dialogue::Gss(context) => context.identity(),
            Dialogue::Winbind(helper) => Some(helper.identity()),
        }
    }

    /// Returns the session key.
    pub fn session_key(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        self.context()?.session_key()
    }

    /// Signs a message.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.context()?.sign(message)
    }

    /// Verifies a signature.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        self.context()?.verify(message, signature)
    }

    /// Encrypts and signs a message.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        self.context()?.seal(message)
    }

    /// Decrypts and verifies a message.
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

/// Tries GSS-API's mechanisms in order. Their failures are collected in `failures`.
fn begin_gss(options: &Options, package: Package, failures: &mut Vec<Failure>) -> Option<(Context, Progress)> {
    let library = Library::get().map_err(|failure| failures.push(failure)).ok()?;
    let mut attempt = |mechanism, only| {
        Context::begin(library, options, mechanism, only).map_err(|failure| failures.push(named(failure, options))).ok()
    };
    match (package, &options.explicit) {
        (Package::Ntlm, _) => attempt(&oids::NTLMSSP, None),
        (Package::Negotiate, Some(explicit)) if explicit.names_realm() => {
            // Kerberos alone first: SPNEGO would retry a rejected password with NTLM.
            if attempt(&oids::KERBEROS, None).is_some() {
                return attempt(&oids::SPNEGO, Some(&oids::KERBEROS));
            }
            let refused =
                |failure: &Failure| matches!(failure.reason(), Reason::LogonDenied | Reason::AccountRestricted);
            if failures.iter().any(refused) {
                return None;
            }
            Context::begin(library, options, &oids::SPNEGO, Some(&oids::NTLMSSP)).ok()
        }
        (Package::Negotiate, Some(_)) => attempt(&oids::SPNEGO, Some(&oids::NTLMSSP)),
        // If tickets are selected, other mechanisms are not tried: their credentials belong to another user.
        (Package::Negotiate, None) if options.names_tickets() => {
            attempt(&oids::KERBEROS, None)?;
            attempt(&oids::SPNEGO, Some(&oids::KERBEROS))
        }
        (Package::Negotiate, None) => match Context::begin(library, options, &oids::SPNEGO, None) {
            Ok(begun) => Some(begun),
            // SPNEGO's status has no reason. The status of its mechanisms does.
            Err(failure) => {
                let (kerberos, ntlm) = (attempt(&oids::KERBEROS, None), attempt(&oids::NTLMSSP, None));
                if kerberos.is_some() && ntlm.is_some() {
                    failures.push(failure);
                }
                None
            }
        },
    }
}

/// Adds the target name to the error, because it is the usual mistake.
fn named(failure: Failure, options: &Options) -> Failure {
    match failure.reason() {
        reason @ Reason::TargetUnknown => {
            Failure::described(reason, format!("the domain knows no service {}", options.target), reason.advice())
        }
        _ => failure,
    }
}
