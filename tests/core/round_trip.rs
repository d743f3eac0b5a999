//! Our client against our server: over options, with damage, and with the protection that both derive.

use crate::support::{NOW, client_config, flags, judge, password, server_config, shake};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::authenticate::{Authenticate, MIC_AT, MIC_END};
use ntlm_wasm::ntlm::client::{ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::policy::{ChannelBindingPolicy, Policy};
use ntlm_wasm::ntlm::response::NtlmVersion;
use ntlm_wasm::ntlm::server::{Server, ServerConfig};
use ntlm_wasm::wire::filetime::FileTime;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

fn anything_goes() -> Policy {
    Policy { minimum_version: NtlmVersion::V1, ..Policy::default() }
}

fn alice() -> ClientConfig {
    client_config("DOMAIN\\alice", Some(password("secret")))
}

#[test]
fn every_level_authenticates_and_both_sides_have_the_same_keys() {
    let server = Server::new(server_config(anything_goes()));
    let expected = [NtlmVersion::V1, NtlmVersion::V2Session, NtlmVersion::V2Session, NtlmVersion::V2];
    for (level, version) in (0..).zip(expected.into_iter().chain([NtlmVersion::V2; 2])) {
        for (sign, seal) in [(false, false), (true, false), (true, true)] {
            let mut hashes = password("secret");
            let config = ClientConfig {
                lm_compatibility_level: level,
                flags: requested_flags(None, sign, seal, level),
                ..alice()
            };
            let messages = shake(config, &server).unwrap();
            assert_eq!(messages.authenticate.version, Some(version), "level {level}");
            if level == 2 {
                hashes.lm = None;
            }
            let message = messages.authenticate.message.clone();
            let mut accepted = judge(&server, &messages.negotiate, message, Some(&hashes)).unwrap();
            assert_eq!(accepted.version, Some(version));
            let mut client = messages.authenticate.session;
            assert_eq!(client.exported_session_key().expose(), accepted.session.exported_session_key().expose());
            if seal {
                for text in [&b"one"[..], b"", &[7; 300]] {
                    assert_eq!(accepted.session.unwrap(&client.wrap(text).unwrap()).unwrap(), text);
                    assert_eq!(client.unwrap(&accepted.session.wrap(text).unwrap()).unwrap(), text);
                }
            }
        }
    }
}

#[test]
fn a_wrong_password_is_refused_at_every_level() {
    let server = Server::new(server_config(anything_goes()));
    for level in 0..=5 {
        let config = ClientConfig {
            lm_compatibility_level: level,
            flags: requested_flags(None, false, false, level),
            ..alice()
        };
        let messages = shake(config, &server).unwrap();
        let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("Secret")));
        assert_eq!(verdict.err().unwrap().kind(), ErrorKind::ProofMismatch);
    }
}

#[test]
fn old_responses_are_refused_by_default() {
    let server = Server::new(server_config(Policy::default()));
    for level in 0..3 {
        let config = ClientConfig {
            lm_compatibility_level: level,
            flags: requested_flags(None, false, false, level),
            ..alice()
        };
        let messages = shake(config, &server).unwrap();
        let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret")));
        assert_eq!(verdict.err().unwrap().kind(), ErrorKind::WeakResponse);
    }
}

/// Bits of message 3 that mean nothing: not one of them may let another message pass as this one unnoticed when there is a code.
#[test]
fn the_mic_detects_every_flipped_bit() {
    let server = Server::new(server_config(Policy::default()));
    let config = ClientConfig { flags: requested_flags(None, true, true, 3), ..alice() };
    let messages = shake(config, &server).unwrap();
    let genuine = messages.authenticate.message;
    let hashes = password("secret");
    assert!(judge(&server, &messages.negotiate, genuine.clone(), Some(&hashes)).unwrap().mic);
    for bit in 0..genuine.len() * 8 {
        let mut damaged = genuine.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let verdict = judge(&server, &messages.negotiate, damaged, Some(&hashes));
        assert!(verdict.is_err(), "bit {bit} of byte {}", bit / 8);
    }
}

