//! What a client asks for, what it agrees to, and what it says of itself.

use crate::support::{Counter, client_config, env, password, server_config};
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::{AV_FLAG_MIC, AvId, AvPairWriter, AvPairs};
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::client::{Authenticated, Client, ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::response::NtlmVersion;
use ntlm_wasm::ntlm::seal::{Role, SecuritySession};
use ntlm_wasm::ntlm::server::Server;
use ntlm_wasm::secret::Secret;

fn config() -> ClientConfig {
    client_config("DOMAIN\\alice", Some(password("secret")))
}

/// The answer to the usual challenge with other flags and attributes.
fn answer(
    config: ClientConfig,
    flags: impl Fn(Flags) -> Flags,
    attributes: &[(AvId, &[u8])],
) -> Result<Authenticated, Error> {
    let client = Client::new(config);
    let negotiated = client.negotiate()?;
    let server = Server::new(server_config(Policy::default()));
    let challenged = server.challenge(negotiated.message().to_vec(), &mut env(&mut Counter(7)))?;
    let usual = Challenge::decode(challenged.message())?;
    let mut info = AvPairWriter::default();
    attributes.iter().for_each(|(id, value)| info.push(*id, value));
    let info = info.finish().unwrap();
    let altered = Challenge { flags: flags(usual.flags), target_info: Some(AvPairs::parse(&info)?), ..usual };
    negotiated.authenticate(&client, &altered.encode()?, &mut env(&mut Counter(9)))
}

const NAMES: [(AvId, &[u8]); 2] = [(AvId::NB_DOMAIN_NAME, b"D\0"), (AvId::NB_COMPUTER_NAME, b"C\0")];
const TIME: (AvId, &[u8]) = (AvId::TIMESTAMP, &[1, 2, 3, 4, 5, 6, 7, 1]);

#[test]
fn sealing_implies_signing_and_both_a_session_key() {
    let protection = Flags::SIGN | Flags::SEAL | Flags::KEY_EXCH;
    for (sign, seal, expected) in [
        (false, false, Flags::default()),
        (true, false, Flags::SIGN | Flags::KEY_EXCH),
        (false, true, protection),
        (true, true, protection),
    ] {
        assert_eq!(requested_flags(None, sign, seal, 3) & protection, expected, "{sign} {seal}");
    }
}

#[test]
fn only_clients_that_request_datagrams_are_connectionless() {
    assert!(!Client::new(config()).is_connectionless());
    let flags = Flags::HTTP_CLIENT | Flags::DATAGRAM;
    assert!(Client::new(ClientConfig { flags, ..config() }).is_connectionless());
}

#[test]
fn clients_without_signing_accept_challenges_without_128_bit_keys() {
    let weak = |flags: Flags| flags.with(Flags::ESS, false).with(Flags::BITS_128, false);
    assert!(answer(config(), weak, &NAMES).is_ok());
    let protected = ClientConfig { flags: requested_flags(None, true, false, 3), ..config() };
    assert_eq!(answer(protected, weak, &NAMES).err().map(|error| error.kind()), Some(ErrorKind::Downgraded));
}

#[test]
fn without_protection_no_session_key_is_sent() {
    let flags = Flags::HTTP_CLIENT | Flags::KEY_EXCH;
    let sent = answer(ClientConfig { flags, ..config() }, |flags| flags | Flags::KEY_EXCH, &NAMES).unwrap();
    let message = Authenticate::decode(&sent.message).unwrap();
    assert!(message.encrypted_session_key.is_empty() && !message.flags.unwrap().contains(Flags::KEY_EXCH));
}

#[test]
fn lm_compatibility_level_selects_the_response() {
    for (level, version) in
        [(1, NtlmVersion::V2Session), (2, NtlmVersion::V2Session), (3, NtlmVersion::V2), (5, NtlmVersion::V2)]
    {
        let sent = answer(ClientConfig { lm_compatibility_level: level, ..config() }, |flags| flags, &NAMES).unwrap();
        assert_eq!(sent.version, Some(version), "level {level}");
    }
    let names = [NtlmVersion::V1, NtlmVersion::V2Session, NtlmVersion::V2].map(NtlmVersion::name);
    assert_eq!(names, ["NTLMv1", "NTLM2 session", "NTLMv2"]);
}

#[test]
fn signing_needs_both_names_of_the_server() {
    for (sign, seal) in [(true, false), (true, true)] {
        for names in [&NAMES[..1], &NAMES[1..], &[]] {
            let protected = ClientConfig { flags: requested_flags(None, sign, seal, 3), ..config() };
            let refused = answer(protected, |flags| flags, names).err().map(|error| error.kind());
            assert_eq!(refused, Some(ErrorKind::NamesMissing));
            assert!(answer(config(), |flags| flags, names).is_ok());
        }
    }
}

#[test]
fn lm_response_is_blank_with_a_mic_or_a_timestamp() {
    for (mic, attributes, blank) in [
        (MicPolicy::Always, &NAMES[..], true),
        (MicPolicy::Never, &[NAMES[0], NAMES[1], TIME], true),
        (MicPolicy::Never, &NAMES, false),
    ] {
        let sent = answer(ClientConfig { mic, ..config() }, |flags| flags, attributes).unwrap();
        let message = Authenticate::decode(&sent.message).unwrap();
        assert_eq!(message.lm_response == [0; 24], blank, "{mic:?}");
    }
}

/// The attributes that a message 3 proves.
fn proven(sent: &Authenticated) -> Vec<(AvId, Vec<u8>)> {
    let message = Authenticate::decode(&sent.message).unwrap();
    AvPairs::parse(&message.nt_response[44..]).unwrap().iter().map(|pair| (pair.id, pair.value.to_vec())).collect()
}

#[test]
fn mic_is_announced_even_if_the_server_set_the_bit() {
    for flags in [[0, 0, 0, 0], [2, 0, 0, 0], [1, 0, 0, 0]] {
        let always = ClientConfig { mic: MicPolicy::Always, ..config() };
        let sent = answer(always, |flags| flags, &[NAMES[0], NAMES[1], (AvId::FLAGS, &flags)]).unwrap();
        let expected = u32::from_le_bytes(flags) | AV_FLAG_MIC;
        assert!(proven(&sent).contains(&(AvId::FLAGS, expected.to_le_bytes().to_vec())));
    }
}

#[test]
fn single_host_has_the_form_of_the_specification() {
    let sent = answer(config(), |flags| flags, &[NAMES[0], NAMES[1], TIME]).unwrap();
    let (_, data) = proven(&sent).into_iter().find(|(id, _)| *id == AvId::SINGLE_HOST).unwrap();
    // Size, zeros, custom data, medium integrity (MS-NLMP 2.2.2.2), and 32 random bytes.
    assert_eq!(data[..16], [48, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x20, 0, 0]);
    assert_eq!(data.len(), 48);
    assert!(data[16..].windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn session_signs_if_that_was_negotiated() {
    for (flags, signs) in [
        (Flags::default(), false),
        (Flags::SEAL | Flags::ESS, false),
        (Flags::SIGN, true),
        (Flags::ALWAYS_SIGN, true),
        (Flags::SIGN | Flags::ALWAYS_SIGN, true),
    ] {
        assert_eq!(SecuritySession::new(flags, Secret::new([1; 16]), Role::Client).signs(), signs, "{flags:?}");
    }
}

#[test]
fn session_seals_only_if_that_was_negotiated() {
    let mut session = SecuritySession::new(Flags::SIGN | Flags::ESS, Secret::new([1; 16]), Role::Client);
    assert_eq!(session.seal(&mut [0; 4]).map_err(|error| error.kind()), Err(ErrorKind::NotProtected));
    assert_eq!(session.unseal(&mut [0; 4], &[0; 16]).map_err(|error| error.kind()), Err(ErrorKind::NotProtected));
}
