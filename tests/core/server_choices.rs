//! What a server agrees to, which names it sends, and when it considers a client anonymous.

use crate::support::{Counter, NOW, client_config, env, password, server_config};
use ntlm_wasm::crypto;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::AvId;
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::client::Client;
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::{Accepted, Claim, Server, ServerConfig};
use ntlm_wasm::secret::Secret;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::text::encode_utf16le;

fn hello(flags: Flags) -> Vec<u8> {
    Negotiate { flags, domain: &[], workstation: &[], version: None }.encode().unwrap()
}

/// Message 2 for a client that asks for these flags.
fn challenge_for(config: ServerConfig, asked: Flags) -> Vec<u8> {
    let challenged = Server::new(config).challenge(hello(asked), &mut env(&mut Counter(7))).unwrap();
    challenged.message().to_vec()
}

fn agreed(asked: Flags) -> Flags {
    Challenge::decode(&challenge_for(server_config(Policy::default()), asked)).unwrap().flags
}

/// What a server adds to whatever is asked for: it speaks NTLM, for a domain, with information about itself (2.2.2.5).
const ALWAYS: Flags = Flags(Flags::NTLM.0 | Flags::TARGET_INFO.0 | Flags::TARGET_TYPE_DOMAIN.0);

#[test]
fn only_known_requested_flags_are_accepted() {
    let supported = [
        Flags::UNICODE,
        Flags::REQUEST_TARGET,
        Flags::SIGN,
        Flags::SEAL,
        Flags::DATAGRAM,
        Flags::LM_KEY,
        Flags::ALWAYS_SIGN,
        Flags::ESS,
        Flags::VERSION,
        Flags::BITS_128,
        Flags::KEY_EXCH,
        Flags::BITS_56,
    ];
    for (bit, ..) in Flags::TABLE {
        let expected = if supported.contains(bit) { *bit | ALWAYS } else { ALWAYS };
        // Where a client cannot read Unicode, an OEM code page is left.
        let expected = expected.with(Flags::OEM, *bit != Flags::UNICODE);
        assert_eq!(agreed(*bit), expected, "{bit:?}");
    }
}

#[test]
fn of_two_alternatives_the_stronger_is_chosen() {
    assert_eq!(agreed(Flags::UNICODE | Flags::OEM), Flags::UNICODE | ALWAYS);
    assert_eq!(agreed(Flags::UNICODE | Flags::ESS | Flags::LM_KEY), Flags::UNICODE | Flags::ESS | ALWAYS);
    let both = Flags::BITS_128 | Flags::BITS_56;
    assert_eq!(
        agreed(Flags::UNICODE | both),
        Flags::UNICODE | both | ALWAYS,
        "both are kept, the keys take the longer"
    );
}

#[test]
fn names_required_for_signing_are_present_even_if_empty() {
    let ids = |config: ServerConfig| -> Vec<(AvId, Vec<u8>)> {
        let message = challenge_for(config, Flags::HTTP_CLIENT);
        let info = Challenge::decode(&message).unwrap().target_info.unwrap();
        info.iter().map(|pair| (pair.id, pair.value.to_vec())).collect()
    };
    let time = (AvId::TIMESTAMP, NOW.0.to_le_bytes().to_vec());
    let text = |id, name: &str| (id, encode_utf16le(name).to_vec());
    let usual = server_config(Policy::default());
    assert_eq!(
        ids(usual.clone()),
        [
            text(AvId::NB_DOMAIN_NAME, "DOMAIN"),
            text(AvId::NB_COMPUTER_NAME, "SERVER"),
            text(AvId::DNS_DOMAIN_NAME, "domain.example"),
            text(AvId::DNS_COMPUTER_NAME, "server.domain.example"),
            text(AvId::DNS_TREE_NAME, "domain.example"),
            time.clone(),
        ]
    );
    let nameless = ServerConfig {
        netbios_domain: "".into(),
        netbios_computer: "".into(),
        dns_domain: "".into(),
        dns_computer: "c.example".into(),
        dns_tree: "".into(),
        ..usual.clone()
    };
    assert_eq!(
        ids(nameless),
        [
            text(AvId::NB_DOMAIN_NAME, ""),
            text(AvId::NB_COMPUTER_NAME, ""),
            text(AvId::DNS_COMPUTER_NAME, "c.example"),
            time.clone(),
        ]
    );
    let timeless = ids(ServerConfig { timestamp: false, ..usual });
    assert!(timeless.len() == 5 && !timeless.contains(&time));
}