/// Without a code the proof still covers the user, the domain and all attributes.
#[test]
fn without_a_mic_flipped_bits_of_the_proven_part_are_detected() {
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(ClientConfig { mic: MicPolicy::Never, ..alice() }, &server).unwrap();
    let genuine = messages.authenticate.message;
    let hashes = password("secret");
    assert!(!judge(&server, &messages.negotiate, genuine.clone(), Some(&hashes)).unwrap().mic);
    let response = Authenticate::decode(&genuine).unwrap().nt_response.to_vec();
    let start = genuine.windows(response.len()).position(|window| window == response).unwrap();
    for bit in start * 8..(start + response.len()) * 8 {
        let mut damaged = genuine.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(judge(&server, &messages.negotiate, damaged, Some(&hashes)).is_err(), "bit {bit}");
    }
}

#[test]
fn removed_mic_is_detected() {
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(alice(), &server).unwrap();
    let mut stripped = messages.authenticate.message;
    stripped[MIC_AT..MIC_END].fill(0);
    let verdict = judge(&server, &messages.negotiate, stripped, Some(&password("secret")));
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::MicMissing);
}

#[test]
fn mic_can_be_required() {
    let server = Server::new(server_config(Policy { require_mic: true, ..Policy::default() }));
    let messages = shake(ClientConfig { mic: MicPolicy::Never, ..alice() }, &server).unwrap();
    let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret")));
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::MicMissing);
}

#[test]
fn changed_first_message_invalidates_the_mic() {
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(alice(), &server).unwrap();
    let mut negotiate = messages.negotiate.clone();
    negotiate[39] ^= 1; // the version's last byte, which decides nothing
    let verdict = judge(&server, &negotiate, messages.authenticate.message, Some(&password("secret")));
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::MicMismatch);
}

#[test]
fn channel_bindings_follow_the_policy() {
    use ChannelBindingPolicy::{IfPresent, Off, Required};
    let (ours, other, zero) = ([1; 16], [2; 16], [0; 16]);
    let (fine, missing, wrong) =
        (None, Some(ErrorKind::ChannelBindingMissing), Some(ErrorKind::ChannelBindingMismatch));
    let cases = [
        (Off, Some(ours), None, fine),
        (Off, Some(ours), Some(other), fine),
        (IfPresent, Some(ours), None, fine),
        (IfPresent, Some(ours), Some(ours), fine),
        (IfPresent, Some(ours), Some(other), wrong),
        (IfPresent, Some(ours), Some(zero), wrong),
        (IfPresent, None, Some(zero), fine),
        (IfPresent, None, Some(other), wrong),
        (Required, Some(ours), Some(ours), fine),
        (Required, Some(ours), None, missing),
        (Required, Some(ours), Some(zero), wrong),
        (Required, None, Some(ours), wrong),
    ];
    for (channel_binding_policy, channel_bindings, sent, expected) in cases {
        let policy = Policy { channel_bindings, channel_binding_policy, ..Policy::default() };
        let server = Server::new(server_config(policy));
        let messages = shake(ClientConfig { channel_bindings: sent, ..alice() }, &server).unwrap();
        let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret")));
        assert_eq!(verdict.err().map(|error| error.kind()), expected, "{channel_binding_policy:?} {sent:?}");
    }
}

#[test]
fn target_names_are_compared_without_case() {
    let policy = Policy { target_names: vec!["HTTP/Server.Domain.Example".into()], ..Policy::default() };
    let server = Server::new(server_config(policy));
    let cases = [
        (Some("http/server.domain.example"), None),
        (None, None),
        (Some("HTTP/other"), Some(ErrorKind::TargetNameMismatch)),
    ];
    for (name, expected) in cases {
        let config = ClientConfig { target_name: name.map(Into::into), ..alice() };
        let messages = shake(config, &server).unwrap();
        let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret")));
        assert_eq!(verdict.err().map(|error| error.kind()), expected);
    }
}

