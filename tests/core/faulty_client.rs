//! Faulty clients, and clients that answer another server's challenge: they know the password, and are still refused.

use crate::support::{Counter, NOW, env, password, server_config};
use ntlm_wasm::crypto::HmacMd5;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::{AvId, AvPairWriter, AvPairs};
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::credential::Credential;
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::response::{TargetInfoAdditions, respond_v2};
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::wire::text::encode_utf16le;

/// A client that knows the password, and returns the server's attributes as `alter` leaves them.
fn answered(
    flags: Flags,
    sent_domain: &str,
    alter: impl Fn(AvId, &[u8]) -> Option<Vec<u8>>,
) -> Result<Accepted, Error> {
    let server = Server::new(server_config(Policy::default()));
    let hello = Negotiate { flags, domain: &[], workstation: &[], version: None };
    let challenged = server.challenge(hello.encode().unwrap(), &mut env(&mut Counter(7))).unwrap();
    let challenge = Challenge::decode(challenged.message()).unwrap();
    let mut info = AvPairWriter::default();
    for pair in challenge.target_info.unwrap().iter() {
        if let Some(value) = alter(pair.id, pair.value) {
            info.push(pair.id, &value);
        }
    }
    let credential = Credential::new("alice", None, Some(password("secret")));
    let key = HmacMd5::new(credential.response_key_v2().unwrap().expose());
    let additions =
        TargetInfoAdditions { with_mic: false, machine_id: None, channel_bindings: None, target_name: None };
    let info = info.finish().unwrap();
    let pairs = AvPairs::parse(&info).unwrap();
    let response = respond_v2(&key, pairs, &additions, challenge.server_challenge, [9; 8], NOW).unwrap();
    let message = Authenticate {
        lm_response: &response.lm,
        nt_response: &response.nt,
        user: &encode_utf16le("alice"),
        domain: &encode_utf16le(sent_domain),
        flags: Some(challenge.flags),
        ..Authenticate::default()
    };
    challenged.receive(&server, message.encode().unwrap())?.verify(&server, Some(&password("secret")), NOW)
}

fn refusal(alter: impl Fn(AvId, &[u8]) -> Option<Vec<u8>>) -> Option<ErrorKind> {
    answered(Flags::HTTP_CLIENT, "", alter).err().map(|error| error.kind())
}

#[test]
fn attributes_that_come_back_unchanged_are_accepted() {
    assert_eq!(refusal(|_, value| Some(value.to_vec())), None);
}

#[test]
fn an_attribute_that_is_changed_or_left_out_is_refused() {
    for id in [AvId::NB_DOMAIN_NAME, AvId::NB_COMPUTER_NAME, AvId::DNS_COMPUTER_NAME, AvId::TIMESTAMP] {
        let changed = refusal(|each, value| Some(if each == id { vec![b'X'; value.len()] } else { value.to_vec() }));
        assert_eq!(changed, Some(ErrorKind::TargetInfoAltered), "{id:?} changed");
        let left_out = refusal(|each, value| (each != id).then(|| value.to_vec()));
        assert_eq!(left_out, Some(ErrorKind::TargetInfoAltered), "{id:?} left out");
    }
}

#[test]
fn announced_session_key_must_be_sent_if_it_is_needed() {
    let answer = |more| answered(Flags::HTTP_CLIENT | Flags::KEY_EXCH | more, "", |_, value| Some(value.to_vec()));
    assert!(answer(Flags::default()).is_ok(), "some clients set the flag although nothing is protected");
    for protection in [Flags::SIGN, Flags::SEAL, Flags::SIGN | Flags::SEAL] {
        assert_eq!(answer(protection).err().map(|error| error.kind()), Some(ErrorKind::Truncated));
    }
}

/// A client may omit the domain from its hash. Then the domain that it sends is not proven (3.3.2).
#[test]
fn unproven_domain_is_not_reported() {
    let accepted = answered(Flags::HTTP_CLIENT, "DOMAIN", |_, value| Some(value.to_vec())).unwrap();
    assert_eq!(accepted.domain, "");
}
