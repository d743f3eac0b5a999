//! NTLM within SPNEGO: our client against our server, captured tokens, and damage.

use crate::support::{Counter, NOW, captured, client_config, env, hex, password, server_config};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::mechanism::{Mechanism, Step};
use ntlm_wasm::ntlm::client::{Client, ClientConfig, requested_flags};
use ntlm_wasm::ntlm::message::MessageType;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::spnego::client::SpnegoClient;
use ntlm_wasm::spnego::server::{SpnegoServer, Unwrapped};
use ntlm_wasm::spnego::token::{NTLM_MECH_LIST, NTLMSSP_OID, NegState, NegToken, NegTokenResp, encode_init, tag};
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::der::enclose;
use proptest::prelude::{any, proptest};
use std::rc::Rc;

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut written = parts.concat();
    enclose(&mut written, 0, tag);
    written
}

fn client(protect: bool) -> SpnegoClient {
    let config = ClientConfig {
        flags: requested_flags(None, protect, protect, 3),
        ..client_config("DOMAIN\\alice", Some(password("secret")))
    };
    SpnegoClient::new(Rc::new(Client::new(config)))
}

fn message(unwrapped: Unwrapped, expected: MessageType) -> Vec<u8> {
    match unwrapped {
        Unwrapped::Message(kind, message) if kind == expected => message,
        other => panic!("{other:?}"),
    }
}

/// Runs a handshake from the client's first token on; `change` may alter what it answers to the challenge.
fn run(
    client: &mut SpnegoClient,
    first: &[u8],
    change: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<(Accepted, Option<Vec<u8>>), ErrorKind> {
    let server = Server::new(server_config(Policy::default()));
    let mut random = Counter(5);
    let mut framing = SpnegoServer::default();
    let mut unwrapped = framing.unwrap(first).map_err(|error| error.kind())?;
    if let Unwrapped::Choose(reply) = unwrapped {
        let Step::Continue(again) = client.step(&reply, &mut env(&mut random)).unwrap() else { panic!() };
        unwrapped = framing.unwrap(&again).map_err(|error| error.kind())?;
    }
    let Unwrapped::Message(MessageType::Negotiate, negotiate) = unwrapped else {
        return Err(ErrorKind::WrongMessageType);
    };
    let challenged = server.challenge(negotiate, &mut env(&mut random)).map_err(|error| error.kind())?;
    let wrapped = framing.wrap_challenge(challenged.message());
    let Step::Final(answer) = client.step(&wrapped, &mut env(&mut random)).map_err(|error| error.kind())? else {
        panic!()
    };
    let authenticate =
        message(framing.unwrap(&change(answer)).map_err(|error| error.kind())?, MessageType::Authenticate);
    let claim = challenged.receive(&server, authenticate).map_err(|error| error.kind())?;
    let mut accepted = claim.verify(&server, Some(&password("secret")), NOW).map_err(|error| error.kind())?;
    let last = framing.complete(&mut accepted.session).map_err(|error| error.kind())?;
    Ok((accepted, last))
}

fn begin(client: &mut SpnegoClient) -> Vec<u8> {
    client.start(&mut env(&mut Counter(1))).unwrap().token().unwrap()
}

#[test]
fn with_signing_both_sides_protect_the_list() {
    let mut client = client(true);
    let first = begin(&mut client);
    let mut sent_mic = false;
    let (mut accepted, last) = run(&mut client, &first, |answer| {
        let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
        sent_mic = resp.mech_list_mic.is_some();
        answer
    })
    .unwrap();
    assert!(sent_mic);
    let last = last.unwrap();
    let NegToken::Resp(resp) = NegToken::decode(&last).unwrap() else { panic!() };
    assert_eq!(resp.neg_state, Some(NegState::AcceptCompleted));
    assert!(resp.mech_list_mic.is_some() && resp.supported_mech.is_none());
    assert_eq!(client.step(&last, &mut env(&mut Counter(1))).unwrap(), Step::Done);
    let outcome = client.outcome().unwrap();
    let mut session = outcome.session.borrow_mut();
    let wrapped = session.wrap(b"to").unwrap();
    assert_eq!(wrapped[12..16], [1, 0, 0, 0], "the list was message 0");
    assert_eq!(accepted.session.unwrap(&wrapped).unwrap(), b"to");
    assert_eq!(session.unwrap(&accepted.session.wrap(b"fro").unwrap()).unwrap(), b"fro");
}

#[test]
fn without_signing_the_protection_says_nothing() {
    let mut client = client(false);
    let first = begin(&mut client);
    let (_, last) = run(&mut client, &first, |answer| answer).unwrap();
    let last = last.unwrap();
    let NegToken::Resp(resp) = NegToken::decode(&last).unwrap() else { panic!() };
    let empty = hex("01000000000000000000000000000000");
    assert_eq!((resp.neg_state, resp.mech_list_mic), (Some(NegState::AcceptCompleted), Some(&empty[..])));
    assert_eq!(client.step(&last, &mut env(&mut Counter(1))).unwrap(), Step::Done);
    assert_eq!(client.step(&last, &mut env(&mut Counter(1))).unwrap_err().kind(), ErrorKind::OutOfOrder);
}

/// A client that would rather use Kerberos: its token is not looked at, and the list must be protected.
#[test]
fn ntlm_as_second_choice() {
    let kerberos = element(tag::OBJECT_IDENTIFIER, &[&hex("2a864886f712010202")]);
    let ntlm = element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID]);
    let list = element(tag::SEQUENCE, &[&kerberos, &ntlm]);
    let mut client = client(true);
    begin(&mut client);
    // Our client signs its own list of one, so the server sees that the offer was changed.
    let outcome = run(&mut client, &encode_init(&list, b"a Kerberos token"), |answer| answer);
    assert_eq!(outcome.err().unwrap(), ErrorKind::MicMismatch);
}