#[test]
fn a_late_answer_is_refused() {
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(alice(), &server).unwrap();
    let mut random = crate::support::Counter(7);
    let challenged = server.challenge(messages.negotiate, &mut crate::support::env(&mut random)).unwrap();
    let claim = challenged.receive(&server, messages.authenticate.message).unwrap();
    let late = FileTime(NOW.0 + 301 * 10_000_000);
    let verdict = claim.verify(&server, Some(&password("secret")), late);
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::ChallengeExpired);
}

#[test]
fn user_names_match_in_every_spelling() {
    let server = Server::new(server_config(Policy::default()));
    let cases = [
        ("DOMAIN\\alice", None, "alice", "DOMAIN"),
        ("alice@domain.example", None, "alice@domain.example", ""),
        ("alice", Some("domain"), "alice", "domain"),
        ("alice", None, "alice", ""),
        ("Домен\\Жанна", None, "Жанна", "Домен"),
    ];
    for (name, domain, user, expected_domain) in cases {
        let config = ClientConfig { credential: Credential::new(name, domain, Some(password("secret"))), ..alice() };
        let messages = shake(config, &server).unwrap();
        let mut random = crate::support::Counter(7);
        let challenged = server.challenge(messages.negotiate, &mut crate::support::env(&mut random)).unwrap();
        let claim = challenged.receive(&server, messages.authenticate.message).unwrap();
        assert_eq!(
            [&claim.user, &claim.domain, &claim.workstation].map(ToString::to_string),
            [user, expected_domain, "COMPUTER"]
        );
        let accepted = claim.verify(&server, Some(&password("secret")), NOW).unwrap();
        assert_eq!(accepted.domain, expected_domain, "it was proven along with the password");
    }
}

#[test]
fn client_without_credentials_is_anonymous() {
    let config = || client_config("", None);
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(config(), &server).unwrap();
    let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, None);
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::AnonymousRefused);
    let server = Server::new(server_config(Policy { allow_anonymous: true, ..Policy::default() }));
    let messages = shake(ClientConfig { flags: requested_flags(None, true, true, 3), ..config() }, &server).unwrap();
    assert_eq!(messages.authenticate.version, None);
    let message = Authenticate::decode(&messages.authenticate.message).unwrap();
    assert_eq!((message.lm_response, message.nt_response), (&[0][..], &[][..]));
    let accepted = judge(&server, &messages.negotiate, messages.authenticate.message, None).unwrap();
    let client_key = messages.authenticate.session;
    assert_eq!(accepted.session.exported_session_key().expose(), client_key.exported_session_key().expose());
}

#[test]
fn unknown_account_differs_from_a_wrong_password_only_in_the_log() {
    let server = Server::new(server_config(Policy::default()));
    let messages = shake(alice(), &server).unwrap();
    let verdict = judge(&server, &messages.negotiate, messages.authenticate.message, None);
    assert_eq!(verdict.err().unwrap().kind(), ErrorKind::UnknownAccount);
}

#[test]
fn oem_text_is_used_without_unicode() {
    let server = Server::new(server_config(Policy::default()));
    let asked = Flags::HTTP_CLIENT.with(Flags::UNICODE, false);
    let credential = || Credential::new("DOMAIN\\jürgen", None, Some(password("secret")));
    let config = || ClientConfig { flags: asked, credential: credential(), ..alice() };
    let messages = shake(config(), &server).unwrap();
    assert_eq!(Authenticate::decode(&messages.authenticate.message).unwrap().user, b"j\x81rgen");
    judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret"))).unwrap();
    let foreign = ClientConfig { credential: Credential::new("Жанна", None, Some(password("x"))), ..config() };
    assert_eq!(shake(foreign, &server).err().unwrap().kind(), ErrorKind::NotRepresentable);
}

