//! HTTP handshakes as text: `S` is what the server sends, `C` what the client must send next.

use crate::support::{Counter, client_config, env, password, server_config};
use ntlm_wasm::env::Env;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use ntlm_wasm::http::challenge::{self, SchemeChallenge};
use ntlm_wasm::mechanism::{Mechanism, NtlmMechanism, Step};
use ntlm_wasm::ntlm::client::Client;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::Server;
use ntlm_wasm::wire::base64;
use std::sync::Arc;

fn schemes(value: &str) -> Vec<(&str, &str)> {
    let text = |bytes| core::str::from_utf8(bytes).unwrap();
    let challenges = challenge::parse(value.as_bytes()).into_iter();
    challenges.map(|SchemeChallenge { scheme, token }| (text(scheme), text(token))).collect()
}

#[test]
fn challenge_lists_of_every_form() {
    for (value, expected) in [
        ("NTLM", vec![("NTLM", "")]),
        ("NTLM TlRM==", vec![("NTLM", "TlRM==")]),
        ("NTLM   TlRM==  ", vec![("NTLM", "TlRM==")]),
        ("ntlm TlRM TlRM", vec![("ntlm", "TlRM TlRM")]),
        ("Negotiate, NTLM", vec![("Negotiate", ""), ("NTLM", "")]),
        ("Negotiate,NTLM,Basic realm=\"a, NTLM x\"", vec![("Negotiate", ""), ("NTLM", ""), ("Basic", "")]),
        ("Digest realm=\"\\\"q, NTLM\", nonce=abc, qop = \"auth\", NTLM TlRM", vec![("Digest", ""), ("NTLM", "TlRM")]),
        ("Basic realm=\"x\", Negotiate abc=, NTLM", vec![("Basic", ""), ("Negotiate", "abc="), ("NTLM", "")]),
        (", ,NTLM ,", vec![("NTLM", "")]),
        ("", vec![]),
        ("\"NTLM\"", vec![]),
        ("Basic realm=\"unclosed, NTLM", vec![("Basic", "")]),
    ] {
        assert_eq!(schemes(value), expected, "{value}");
    }
}

struct Dialogue {
    authenticator: Authenticator,
    random: Counter,
    server: Server,
}

impl Dialogue {
    fn new(side: Side, schemes: &[Scheme]) -> Self {
        let client = Arc::new(Client::new(client_config("DOMAIN\\alice", Some(password("secret")))));
        let factory = Box::new(move |_| Box::new(NtlmMechanism::new(Arc::clone(&client))) as Box<_>);
        Dialogue {
            authenticator: Authenticator::new(side, schemes.to_vec(), factory),
            random: Counter(5),
            server: Server::new(server_config(Policy::default())),
        }
    }

    fn proxy() -> Self {
        Self::new(Side::Proxy, &[Scheme::Ntlm, Scheme::Negotiate])
    }

    fn begin(&mut self) -> String {
        self.authenticator.begin(&mut env(&mut self.random)).unwrap().to_string()
    }

    fn hear(&mut self, status: u16, challenges: &[&str], keep_alive: bool) -> Result<Next, ErrorKind> {
        let response = Response { status, challenges, keep_alive };
        self.authenticator.next(&response, &mut env(&mut self.random)).map_err(|error| error.kind())
    }

    /// The server's answer to a first leg, under a scheme's name.
    fn challenge(&mut self, scheme: &str, header: &str) -> String {
        let token = base64::decode(header.split_once(' ').unwrap().1).unwrap();
        let challenged = self.server.challenge(token, &mut env(&mut self.random)).unwrap();
        format!("{scheme} {}", base64::encode(challenged.message()))
    }
}

fn type_of(header: &str) -> (&str, u8) {
    let (scheme, token) = header.split_once(' ').unwrap();
    (scheme, base64::decode(token).unwrap()[8])
}

fn sent(next: Next) -> (String, bool) {
    match next {
        Next::Send { header, last } => (header.to_string(), last),
        other => panic!("{other:?}"),
    }
}

