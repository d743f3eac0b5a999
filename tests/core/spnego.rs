//! NTLM within SPNEGO: our client against our server, captured tokens, and damage.

use crate::support::{Counter, NOW, captured, client_config, env, hex, password, server_config};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::mechanism::{Mechanism, Step};
use ntlm_wasm::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::message::MessageType;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::response::NtlmVersion;
use ntlm_wasm::ntlm::server::{Accepted, Server};
use ntlm_wasm::spnego::client::SpnegoClient;
use ntlm_wasm::spnego::server::{SpnegoServer, Unwrapped};
use ntlm_wasm::spnego::token::{NTLM_MECH_LIST, NTLMSSP_OID, NegState, NegToken, NegTokenResp, encode_init, tag};
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::der::enclose;
use proptest::prelude::{any, proptest};
use std::sync::Arc;

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
    SpnegoClient::new(Arc::new(Client::new(config)))
}

fn message(unwrapped: Unwrapped, expected: MessageType) -> Vec<u8> {
    match unwrapped {
        Unwrapped::Message(kind, message) if kind == expected => message,
        other => panic!("{other:?}"),
    }
}

/// Runs a handshake from the client's first token on; `change` may alter its answer to the challenge.
fn run(
    client: &mut SpnegoClient,
    first: &[u8],
    change: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<(Accepted, Option<Vec<u8>>), ErrorKind> {
    run_with(Policy::default(), client, first, change)
}

fn run_with(
    policy: Policy,
    client: &mut SpnegoClient,
    first: &[u8],
    change: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<(Accepted, Option<Vec<u8>>), ErrorKind> {
    let server = Server::new(server_config(policy));
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
    let session = &mut client.outcome_mut().unwrap().session;
    let wrapped = session.wrap(b"to").unwrap();
    assert_eq!(wrapped[12..16], [1, 0, 0, 0], "the list was message 0");
    assert_eq!(accepted.session.unwrap(&wrapped).unwrap(), b"to");
    assert_eq!(session.unwrap(&accepted.session.wrap(b"fro").unwrap()).unwrap(), b"fro");
}

/// Without extended session security both directions share one key stream and one sequence.
#[test]
fn at_level_0_each_signature_of_the_list_restarts_the_shared_key_stream() {
    for mic in [MicPolicy::Auto, MicPolicy::Always] {
        let config = ClientConfig {
            flags: requested_flags(None, true, true, 0),
            lm_compatibility_level: 0,
            mic,
            ..client_config("DOMAIN\\alice", Some(password("secret")))
        };
        let mut client = SpnegoClient::new(Arc::new(Client::new(config)));
        let first = begin(&mut client);
        let policy = Policy { minimum_version: NtlmVersion::V1, ..Policy::default() };
        let (mut accepted, last) = run_with(policy, &mut client, &first, |answer| answer).unwrap();
        assert_eq!(client.step(&last.unwrap(), &mut env(&mut Counter(1))).unwrap(), Step::Done);
        let session = &mut client.outcome_mut().unwrap().session;
        assert_eq!(accepted.session.unwrap(&session.wrap(b"to").unwrap()).unwrap(), b"to");
        assert_eq!(session.unwrap(&accepted.session.wrap(b"fro").unwrap()).unwrap(), b"fro");
    }
}

#[test]
fn without_signing_there_is_no_mech_list_mic() {
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
fn late_mechanism_choice_without_mic_is_refused_if_there_is_a_key() {
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
fn rejection_reasons_are_distinguished() {
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

/// The server's final token, with and without the client's mechListMIC: its state and its own mechListMIC.
#[test]
fn final_token_ends_the_handshake_or_requests_the_missing_mic() {
    let answered = |mic| {
        let config = ClientConfig {
            flags: requested_flags(None, true, true, 3),
            mic,
            ..client_config("DOMAIN\\alice", Some(password("secret")))
        };
        let mut client = SpnegoClient::new(Arc::new(Client::new(config)));
        let first = begin(&mut client);
        let mut protected = false;
        run(&mut client, &first, |answer| {
            let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
            assert_eq!((resp.neg_state, resp.supported_mech), (Some(NegState::AcceptIncomplete), None));
            protected = resp.mech_list_mic.is_some();
            answer
        })
        .unwrap();
        (client, protected)
    };
    let word = |neg_state| NegTokenResp { neg_state, ..NegTokenResp::default() }.encode();
    let step = |client: &mut SpnegoClient, token: &[u8]| client.step(token, &mut env(&mut Counter(1)));
    for neg_state in [None, Some(NegState::AcceptCompleted), Some(NegState::AcceptIncomplete)] {
        let (mut client, protected) = answered(MicPolicy::Auto);
        assert!(protected);
        assert_eq!(step(&mut client, &word(neg_state)).unwrap(), Step::Done, "{neg_state:?}");
    }
    let (mut client, protected) = answered(MicPolicy::Never);
    assert!(!protected, "a client that sends no mechListMIC protects no list unless asked");
    assert_eq!(step(&mut client, &word(Some(NegState::AcceptCompleted))).unwrap(), Step::Done);
    let (mut client, _) = answered(MicPolicy::Never);
    let Step::Final(late) = step(&mut client, &word(Some(NegState::RequestMic))).unwrap() else { panic!() };
    let NegToken::Resp(resp) = NegToken::decode(&late).unwrap() else { panic!() };
    assert!(resp.mech_list_mic.is_some() && resp.response_token.is_none() && resp.neg_state.is_none());
    assert_eq!(step(&mut client, &word(Some(NegState::RequestMic))).unwrap(), Step::Done, "it is said once");
}

/// Old servers repeat their token where the protection belongs: that is none, and none that is wrong.
#[test]
fn token_repeated_as_mic_is_no_mic() {
    let mut client = client(true);
    let first = begin(&mut client);
    run(&mut client, &first, |answer| answer).unwrap();
    let repeated = NegTokenResp {
        neg_state: Some(NegState::AcceptCompleted),
        response_token: Some(b"again"),
        mech_list_mic: Some(b"again"),
        ..NegTokenResp::default()
    };
    assert_eq!(client.step(&repeated.encode(), &mut env(&mut Counter(1))).unwrap(), Step::Done);
    // The same from a client, towards our server.
    let mut client = self::client(true);
    let first = begin(&mut client);
    let (_, last) = run(&mut client, &first, |answer| {
        let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
        NegTokenResp { mech_list_mic: resp.response_token, ..resp }.encode()
    })
    .unwrap();
    let last = last.unwrap();
    let NegToken::Resp(resp) = NegToken::decode(&last).unwrap() else { panic!() };
    assert_eq!(resp.mech_list_mic, None);
}

#[test]
fn client_requests_nothing_out_of_turn() {
    let mut random = Counter(1);
    let mut env = env(&mut random);
    let incomplete = NegTokenResp { neg_state: Some(NegState::AcceptIncomplete), ..NegTokenResp::default() }.encode();
    let mut idle = client(false);
    assert_eq!(idle.step(&incomplete, &mut env).unwrap_err().kind(), ErrorKind::OutOfOrder);
    // What a server says first is an answer, not an offer.
    let offer = encode_init(NTLM_MECH_LIST, b"");
    begin(&mut idle);
    assert_eq!(idle.step(&offer, &mut env).unwrap_err().kind(), ErrorKind::BadSpnego);
    // A reset forgets the handshake, and what it came to.
    let mut finished = client(false);
    let first = begin(&mut finished);
    run(&mut finished, &first, |answer| answer).unwrap();
    assert!(finished.outcome().is_some());
    let bare = hex("4e544c4d5353500002000000");
    assert_eq!(finished.step(&bare, &mut env).unwrap_err().kind(), ErrorKind::BadSpnego, "no second challenge");
    finished.reset();
    assert!(finished.outcome().is_none());
    assert_eq!(finished.step(&incomplete, &mut env).unwrap_err().kind(), ErrorKind::OutOfOrder);
}

#[test]
fn anonymous_client_sends_no_mech_list_mic() {
    let config = ClientConfig { flags: requested_flags(None, true, true, 3), ..client_config("", None) };
    let mut client = SpnegoClient::new(Arc::new(Client::new(config)));
    let first = begin(&mut client);
    let mut protected = None;
    let _ = run(&mut client, &first, |answer| {
        let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
        protected = Some(resp.mech_list_mic.is_some());
        answer
    });
    assert_eq!(protected, Some(false));
}

/// The list needs protection if an attacker could have put another mechanism first, and there is a key.
#[test]
fn mech_list_without_mic_is_accepted_if_it_cannot_be_checked() {
    let kerberos = element(tag::OBJECT_IDENTIFIER, &[&hex("2a864886f712010202")]);
    let late = element(tag::SEQUENCE, &[&kerberos, &element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID])]);
    let without_mic = |answer: Vec<u8>| {
        let NegToken::Resp(resp) = NegToken::decode(&answer).unwrap() else { panic!() };
        NegTokenResp { mech_list_mic: None, ..resp }.encode()
    };
    for (sign, list, expected) in [
        (true, NTLM_MECH_LIST, None),
        (false, NTLM_MECH_LIST, None),
        (false, &late, None),
        (true, &late, Some(ErrorKind::MicMissing)),
    ] {
        let mut client = client(sign);
        let begun = begin(&mut client);
        let first = if list == NTLM_MECH_LIST { begun } else { encode_init(list, b"") };
        let outcome = run(&mut client, &first, without_mic);
        assert_eq!(outcome.as_ref().err().copied(), expected, "{sign}");
        let Ok((_, last)) = outcome else { continue };
        let last = last.unwrap();
        let NegToken::Resp(resp) = NegToken::decode(&last).unwrap() else { panic!() };
        assert_eq!((resp.neg_state, resp.mech_list_mic), (Some(NegState::AcceptCompleted), None));
    }
}

#[test]
fn the_server_names_the_mechanism_once_and_in_its_first_answer() {
    let ntlm = element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID]);
    let kerberos = element(tag::OBJECT_IDENTIFIER, &[&hex("2a864886f712010202")]);
    let mut framing = SpnegoServer::default();
    let list = element(tag::SEQUENCE, &[&kerberos, &ntlm]);
    let Unwrapped::Choose(chosen) = framing.unwrap(&encode_init(&list, b"a ticket")).unwrap() else { panic!() };
    let NegToken::Resp(resp) = NegToken::decode(&chosen).unwrap() else { panic!() };
    assert_eq!((resp.neg_state, resp.supported_mech), (Some(NegState::RequestMic), Some(NTLMSSP_OID)));
    let wrapped = framing.wrap_challenge(b"challenge");
    let NegToken::Resp(resp) = NegToken::decode(&wrapped).unwrap() else { panic!() };
    assert_eq!(
        (resp.neg_state, resp.supported_mech, resp.response_token),
        (Some(NegState::AcceptIncomplete), None, Some(&b"challenge"[..]))
    );
    // A bare message forgets what was negotiated before.
    let bare = hex("4e544c4d5353500001000000078208a2000000000000000000000000000000000601b01d0000000f");
    message(framing.unwrap(&bare).unwrap(), MessageType::Negotiate);
    assert_eq!(framing.wrap_challenge(b"challenge"), b"challenge");
}

#[test]
fn invalid_mechanism_lists_and_states_are_rejected() {
    let junk = element(tag::SEQUENCE, &[&element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID]), &element(4, &[b"x"])]);
    assert_eq!(NegToken::decode(&encode_init(&junk, b"")).unwrap_err().kind(), ErrorKind::BadSpnego);
    let state = |value: u8| {
        element(0xa1, &[&element(tag::SEQUENCE, &[&element(0xa0, &[&element(tag::ENUMERATED, &[&[value]])])])])
    };
    for (value, expected) in
        [NegState::AcceptCompleted, NegState::AcceptIncomplete, NegState::Reject, NegState::RequestMic]
            .into_iter()
            .enumerate()
    {
        let token = state(value as u8);
        let NegToken::Resp(resp) = NegToken::decode(&token).unwrap() else { panic!() };
        assert_eq!(resp.neg_state, Some(expected));
    }
    assert_eq!(NegToken::decode(&state(4)).unwrap_err().kind(), ErrorKind::BadSpnego);
    // Unknown fields are skipped.
    let unknown = element(
        0xa1,
        &[&element(tag::SEQUENCE, &[&element(0xa9, &[b"?"]), &element(0xa0, &[&element(tag::ENUMERATED, &[&[2]])])])],
    );
    let NegToken::Resp(resp) = NegToken::decode(&unknown).unwrap() else { panic!() };
    assert_eq!(resp.neg_state, Some(NegState::Reject));
    // Another frame of RFC 2743 than that of SPNEGO is none.
    let framed = element(tag::INITIAL_CONTEXT_TOKEN, &[&element(tag::OBJECT_IDENTIFIER, &[NTLMSSP_OID]), &state(0)]);
    assert_eq!(NegToken::decode(&framed).unwrap_err().kind(), ErrorKind::BadSpnego);
}