#[test]
fn challenge_that_drops_protection_is_refused() {
    let server = Server::new(server_config(Policy::default()));
    let client =
        ntlm_wasm::ntlm::client::Client::new(ClientConfig { flags: requested_flags(None, true, true, 3), ..alice() });
    for missing in [Flags::SIGN, Flags::SEAL, Flags::BITS_128, Flags::ESS] {
        let negotiated = client.negotiate().unwrap();
        let mut random = crate::support::Counter(7);
        let challenged =
            server.challenge(negotiated.message().to_vec(), &mut crate::support::env(&mut random)).unwrap();
        let mut challenge = challenged.message().to_vec();
        let weakened = u32::from_le_bytes(challenge[20..24].try_into().unwrap()) & !missing.0;
        challenge[20..24].copy_from_slice(&weakened.to_le_bytes());
        let refused = negotiated.authenticate(&client, &challenge, &mut crate::support::env(&mut random));
        assert_eq!(refused.err().unwrap().kind(), ErrorKind::Downgraded, "{missing:?}");
    }
}

#[test]
fn bindings_and_target_name_of_the_server_are_not_reported_as_verified() {
    use ntlm_wasm::ntlm::av_pair::{AvId, AvPairWriter, AvPairs};
    use ntlm_wasm::ntlm::challenge::Challenge;
    let mut info = AvPairWriter::default();
    for (id, value) in [
        (AvId::NB_DOMAIN_NAME, &b"D\0"[..]),
        (AvId::CHANNEL_BINDINGS, &[9; 16]),
        (AvId::TARGET_NAME, b"X\0"),
        (AvId::FLAGS, &[1, 0, 0, 0]),
        (AvId(77), b"kept"),
        (AvId::TIMESTAMP, &[1; 8]),
    ] {
        info.push(id, value);
    }
    let info = info.finish().unwrap();
    let challenge = Challenge {
        target_name: b"",
        flags: flags(0xe28a_8235),
        server_challenge: [3; 8],
        target_info: Some(AvPairs::parse(&info).unwrap()),
        version: None,
    };
    let client =
        ntlm_wasm::ntlm::client::Client::new(ClientConfig { target_name: Some("HTTP/right".into()), ..alice() });
    let mut random = crate::support::Counter(1);
    let finished = client.negotiate().unwrap();
    let finished =
        finished.authenticate(&client, &challenge.encode().unwrap(), &mut crate::support::env(&mut random)).unwrap();
    let message = Authenticate::decode(&finished.message).unwrap();
    let sent: Vec<u16> = AvPairs::parse(&message.nt_response[44..]).unwrap().iter().map(|pair| pair.id.0).collect();
    assert_eq!(sent, [2, 77, 7, 6, 8, 9], "the client's own come last, in the order of Windows");
    let info = AvPairs::parse(&message.nt_response[44..]).unwrap();
    assert_eq!(info.flags(), 3, "the server's flags are kept and the code is announced");
    assert_eq!(info.get(AvId::TARGET_NAME).unwrap().len(), 2 * "HTTP/right".len());
    assert_eq!(info.get(AvId::SINGLE_HOST).unwrap().len(), 48);
    assert_eq!(message.lm_response, [0; 24]);
}

#[test]
fn datagram_messages_may_overtake_each_other() {
    let server = Server::new(server_config(Policy::default()));
    let config = ClientConfig { flags: requested_flags(None, true, true, 3), ..alice() };
    let messages = shake(config, &server).unwrap();
    let accepted =
        judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret"))).unwrap();
    let datagram = |session: ntlm_wasm::ntlm::seal::SecuritySession, role| {
        let key = ntlm_wasm::secret::Key::new(*session.exported_session_key().expose());
        ntlm_wasm::ntlm::seal::SecuritySession::new(session.flags() | Flags::DATAGRAM, key, role)
    };
    let mut client = datagram(messages.authenticate.session, ntlm_wasm::ntlm::seal::Role::Client);
    let mut receiver = datagram(accepted.session, ntlm_wasm::ntlm::seal::Role::Server);
    let sealed: Vec<_> = (0..3_u8)
        .map(|number| {
            client.set_sequence(number.into());
            client.wrap(&[number; 9]).unwrap()
        })
        .collect();
    for number in [2_u8, 0, 1] {
        receiver.set_sequence(number.into());
        assert_eq!(receiver.unwrap(&sealed[usize::from(number)]).unwrap(), [number; 9]);
    }
}

