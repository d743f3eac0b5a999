//! The system's own NTLM against this crate's acceptor: SSPI on Windows, gss-ntlmssp elsewhere. Under Wine it is Samba's
//! `ntlm_auth` that speaks.

use crate::support::{Counter, NOW, env, password, server_config};
use ntlm_wasm::env::Env;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::mechanism::{Mechanism, Step};
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::sspi::alive;
use ntlm_wasm::sspi::mechanism::{SystemClient, SystemMechanism};
use ntlm_wasm::sspi::options::{Explicit, Options, Package, Password};
use ntlm_wasm::sspi::token::Spoken;
use ntlm_wasm::wire::filetime::FileTime;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

/// The counts are of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until no other test is under way; one that failed is none.
pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Options with a user name and password for the system.
pub fn options(secret: &str) -> Options {
    let credentials =
        Explicit { username: "DOMAIN\\alice".into(), password: Password::new(secret.into()), domain: None };
    Options { target: "HTTP/server.domain.example".into(), explicit: Some(credentials), ..Options::default() }
}

fn client(secret: &str, sign: bool) -> Arc<SystemClient> {
    Arc::new(SystemClient::new(Options { sign, ..options(secret) }))
}

/// A handshake up to the verdict of the acceptor.
fn shake(mechanism: &mut SystemMechanism) -> Result<Accepted, Error> {
    shake_under(mechanism, Policy::default())
}

/// The same with an acceptor of a certain strictness.
pub fn shake_under(mechanism: &mut SystemMechanism, policy: Policy) -> Result<Accepted, Error> {
    let server = Server::new(server_config(policy));
    // The system uses its own clock and the server's.
    let now = UNIX_EPOCH.elapsed().map_or(NOW, |elapsed| FileTime::from_unix_milliseconds(elapsed.as_millis() as i64));
    let mut random = Counter(3);
    let mut env = Env { now, random: &mut random };
    let Step::Continue(negotiate) = mechanism.start(&mut env)? else { panic!("message 1 is not all") };
    let challenged = server.challenge(negotiate, &mut env)?;
    let Step::Final(authenticate) = mechanism.step(challenged.message(), &mut env)? else {
        panic!("message 3 is the last one")
    };
    challenged.receive(&server, authenticate)?.verify(&server, Some(&password("secret")), now)
}

#[test]
fn right_password_is_accepted() {
    let _alone = alone();
    let client = client("secret", false);
    let mut mechanism = SystemMechanism::new(Arc::clone(&client), Package::Ntlm);
    shake(&mut mechanism).unwrap();
    assert_eq!(client.notes().spoken, Some(Spoken::Ntlm));
}

#[test]
fn wrong_password_is_rejected() {
    let _alone = alone();
    let refused = shake(&mut SystemMechanism::new(client("another", false), Package::Ntlm));
    assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::ProofMismatch));
}

#[test]
fn messages_are_signed_both_ways() {
    let _alone = alone();
    let mut mechanism = SystemMechanism::new(client("secret", true), Package::Ntlm);
    let mut session = shake(&mut mechanism).unwrap().session;
    let signature = mechanism.sign(b"from the client").unwrap();
    session.verify(b"from the client", &signature).unwrap();
    let signature = session.sign(b"from the server").unwrap();
    mechanism.verify(b"from the server", &signature).unwrap();
}

#[test]
fn noise_as_challenge_is_a_coded_error() {
    let _alone = alone();
    let client = client("secret", false);
    let mut mechanism = SystemMechanism::new(Arc::clone(&client), Package::Ntlm);
    mechanism.start(&mut env(&mut Counter(1))).unwrap();
    let error = mechanism.step(b"NTLMSSP\0noise", &mut env(&mut Counter(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SsoFailed);
    assert!(client.notes().failure.is_some());
}

#[test]
fn nothing_is_left_behind() {
    let _alone = alone();
    for _ in 0..20 {
        let mut done = SystemMechanism::new(client("secret", false), Package::Ntlm);
        shake(&mut done).unwrap();
        let mut given_up = SystemMechanism::new(client("secret", false), Package::Negotiate);
        given_up.start(&mut env(&mut Counter(1))).unwrap();
        assert_eq!((alive::contexts(), alive::credentials()), (2, 2));
    }
    assert_eq!((alive::contexts(), alive::credentials()), (0, 0));
}