#[test]
fn three_legs_and_open() {
    let mut dialogue = Dialogue::proxy();
    let first = dialogue.begin();
    assert_eq!(type_of(&first), ("NTLM", 1));
    let challenge = dialogue.challenge("NTLM", &first);
    let (header, last) = sent(dialogue.hear(407, &["Basic realm=\"x\"", &challenge], true).unwrap());
    assert_eq!((type_of(&header), last), (("NTLM", 3), true));
    assert!(!dialogue.authenticator.is_authenticated());
    assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
    assert!(dialogue.authenticator.is_authenticated());
    assert_eq!(dialogue.hear(404, &[], true), Ok(Next::Deliver));
    assert_eq!(dialogue.hear(401, &["NTLM"], true), Ok(Next::Deliver), "the origin's business, not the proxy's");
    assert!(dialogue.authenticator.is_authenticated());
}

#[test]
fn a_wrong_password_is_tried_once() {
    for refusal in [&["NTLM"][..], &["Negotiate", "NTLM"], &[]] {
        let mut dialogue = Dialogue::proxy();
        let first = dialogue.begin();
        let challenge = dialogue.challenge("NTLM", &first);
        dialogue.hear(407, &[&challenge], true).unwrap();
        assert_eq!(dialogue.hear(407, refusal, true), Err(ErrorKind::Rejected));
    }
}

#[test]
fn another_challenge_after_the_last_leg_is_not_answered() {
    let mut dialogue = Dialogue::proxy();
    let first = dialogue.begin();
    let challenge = dialogue.challenge("NTLM", &first);
    dialogue.hear(407, &[&challenge], true).unwrap();
    assert_eq!(dialogue.hear(407, &[&challenge], true), Err(ErrorKind::Rejected));
}

#[test]
fn bare_challenge_after_the_last_negotiate_leg_is_not_answered() {
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Negotiate]);
    dialogue.begin();
    let Next::Reconnect { header } = dialogue.hear(407, &["Negotiate"], true).unwrap() else { panic!() };
    let header = header.to_string();
    let challenge = dialogue.challenge("Negotiate", &header);
    assert!(sent(dialogue.hear(407, &[&challenge], true).unwrap()).1);
    assert_eq!(dialogue.hear(407, &[&challenge], true), Err(ErrorKind::Rejected));
}

#[test]
fn final_spnego_token_is_ignored_after_bare_ntlm() {
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Negotiate]);
    dialogue.begin();
    let Next::Reconnect { header } = dialogue.hear(407, &["Negotiate"], true).unwrap() else { panic!() };
    let header = header.to_string();
    let challenge = dialogue.challenge("Negotiate", &header);
    dialogue.hear(407, &[&challenge], true).unwrap();
    assert_eq!(dialogue.hear(200, &["Negotiate oQcwBaADCgEA"], true), Ok(Next::Deliver));
    assert!(dialogue.authenticator.is_authenticated());
}

#[test]
fn a_proxy_that_closes_after_its_first_challenge_gets_message_1_on_a_new_connection() {
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    let Next::Reconnect { header } = dialogue.hear(407, &["NTLM"], false).unwrap() else { panic!() };
    let header = header.to_string();
    assert_eq!(type_of(&header), ("NTLM", 1));
    let challenge = dialogue.challenge("NTLM", &header);
    assert!(sent(dialogue.hear(407, &[&challenge], true).unwrap()).1);
}

#[test]
fn proxy_that_never_answers_message_1_is_an_error() {
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    assert!(matches!(dialogue.hear(407, &["NTLM"], true), Ok(Next::Reconnect { .. })));
    assert_eq!(dialogue.hear(407, &["NTLM"], true), Err(ErrorKind::NoChallenge));
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    for _ in 0..10 {
        if dialogue.hear(407, &["Negotiate, NTLM"], true).is_err() {
            return;
        }
    }
    panic!("goes on for ever");
}

#[test]
fn connection_closed_in_the_handshake_is_reported() {
    let mut dialogue = Dialogue::proxy();
    let first = dialogue.begin();
    let challenge = dialogue.challenge("NTLM", &first);
    assert_eq!(dialogue.hear(407, &[&challenge], false), Err(ErrorKind::ConnectionNotKept));
}

#[test]
fn schemes_are_chosen_in_the_order_of_preference() {
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    let (header, last) = sent(dialogue.hear(407, &["Negotiate"], true).unwrap());
    assert_eq!((header.split(' ').next(), last), (Some("Negotiate"), false));
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Negotiate, Scheme::Ntlm]);
    assert!(dialogue.begin().starts_with("Negotiate "));
    assert_eq!(type_of(&sent(dialogue.hear(407, &["NTLM"], true).unwrap()).0), ("NTLM", 1));
}