#[test]
fn a_session_refuses_changed_repeated_and_reordered_messages() {
    let server = Server::new(server_config(Policy::default()));
    let config = ClientConfig { flags: requested_flags(None, true, true, 3), ..alice() };
    let messages = shake(config, &server).unwrap();
    let mut accepted =
        judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password("secret"))).unwrap();
    let mut client = messages.authenticate.session;
    let first = client.wrap(b"first").unwrap();
    let second = client.wrap(b"second").unwrap();
    assert!(accepted.session.unwrap(&second).is_err());
    assert!(accepted.session.unwrap(&first).is_err(), "once out of step, nothing passes");
    assert!(accepted.session.unwrap(&first[..15]).is_err());
}

#[test]
fn hashes_are_read_in_every_form_and_no_other() {
    let nt = "cd06ca7c7e10c99b1d33b7485a2ed808";
    let lm = "ff3750bcc2b22412c2265b23734e0dac";
    let both = Hashes::parse(format!("{lm}:{nt}").as_bytes()).unwrap();
    assert_eq!(both.nt.expose(), Hashes::parse(nt.as_bytes()).unwrap().nt.expose());
    assert!(both.lm.is_some());
    assert!(Hashes::parse(format!(":{}", nt.to_uppercase()).as_bytes()).unwrap().lm.is_none());
    for wrong in ["", ":", "cd06", &nt[1..], "+d06ca7c7e10c99b1d33b7485a2ed808", &format!("{nt}0"), "zz"] {
        assert_eq!(Hashes::parse(wrong.as_bytes()).unwrap_err().kind(), ErrorKind::InvalidHash, "{wrong}");
    }
}

/// As JavaScript hands them over: the NT hash, or the LM hash and the NT hash in one piece.
#[test]
fn hashes_are_taken_as_bytes_of_one_or_two_and_no_other_length() {
    let bytes: [u8; 48] = core::array::from_fn(|i| i as u8);
    let one = Hashes::of_bytes(&bytes[..16]).unwrap();
    assert!(one.nt.expose() == &bytes[..16] && one.lm.is_none());
    let both = Hashes::of_bytes(&bytes[..32]).unwrap();
    assert!(both.lm.unwrap().expose() == &bytes[..16] && both.nt.expose() == &bytes[16..32]);
    for length in (0..48).filter(|length| ![16, 32].contains(length)) {
        assert_eq!(Hashes::of_bytes(&bytes[..length]).unwrap_err().kind(), ErrorKind::InvalidHash, "{length}");
    }
}

fn options() -> impl Strategy<Value = (u32, u8, u8, String, String)> {
    (any::<u32>(), 0..=5_u8, 0..3_u8, "\\PC{0,12}", "\\PC{0,12}")
}

proptest! {
    /// Whatever is asked for: the handshake fails with a coded error, or both sides agree on user and key.
    #[test]
    fn client_and_server_agree_or_say_why_not((bits, level, mic, user, secret) in options()) {
        let server = Server::new(ServerConfig { timestamp: bits & 0x100 == 0, ..server_config(anything_goes()) });
        let config = ClientConfig {
            credential: Credential { user: user.as_str().into(), domain: "".into(), hashes: Some(password(&secret)) },
            lm_compatibility_level: level,
            mic: [MicPolicy::Auto, MicPolicy::Always, MicPolicy::Never][usize::from(mic)],
            flags: Flags(bits).with(Flags::DATAGRAM | Flags::OEM_DOMAIN_SUPPLIED | Flags::OEM_WORKSTATION_SUPPLIED, false),
            ..alice()
        };
        if let Ok(messages) = shake(config, &server) {
            let judged = judge(&server, &messages.negotiate, messages.authenticate.message, Some(&password(&secret)));
            match judged {
                Ok(accepted) => prop_assert_eq!(
                    accepted.session.exported_session_key().expose(),
                    messages.authenticate.session.exported_session_key().expose()
                ),
                // Extended session security that only the client insists on makes another response than the server expects.
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::ProofMismatch),
            }
        }
    }
}