#[test]
fn ntlm_token_is_found_in_every_frame() {
    use ntlm_wasm::spnego::token::ntlm_token;
    let bare = hex("4e544c4d5353500001000000");
    let resp = NegTokenResp { response_token: Some(&bare), ..NegTokenResp::default() }.encode();
    for token in [&bare, &encode_init(NTLM_MECH_LIST, &bare), &resp] {
        assert_eq!(ntlm_token(token).unwrap(), bare);
    }
    let empty = NegTokenResp { neg_state: Some(NegState::Reject), ..NegTokenResp::default() }.encode();
    assert_eq!(ntlm_token(&empty).unwrap_err().kind(), ErrorKind::NotNtlm);
    assert_eq!(ntlm_token(b"noise").unwrap_err().kind(), ErrorKind::BadSpnego);
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
fn mech_list_with_ntlm_alone_has_the_usual_encoding() {
    assert_eq!(NTLM_MECH_LIST, hex("300c060a2b06010401823702020a"));
}

proptest! {
    #[test]
    fn noise_and_damage_give_an_error_or_a_token(noise in proptest::collection::vec(any::<u8>(), 0..80), at in 0..60_usize, value: u8) {
        let _ = NegToken::decode(&noise);
        let _ = SpnegoServer::default().unwrap(&noise);
        let mut client = client(true);
        let mut first = begin(&mut client);
        let _ = client.step(&noise, &mut env(&mut Counter(1)));
        first[at] = value;
        let _ = run(&mut client, &first, |answer| answer);
    }
}
