//! Windows' own NTLM against this crate's acceptor. Under Wine it is Samba's `ntlm_auth` that speaks.

use crate::support::{Counter, NOW, env, password, server_config};
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::mechanism::{Mechanism, Step};
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::sspi::alive;
use ntlm_wasm::sspi::mechanism::{SystemClient, SystemMechanism};
use ntlm_wasm::sspi::options::{Explicit, Options, Package, Password};
use ntlm_wasm::sspi::token::Spoken;
use std::sync::{Arc, Mutex};

/// The counts are of the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn client(secret: &str, sign: bool) -> Arc<SystemClient> {
    let credentials =
        Explicit { username: "DOMAIN\\alice".into(), password: Password::new(secret.into()), domain: None };
    let target = "HTTP/server.domain.example".into();
    Arc::new(SystemClient::new(Options { target, explicit: Some(credentials), sign, ..Options::default() }))
}

/// A handshake up to the verdict of the acceptor.
fn shake(mechanism: &mut SystemMechanism) -> Result<Accepted, Error> {
    let server = Server::new(server_config(Policy::default()));
    let mut random = Counter(3);
    let Step::Continue(negotiate) = mechanism.start(&mut env(&mut random))? else { panic!("message 1 is not all") };
    let challenged = server.challenge(negotiate, &mut env(&mut random))?;
    let Step::Final(authenticate) = mechanism.step(challenged.message(), &mut env(&mut random))? else {
        panic!("message 3 is the last one")
    };
    challenged.receive(&server, authenticate)?.verify(&server, Some(&password("secret")), NOW)
}

#[test]
fn a_password_that_is_right_is_accepted() {
    let _alone = ALONE.lock().unwrap();
    let client = client("secret", false);
    let mut mechanism = SystemMechanism::new(Arc::clone(&client), Package::Ntlm);
    shake(&mut mechanism).unwrap();
    assert_eq!(client.notes().spoken, Some(Spoken::Ntlm));
}

#[test]
fn a_wrong_one_is_not() {
    let _alone = ALONE.lock().unwrap();
    let refused = shake(&mut SystemMechanism::new(client("another", false), Package::Ntlm));
    assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::ProofMismatch));
}

#[test]
fn messages_are_signed_both_ways() {
    let _alone = ALONE.lock().unwrap();
    let mut mechanism = SystemMechanism::new(client("secret", true), Package::Ntlm);
    let mut session = shake(&mut mechanism).unwrap().session;
    let signature = mechanism.sign(b"from the client").unwrap();
    session.verify(b"from the client", &signature).unwrap();
    let signature = session.sign(b"from the server").unwrap();
    mechanism.verify(b"from the server", &signature).unwrap();
}

#[test]
fn a_challenge_that_is_noise_is_a_coded_error() {
    let _alone = ALONE.lock().unwrap();
    let client = client("secret", false);
    let mut mechanism = SystemMechanism::new(Arc::clone(&client), Package::Ntlm);
    mechanism.start(&mut env(&mut Counter(1))).unwrap();
    let error = mechanism.step(b"NTLMSSP\0noise", &mut env(&mut Counter(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SsoFailed);
    assert!(client.notes().failure.is_some());
}

#[test]
fn nothing_is_left_behind() {
    let _alone = ALONE.lock().unwrap();
    for _ in 0..20 {
        let mut done = SystemMechanism::new(client("secret", false), Package::Ntlm);
        shake(&mut done).unwrap();
        let mut given_up = SystemMechanism::new(client("secret", false), Package::Negotiate);
        given_up.start(&mut env(&mut Counter(1))).unwrap();
        assert_eq!((alive::contexts(), alive::credentials()), (2, 2));
    }
    assert_eq!((alive::contexts(), alive::credentials()), (0, 0));
}
