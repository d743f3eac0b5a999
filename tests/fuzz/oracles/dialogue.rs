//! The dialogue of an HTTP connection with a peer that says anything: it ends, and the password is tried once.

use super::choices::Choices;
use super::parties::{Random, client_of, env, server};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use ntlm_wasm::mechanism::{Mechanism, NtlmMechanism};
use ntlm_wasm::ntlm::message::SIGNATURE;
use ntlm_wasm::spnego::client::SpnegoClient;
use ntlm_wasm::spnego::server::{SpnegoServer, Unwrapped};
use ntlm_wasm::wire::base64;
use std::sync::Arc;

/// More legs than any honest handshake takes.
const MOST_LEGS: u32 = 8;

pub fn dialogue(input: &[u8]) {
    let mut choices = Choices(input);
    let client = Arc::new(client_of(&mut choices));
    let side = choices.one_of(&[Side::Proxy, Side::Origin]);
    let schemes: &[Scheme] = choices.one_of(&[
        &[Scheme::Ntlm, Scheme::Negotiate],
        &[Scheme::Negotiate, Scheme::Ntlm],
        &[Scheme::Ntlm],
        &[Scheme::Negotiate],
    ]);
    let factory = Box::new(move |scheme| match scheme {
        Scheme::Ntlm => Box::new(NtlmMechanism::new(Arc::clone(&client))) as Box<dyn Mechanism>,
        Scheme::Negotiate => Box::new(SpnegoClient::new(Arc::clone(&client))),
    });
    let mut authenticator = Authenticator::new(side, schemes.to_vec(), factory);
    let mut random = Random(1);
    let Ok(first) = authenticator.begin(&mut env(&mut random)) else { return };
    let mut header = first.to_string();
    let (mut hello, mut legs, mut log_ons) = (header.clone(), 0, 0);
    for _ in 0..64 {
        assert!(schemes.iter().any(|scheme| header.starts_with(scheme.name())), "a scheme that was excluded is used");
        let (status, value) = answer(&mut choices, side, &hello);
        let response = Response { status, challenges: &[&value], keep_alive: choices.byte() % 4 != 0 };
        match authenticator.next(&response, &mut env(&mut random)) {
            Ok(Next::Send { header: next, .. }) => {
                header = next.to_string();
                log_ons += u32::from(is_authenticate(&header));
            }
            Ok(Next::Reconnect { header: next }) => header = next.to_string(),
            Ok(Next::Deliver) => {
                // The next request may be asked again.
                (legs, log_ons) = (0, 0);
                continue;
            }
            Err(error) => {
                let at_end = error.kind() == ErrorKind::Rejected;
                assert!(!at_end || log_ons == 1 || !is_authenticate(&header), "rejected without a log-on");
                return;
            }
        }
        if !is_authenticate(&header) {
            hello.clone_from(&header);
        }
        legs += 1;
        assert!(log_ons <= 1, "the password is tried twice");
        assert!(legs <= MOST_LEGS, "the handshake does not end");
    }
}

/// The peer's replies: usually those of an honest peer, then arbitrary ones.
fn answer(choices: &mut Choices<'_>, side: Side, hello: &str) -> (u16, String) {
    let asks = if side == Side::Proxy { 407 } else { 401 };
    let status = choices.one_of(&[asks, asks, asks, asks, 200, 100, 401, 407, 503]);
    let value = match choices.byte() % 8 {
        0..4 => {
            challenge_for(hello, choices.one_of(&["", "NTLM", "Negotiate"])).unwrap_or_else(|| "NTLM, Negotiate".into())
        }
        4 => choices.one_of(&["", "NTLM", "Negotiate", "Negotiate, NTLM", "Basic realm=\"x\""]).into(),
        5 => format!("{} {}", choices.one_of(&["NTLM", "Negotiate"]), base64::encode(choices.bytes())),
        6 => choices.one_of(&["Negotiate oQcwBaADCgEA", "Negotiate oQcwBaADCgEB", "Negotiate oQcwBaADCgEC"]).into(),
        _ => choices.text(),
    };
    (status, value)
}

/// An honest challenge for message 1, under the name that it came by or under another one.
fn challenge_for(hello: &str, name: &str) -> Option<String> {
    let (scheme, token) = hello.split_once(' ')?;
    let mut framing = SpnegoServer::default();
    let reply = match framing.unwrap(&base64::decode(token).ok()?).ok()? {
        Unwrapped::Choose(reply) => reply,
        Unwrapped::Message(_, message) => {
            let challenged = server(0).challenge(message, &mut env(&mut Random(2))).ok()?;
            framing.wrap_challenge(challenged.message())
        }
    };
    Some(format!("{} {}", if name.is_empty() { scheme } else { name }, base64::encode(&reply)))
}

fn is_authenticate(header: &str) -> bool {
    let token = header.split_once(' ').and_then(|(_, token)| base64::decode(token).ok()).unwrap_or_default();
    token.windows(12).any(|window| window.starts_with(&SIGNATURE) && window[8] == 3)
}
