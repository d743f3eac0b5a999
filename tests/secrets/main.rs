//! No block of memory that is given back holds a password, a hash, a key or a sealed message.
//!
//! The allocator of this test program looks into every block that is freed. The stack is another matter: see `secret::with_wiped_stack`.

#![expect(clippy::unwrap_used, clippy::std_instead_of_alloc, clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::indexing_slicing, reason = "shared helpers of the tests")]

#[allow(dead_code, reason = "what other test programs use of it")]
#[path = "../core/support.rs"]
mod support;
mod watch;

use core::mem::forget;
use ntlm_wasm::env::Random;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use ntlm_wasm::mechanism::{Mechanism, NtlmMechanism};
use ntlm_wasm::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::keys::{Direction, with_seal_key};
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::seal::SecuritySession;
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::spnego::client::SpnegoClient;
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::oem::CodePage;
use std::sync::Arc;
use support::{NOW, client_config, env, server_config};

const PASSWORD: &str = "Nobody-Shall-See-This-7";
const TEXT: &[u8] = b"a message that was sealed for the other side only";

/// Randomness that no other stretch of randomness looks like: a session key is found where it is, and nowhere else.
struct Distinct(u8);

impl Random for Distinct {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let length = u8::try_from(bytes.len()).unwrap();
        for byte in bytes {
            self.0 = self.0.wrapping_add(37);
            *byte = self.0 ^ length.wrapping_mul(31);
        }
        Ok(())
    }
}

#[test]
fn no_block_that_is_given_back_holds_a_secret() {
    watch::for_secret("password in UTF-8", PASSWORD.as_bytes());
    watch::for_secret("password in capitals", PASSWORD.to_ascii_uppercase().as_bytes());
    let units: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    watch::for_secret("password in UTF-16", &units);
    watch::for_secret("sealed message", TEXT);
    the_watch_sees_what_is_left_behind(units);
    a_handshake_and_its_messages();
    a_dialogue_of_http();
}

fn the_watch_sees_what_is_left_behind(units: Vec<u8>) {
    watch::begin();
    drop(units);
    assert_eq!(watch::found(), ["password in UTF-16"]);
}

fn hashes() -> Hashes {
    let units: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hashes = Hashes::of_password_with_lm(&units, CodePage::DEFAULT);
    // The caller must wipe its own copy.
    forget(units);
    hashes
}

fn config() -> ClientConfig {
    let credential = Credential::new("DOMAIN\\alice", None, Some(hashes()));
    watch::for_secret("NT hash", credential.hashes.as_ref().unwrap().nt.expose());
    watch::for_secret("response key", credential.response_key_v2().unwrap().expose());
    let protected = ClientConfig { mic: MicPolicy::Always, ..client_config("nobody", None) };
    ClientConfig { credential, flags: requested_flags(None, true, true, 3), ..protected }
}

fn a_handshake_and_its_messages() {
    watch::begin();
    {
        let server = Server::new(server_config(Policy::default()));
        let client = Client::new(config());
        let negotiated = client.negotiate().unwrap();
        let challenged = server.challenge(negotiated.message().to_vec(), &mut env(&mut Distinct(7))).unwrap();
        let sent = negotiated.authenticate(&client, challenged.message(), &mut env(&mut Distinct(9))).unwrap();
        let accepted =
            challenged.receive(&server, sent.message.clone()).unwrap().verify(&server, Some(&hashes()), NOW).unwrap();
        talk(sent.session, accepted);
        refused(&server, &client);
    }
    assert_eq!(watch::found(), [""; 0]);
}

fn talk(mut ours: SecuritySession, accepted: Accepted) {
    let mut theirs = accepted.session;
    watch::for_secret("session key", ours.exported_session_key().expose());
    for (name, direction) in
        [("sealing key there", Direction::ClientToServer), ("sealing key back", Direction::ServerToClient)]
    {
        with_seal_key(ours.flags(), ours.exported_session_key(), direction, |key| watch::for_secret(name, key));
    }
    let opened = theirs.unwrap(&ours.wrap(TEXT).unwrap()).unwrap();
    assert_eq!(opened, TEXT);
    // What was opened belongs to the caller.
    forget(opened);
    let mut damaged = theirs.wrap(TEXT).unwrap();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(ours.unwrap(&damaged).is_err());
}

/// Another password: what is known on both sides must go as well.
fn refused(server: &Server, client: &Client) {
    let negotiated = client.negotiate().unwrap();
    let challenged = server.challenge(negotiated.message().to_vec(), &mut env(&mut Distinct(3))).unwrap();
    let sent = negotiated.authenticate(client, challenged.message(), &mut env(&mut Distinct(4))).unwrap();
    let other = Hashes::of_nt_hash(*b"another-password");
    let verdict = challenged.receive(server, sent.message).unwrap().verify(server, Some(&other), NOW);
    assert_eq!(verdict.err().map(|error| error.kind()), Some(ErrorKind::ProofMismatch));
}

fn a_dialogue_of_http() {
    for scheme in [Scheme::Ntlm, Scheme::Negotiate] {
        watch::begin();
        {
            let client = Arc::new(Client::new(config()));
            let factory = Box::new(move |scheme| match scheme {
                Scheme::Ntlm => Box::new(NtlmMechanism::new(Arc::clone(&client))) as Box<dyn Mechanism>,
                Scheme::Negotiate => Box::new(SpnegoClient::new(Arc::clone(&client))),
            });
            let mut authenticator = Authenticator::new(Side::Proxy, vec![scheme], factory);
            let mut random = Distinct(1);
            let first = authenticator.begin(&mut env(&mut random)).unwrap().to_string();
            let challenge = format!("{} {}", scheme.name(), challenge_for(&first));
            let response = Response { status: 407, challenges: &[&challenge], keep_alive: true };
            let answer = authenticator.next(&response, &mut env(&mut random)).unwrap();
            assert!(matches!(answer, Next::Send { .. }));
        }
        assert_eq!(watch::found(), [""; 0], "{}", scheme.name());
    }
}

/// A server with a known mechanism answers a raw message 1, which clients accept within Negotiate too.
fn challenge_for(header: &str) -> String {
    let token = base64::decode(header.split_once(' ').unwrap().1).unwrap();
    let at = token.windows(8).position(|window| window == b"NTLMSSP\0").unwrap();
    let server = Server::new(server_config(Policy::default()));
    let challenged = server.challenge(token[at..].to_vec(), &mut env(&mut Distinct(7))).unwrap();
    base64::encode(challenged.message())
}