/// As Squid's negotiate_wrapper_auth: it distinguishes Kerberos and NTLM by their first bytes, and does not accept NTLM in SPNEGO.
#[test]
fn bare_ntlm_is_sent_if_a_proxy_requires_it_in_negotiate() {
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Negotiate, Scheme::Ntlm]);
    dialogue.begin();
    let Next::Reconnect { header } = dialogue.hear(407, &["Negotiate"], true).unwrap() else { panic!() };
    let header = header.to_string();
    assert_eq!(type_of(&header), ("Negotiate", 1));
    let challenge = dialogue.challenge("Negotiate", &header);
    let (header, last) = sent(dialogue.hear(407, &[&challenge], true).unwrap());
    assert_eq!((type_of(&header), last), (("Negotiate", 3), true));
    assert_eq!(dialogue.hear(407, &["Negotiate"], true), Err(ErrorKind::Rejected), "and tries the password once");
    // Where NTLM is offered by its own name, that is taken.
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Negotiate, Scheme::Ntlm]);
    dialogue.begin();
    let Next::Reconnect { header } = dialogue.hear(407, &["Negotiate, NTLM"], true).unwrap() else { panic!() };
    let header = header.to_string();
    assert_eq!(type_of(&header), ("NTLM", 1));
}

#[test]
fn basic_and_digest_are_not_answered() {
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    assert_eq!(dialogue.hear(407, &["Basic realm=\"x\", Digest nonce=1"], true), Err(ErrorKind::SchemeNotOffered));
    let mut dialogue = Dialogue::new(Side::Proxy, &[Scheme::Ntlm]);
    assert_eq!(
        dialogue.hear(407, &["Negotiate"], true),
        Err(ErrorKind::SchemeNotOffered),
        "a scheme that was not allowed"
    );
}

#[test]
fn a_challenge_under_the_wrong_name_is_answered() {
    let mut dialogue = Dialogue::proxy();
    let first = dialogue.begin();
    let challenge = dialogue.challenge("Negotiate", &first);
    let (header, last) = sent(dialogue.hear(407, &["NTLM", &challenge], true).unwrap());
    assert_eq!((type_of(&header), last), (("NTLM", 3), true));
}

#[test]
fn no_token_is_sent_without_a_challenge() {
    let mut dialogue = Dialogue::new(Side::Origin, &[Scheme::Ntlm]);
    assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
    dialogue.begin();
    assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
    assert!(!dialogue.authenticator.is_authenticated());
}

#[test]
fn an_informational_response_is_no_answer_to_message_1() {
    for status in [100, 103, 199] {
        let mut dialogue = Dialogue::proxy();
        let first = dialogue.begin();
        let challenge = dialogue.challenge("NTLM", &first);
        assert_eq!(dialogue.hear(status, &[], true), Ok(Next::Deliver));
        assert_eq!(type_of(&sent(dialogue.hear(407, &[&challenge], true).unwrap()).0), ("NTLM", 3), "{status}");
    }
    for status in [200, 204, 502] {
        let mut dialogue = Dialogue::proxy();
        let first = dialogue.begin();
        let challenge = dialogue.challenge("NTLM", &first);
        assert_eq!(dialogue.hear(status, &[], true), Ok(Next::Deliver));
        // The challenge is no answer to anything any more: a new dialogue begins.
        assert_eq!(type_of(&sent(dialogue.hear(407, &[&challenge], true).unwrap()).0), ("NTLM", 1), "{status}");
    }
}

#[test]
fn a_server_may_ask_again_on_a_live_connection() {
    let mut dialogue = Dialogue::new(Side::Origin, &[Scheme::Ntlm]);
    for _ in 0..5 {
        let (first, last) = sent(dialogue.hear(401, &["NTLM"], true).unwrap());
        assert!(!last);
        let challenge = dialogue.challenge("NTLM", &first);
        assert!(sent(dialogue.hear(401, &[&challenge], true).unwrap()).1);
        assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
        assert!(dialogue.authenticator.is_authenticated());
    }
}

#[test]
fn damaged_challenges_are_reported() {
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    assert_eq!(dialogue.hear(407, &["NTLM TlRMTVNTUAAC"], true), Err(ErrorKind::Truncated));
    let mut dialogue = Dialogue::proxy();
    dialogue.begin();
    assert_eq!(dialogue.hear(407, &["NTLM A"], true), Err(ErrorKind::BadBase64));
}