#[test]
fn a_late_choice_without_protection_is_refused_where_there_is_a_key() {
    let kerberos = element(tag::OBJECT_IDENTIFIER, &[&hex("2a864886f712010202")]);
    let list = element(tag::SEQUENCE, &[&kerberos, &element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID])]);
    let mut client = client(true);
    begin(&mut client);
    let without_mic = |answer: Vec<u8>| {
        let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
        NegTokenResp { mech_list_mic: None, ..resp }.encode()
    };
    assert_eq!(run(&mut client, &encode_init(&list, b""), without_mic).err().unwrap(), ErrorKind::MicMissing);
}

#[test]
fn an_offer_without_ntlm_is_rejected() {
    let list = element(tag::SEQUENCE, &[&element(tag::OBJECT_IDENTIFIER, &[&hex("2a864886f712010202")])]);
    let refused = SpnegoServer::default().unwrap(&encode_init(&list, b"x"));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::MechanismRejected);
}

#[test]
fn bare_messages_are_answered_bare() {
    let mut framing = SpnegoServer::default();
    let bare = hex("4e544c4d5353500001000000078208a2000000000000000000000000000000000601b01d0000000f");
    assert_eq!(message(framing.unwrap(&bare).unwrap(), MessageType::Negotiate), bare);
    assert_eq!(framing.wrap_challenge(b"challenge"), b"challenge");
    // And a server that answers a wrapped token with a bare message gets a bare one.
    let server = Server::new(server_config(Policy::default()));
    let mut client = client(false);
    let first = begin(&mut client);
    let negotiate = message(framing.unwrap(&first).unwrap(), MessageType::Negotiate);
    let challenged = server.challenge(negotiate, &mut env(&mut Counter(5))).unwrap();
    let Step::Final(answer) = client.step(challenged.message(), &mut env(&mut Counter(5))).unwrap() else { panic!() };
    assert_eq!(MessageType::of(&answer).unwrap(), MessageType::Authenticate);
}