#[test]
fn challenge_uses_the_encoding_of_the_client() {
    let usual = || ServerConfig { netbios_domain: "JÜRGEN".into(), ..server_config(Policy::default()) };
    let name = |asked| {
        let message = challenge_for(usual(), asked);
        let challenge = Challenge::decode(&message).unwrap();
        (challenge.target_name.to_vec(), challenge.version.is_some())
    };
    assert_eq!(name(Flags::UNICODE), (encode_utf16le("JÜRGEN").to_vec(), false));
    assert_eq!(name(Flags::OEM | Flags::VERSION), (b"J\x9aRGEN".to_vec(), true));
}

/// A claim made of a message 3 with these parts.
fn claim(policy: Policy, asked: Flags, message: Authenticate<'_>) -> (Server, Result<Claim, Error>) {
    let server = Server::new(server_config(policy));
    let challenged = server.challenge(hello(asked), &mut env(&mut Counter(7))).unwrap();
    let claim = challenged.receive(&server, message.encode().unwrap());
    (server, claim)
}

#[test]
fn anonymous_client_has_neither_a_name_nor_a_response() {
    let user = encode_utf16le("alice");
    for (user, nt_response, expected) in
        [(&[][..], &[][..], true), (&user, &[], false), (&[], &[7; 24], false), (&user, &[7; 24], false)]
    {
        let message = Authenticate { user, nt_response, flags: Some(Flags::HTTP_CLIENT), ..Authenticate::default() };
        let (server, claim) = claim(Policy { allow_anonymous: true, ..Policy::default() }, Flags::HTTP_CLIENT, message);
        let claim = claim.unwrap();
        assert_eq!(claim.anonymous, expected);
        let verdict = claim.verify(&server, Some(&password("secret")), NOW);
        assert_eq!(verdict.map_err(|error| error.kind()).err(), (!expected).then_some(ErrorKind::WeakResponse));
    }
}

/// An anonymous client's key is used only if key exchange was agreed on; otherwise it is zeros (3.2.5.1.2).
#[test]
fn anonymous_session_key_is_zero_without_key_exchange() {
    let brought = [0x42; 16];
    let key = |agreed: Flags, encrypted_session_key| {
        let message = Authenticate { encrypted_session_key, flags: Some(agreed), ..Authenticate::default() };
        let (server, claim) = claim(Policy { allow_anonymous: true, ..Policy::default() }, agreed, message);
        let accepted: Accepted = claim.unwrap().verify(&server, None, NOW).unwrap();
        assert!(accepted.version.is_none() && !accepted.mic && accepted.target_name.is_none());
        *accepted.session.exported_session_key().expose()
    };
    let decrypted = crypto::rc4(&Secret::new([0; 16]), brought);
    assert_eq!(key(Flags::HTTP_CLIENT | Flags::KEY_EXCH, &brought), decrypted);
    assert_eq!(key(Flags::HTTP_CLIENT, &brought), [0; 16]);
    assert_eq!(key(Flags::HTTP_CLIENT | Flags::KEY_EXCH, &brought[..15]), [0; 16]);
}

#[test]
fn a_challenge_is_answered_within_its_lifetime_to_the_second() {
    let server = Server::new(server_config(Policy { challenge_lifetime_seconds: 10, ..Policy::default() }));
    let client = Client::new(client_config("DOMAIN\\alice", Some(password("secret"))));
    for (seconds, expected) in [(0, None), (10, None), (11, Some(ErrorKind::ChallengeExpired))] {
        let negotiated = client.negotiate().unwrap();
        let challenged = server.challenge(negotiated.message().to_vec(), &mut env(&mut Counter(7))).unwrap();
        let answer = negotiated.authenticate(&client, challenged.message(), &mut env(&mut Counter(7))).unwrap();
        let claim = challenged.receive(&server, answer.message).unwrap();
        let verdict = claim.verify(&server, Some(&password("secret")), FileTime(NOW.0 + seconds * 10_000_000));
        assert_eq!(verdict.err().map(|error| error.kind()), expected, "{seconds}");
    }
}