/// As Kerberos looks from here: a first token that says everything, and an answer to it that may be wrong.
struct Ticket;

impl Mechanism for Ticket {
    fn start(&mut self, _env: &mut Env<'_>) -> Result<Step, Error> {
        Ok(Step::Final(b"ticket".to_vec()))
    }

    fn step(&mut self, token: &[u8], _env: &mut Env<'_>) -> Result<Step, Error> {
        match token {
            b"mutual" => Ok(Step::Done),
            b"more" => Ok(Step::Continue(b"then".to_vec())),
            _ => Err(ErrorKind::MicMismatch.into()),
        }
    }

    fn reset(&mut self) {}
}

fn with_ticket(schemes: &[Scheme]) -> Dialogue {
    let mut dialogue = Dialogue::new(Side::Proxy, &[]);
    let client = Arc::new(Client::new(client_config("DOMAIN\\alice", Some(password("secret")))));
    let factory = move |scheme| match scheme {
        Scheme::Negotiate => Box::new(Ticket) as Box<dyn Mechanism>,
        Scheme::Ntlm => Box::new(NtlmMechanism::new(Arc::clone(&client))),
    };
    dialogue.authenticator = Authenticator::new(Side::Proxy, schemes.to_vec(), Box::new(factory));
    dialogue
}

fn negotiate(token: &[u8]) -> String {
    format!("Negotiate {}", base64::encode(token))
}

#[test]
fn complete_first_token_is_sent_with_the_request() {
    let mut dialogue = with_ticket(&[Scheme::Negotiate]);
    assert_eq!(dialogue.begin(), negotiate(b"ticket"));
    assert!(dialogue.authenticator.is_last());
    assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
    assert!(dialogue.authenticator.is_authenticated());
}

#[test]
fn answer_to_a_complete_first_token_is_verified() {
    let mut dialogue = with_ticket(&[Scheme::Negotiate]);
    dialogue.begin();
    assert_eq!(dialogue.hear(200, &[&negotiate(b"mutual")], true), Ok(Next::Deliver));
    assert!(dialogue.authenticator.is_authenticated());
    let mut dialogue = with_ticket(&[Scheme::Negotiate]);
    dialogue.begin();
    assert_eq!(dialogue.hear(200, &[&negotiate(b"forged")], true), Err(ErrorKind::MicMismatch));
    assert!(!dialogue.authenticator.is_authenticated());
}

#[test]
fn a_ticket_may_come_as_answer_to_the_first_challenge() {
    let mut dialogue = with_ticket(&[Scheme::Negotiate, Scheme::Ntlm]);
    assert_eq!(sent(dialogue.hear(407, &["NTLM", "Negotiate"], true).unwrap()), (negotiate(b"ticket"), true));
    assert_eq!(dialogue.hear(200, &[], true), Ok(Next::Deliver));
}

#[test]
fn rejected_ticket_continues_or_falls_back() {
    let mut dialogue = with_ticket(&[Scheme::Negotiate, Scheme::Ntlm]);
    dialogue.begin();
    assert_eq!(sent(dialogue.hear(407, &[&negotiate(b"more"), "NTLM"], true).unwrap()), (negotiate(b"then"), false));
    let mut dialogue = with_ticket(&[Scheme::Negotiate, Scheme::Ntlm]);
    dialogue.begin();
    let (header, last) = sent(dialogue.hear(407, &["Negotiate", "NTLM"], true).unwrap());
    assert_eq!((type_of(&header), last), (("NTLM", 1), false));
}

#[test]
fn ticket_that_no_server_accepts_is_a_rejection() {
    let mut dialogue = with_ticket(&[Scheme::Negotiate]);
    dialogue.begin();
    assert_eq!(dialogue.hear(407, &["Negotiate"], true), Err(ErrorKind::Rejected));
    assert!(!dialogue.authenticator.is_authenticated());
}

/// An authenticator can be held across an `await` of a multi-threaded runtime.
#[test]
fn clients_servers_and_authenticators_implement_send() {
    const fn check<T: Send>() {}
    check::<Client>();
    check::<Server>();
    check::<Authenticator>();
    check::<ntlm_wasm::ntlm::seal::SecuritySession>();
    check::<Box<dyn Mechanism>>();
}
