//! Tokens that are cut, changed or noise: a coded error each, or a reading, and never a panic.

use crate::support::{Counter, client_config, env, judge, password, server_config, shake};
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::http::challenge;
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::AvPairs;
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::client::Client;
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::Server;
use ntlm_wasm::wire::base64;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

/// Feeds bytes to everything that reads bytes from the network.
fn read_everywhere(bytes: &[u8]) {
    let _ = Negotiate::decode(bytes).map(|message| message.encode().unwrap());
    let _ = Challenge::decode(bytes).map(|message| message.encode().unwrap());
    let _ = Authenticate::decode(bytes).map(|message| message.encode().unwrap());
    let _ = AvPairs::parse(bytes).map(|pairs| pairs.iter().count());
    let _ = ntlm_wasm::channel_binding::from_certificate(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = base64::decode(&text);
    let _ = challenge::parse(text.as_bytes());
}

struct Pair {
    server: Server,
    client: Client,
}

impl Pair {
    fn new() -> Self {
        Pair {
            server: Server::new(server_config(Policy::default())),
            client: Client::new(client_config("DOMAIN\\alice", Some(password("secret")))),
        }
    }

    fn answer(&self, challenge: &[u8]) -> Result<Vec<u8>, Error> {
        let mut random = Counter(3);
        let answered = self.client.negotiate()?.authenticate(&self.client, challenge, &mut env(&mut random))?;
        Ok(answered.message)
    }
}

#[test]
fn tokens_cut_at_every_length_and_changed_at_every_byte() {
    let pair = Pair::new();
    let messages = shake(client_config("DOMAIN\\alice", Some(password("secret"))), &pair.server).unwrap();
    let hashes = password("secret");
    for genuine in [&messages.negotiate, &messages.challenge, &messages.authenticate.message] {
        for length in 0..genuine.len() {
            let cut = &genuine[..length];
            read_everywhere(cut);
            let error = Authenticate::decode(cut).unwrap_err();
            assert!(length < 12 || error.kind() != ErrorKind::NotNtlm);
            assert!(judge(&pair.server, &messages.negotiate, cut.to_vec(), Some(&hashes)).is_err());
            let _ = pair.answer(cut);
        }
        for at in 0..genuine.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = genuine.clone();
                changed[at] = value;
                read_everywhere(&changed);
                let _ = pair.answer(&changed);
                let _ = judge(&pair.server, &changed, messages.authenticate.message.clone(), Some(&hashes));
                let _ = judge(&pair.server, &messages.negotiate, changed, Some(&hashes));
            }
        }
    }
    // And it goes on working.
    assert!(judge(&pair.server, &messages.negotiate, messages.authenticate.message, Some(&hashes)).is_ok());
}

#[test]
fn errors_name_the_place() {
    let pair = Pair::new();
    let messages = shake(client_config("alice", Some(password("secret"))), &pair.server).unwrap();
    let mut challenge = messages.challenge;
    assert_eq!(pair.answer(&challenge[..20]).unwrap_err().position(), Some(20));
    challenge[16..20].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let error = pair.answer(&challenge).unwrap_err();
    // No message is so long that this would be a place in it.
    assert_eq!((error.kind(), error.position()), (ErrorKind::FieldOutOfBounds, None));
    challenge[16..20].copy_from_slice(&0x1234_u32.to_le_bytes());
    assert_eq!(pair.answer(&challenge).unwrap_err().position(), Some(0x1234));
    assert_eq!(pair.answer(&messages.negotiate).unwrap_err().kind(), ErrorKind::WrongMessageType);
    assert_eq!(pair.answer(b"HTTP/1.1 400 Bad").unwrap_err().kind(), ErrorKind::NotNtlm);
}

#[test]
fn the_offset_of_an_empty_field_means_nothing() {
    let pair = Pair::new();
    let messages = shake(client_config("alice", Some(password("secret"))), &pair.server).unwrap();
    let mut challenge = messages.challenge;
    challenge[12..16].fill(0);
    challenge[16..20].fill(0xff);
    assert!(pair.answer(&challenge).is_ok());
}

#[test]
fn a_challenge_that_leaves_no_room_for_the_clients_attributes_is_refused() {
    let mut info = ntlm_wasm::ntlm::av_pair::AvPairWriter::default();
    info.push(ntlm_wasm::ntlm::av_pair::AvId(99), &[0; 65_500]);
    let info = info.finish().unwrap();
    let challenge = Challenge {
        target_name: b"",
        flags: ntlm_wasm::ntlm::flags::Flags(0xe28a_8235),
        server_challenge: [3; 8],
        target_info: Some(AvPairs::parse(&info).unwrap()),
        version: None,
    };
    assert_eq!(Pair::new().answer(&challenge.encode().unwrap()).unwrap_err().kind(), ErrorKind::TooLong);
}

#[test]
fn every_error_has_a_unique_code_a_sentence_and_advice() {
    let codes: std::collections::HashSet<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
    assert_eq!(codes.len(), ErrorKind::ALL.len());
    for (number, kind) in ErrorKind::ALL.iter().enumerate() {
        assert_eq!(*kind as usize, number);
        assert!(kind.code().starts_with("ERR_NTLM_"));
        for text in [kind.message(), kind.advice()] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{text}");
        }
        kind.fault();
    }
}

proptest! {
    #[test]
    fn noise_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), kind in 1..4_u8) {
        read_everywhere(&bytes);
        let mut message = b"NTLMSSP\0".to_vec();
        message.extend([kind, 0, 0, 0]);
        message.extend(&bytes);
        read_everywhere(&message);
        let pair = Pair::new();
        let _ = pair.answer(&message);
        let hashes = password("secret");
        let negotiate = pair.client.negotiate().unwrap().message().to_vec();
        prop_assert!(judge(&pair.server, &negotiate, message, Some(&hashes)).is_err());
    }

    #[test]
    fn base64_is_its_own_inverse(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let text = base64::encode(&bytes);
        prop_assert_eq!(base64::decode(&text).unwrap(), bytes.clone());
        prop_assert_eq!(base64::decode(text.trim_end_matches('=')).unwrap(), bytes.clone());
        let folded: String = text.chars().flat_map(|c| [c, ' ']).collect();
        prop_assert_eq!(base64::decode(&folded).unwrap(), bytes);
    }
}

#[test]
fn noise_of_64_kib() {
    let mut random = Counter(11);
    let mut bytes = vec![0; 65_536];
    ntlm_wasm::env::Random::fill(&mut random, &mut bytes).unwrap();
    read_everywhere(&bytes);
    bytes[..12].copy_from_slice(b"NTLMSSP\0\x02\0\0\0");
    read_everywhere(&bytes);
    assert!(Pair::new().answer(&bytes).is_err());
}