#[test]
fn refusals_are_told_apart() {
    let reject = NegTokenResp { neg_state: Some(NegState::Reject), ..NegTokenResp::default() }.encode();
    let mut fresh = client(false);
    begin(&mut fresh);
    let refused = fresh.step(&reject, &mut env(&mut Counter(1)));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::MechanismRejected, "no password was sent yet");
    let kerberos = hex("2a864886f712010202");
    let other = NegTokenResp { supported_mech: Some(&kerberos), ..NegTokenResp::default() }.encode();
    let mut fresh = client(false);
    begin(&mut fresh);
    assert_eq!(fresh.step(&other, &mut env(&mut Counter(1))).unwrap_err().kind(), ErrorKind::MechanismRejected);
    let mut answered = client(false);
    let first = begin(&mut answered);
    run(&mut answered, &first, |answer| answer).unwrap();
    assert_eq!(answered.step(&reject, &mut env(&mut Counter(1))).unwrap_err().kind(), ErrorKind::Rejected);
}

/// As a proxy in the field answers: request-mic, and no token.
#[test]
fn a_choice_without_a_token_gets_the_first_message_once_more() {
    let reply = base64::decode("oRUwE6ADCgEDoQwGCisGAQQBgjcCAgo=").unwrap();
    let mut client = client(false);
    begin(&mut client);
    let Step::Continue(again) = client.step(&reply, &mut env(&mut Counter(1))).unwrap() else { panic!() };
    let NegToken::Resp(resp) = NegToken::decode(&again).unwrap() else { panic!() };
    assert_eq!(MessageType::of(resp.response_token.unwrap()).unwrap(), MessageType::Negotiate);
    assert_eq!(client.step(&reply, &mut env(&mut Counter(1))).unwrap_err().kind(), ErrorKind::NoChallenge);
}

#[test]
fn a_servers_wrong_protection_is_noticed() {
    let mut client = client(true);
    let first = begin(&mut client);
    let (_, last) = run(&mut client, &first, |answer| answer).unwrap();
    let mut last = last.unwrap();
    *last.last_mut().unwrap() ^= 1;
    assert_eq!(client.step(&last, &mut env(&mut Counter(1))).unwrap_err().kind(), ErrorKind::MicMismatch);
}

#[test]
fn captured_tokens_decode() {
    let Some(vectors) = captured("spnego.json") else { return };
    let tokens = vectors["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 24);
    for case in tokens {
        let token = crate::support::base64_at(&case["token"]);
        let (kind, inner) = match NegToken::decode(&token).unwrap() {
            NegToken::Init(init) => ("NegTokenInit", init.mech_token),
            NegToken::Resp(resp) => ("NegTokenResp", resp.response_token),
        };
        assert_eq!(kind, crate::support::str_of(&case["kind"]));
        if case["contains_ntlmssp"] == true {
            let kind = MessageType::of(inner.unwrap()).unwrap();
            assert_eq!(Some(kind as u64), case["ntlm_type"].as_u64());
        }
    }
}

#[test]
fn lengths_of_every_form() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
        let content = vec![7; length];
        let whole = element(4, &[&content]);
        let mut rest = &whole[..];
        let read = ntlm_wasm::wire::der::next(&mut rest).unwrap();
        assert_eq!((read.tag, read.content.len(), read.whole.len(), rest.len()), (4, length, whole.len(), 0));
    }
    // More bytes than needed are read; the indefinite form, a length beyond the end and one beyond counting are not.
    for (bytes, readable) in
        [("0482000107", true), ("04800700", false), ("040207", false), ("0489ffffffffffffffffff07", false)]
    {
        assert_eq!(ntlm_wasm::wire::der::next(&mut &hex(bytes)[..]).is_some(), readable, "{bytes}");
    }
}

#[test]
fn the_list_of_ntlm_alone_is_as_everyone_writes_it() {
    assert_eq!(NTLM_MECH_LIST, hex("300c060a2b06010401823702020a"));
}

proptest! {
    #[test]
    fn noise_and_damage_end_in_an_error_or_a_reading(noise in proptest::collection::vec(any::<u8>(), 0..80), at in 0..60_usize, value: u8) {
        let _ = NegToken::decode(&noise);
        let _ = SpnegoServer::default().unwrap(&noise);
        let mut client = client(true);
        let mut first = begin(&mut client);
        let _ = client.step(&noise, &mut env(&mut Counter(1)));
        first[at] = value;
        let _ = run(&mut client, &first, |answer| answer);
    }
}
