//! A client before any challenge, and an acceptor before any message 3.

use super::choices::Choices;
use ntlm_wasm::env::{self, Env};
use ntlm_wasm::error::Error;
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::{AvId, AvPairs};
use ntlm_wasm::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::response::NtlmVersion;
use ntlm_wasm::ntlm::server::{Accepted, Server, ServerConfig};
use ntlm_wasm::ntlm::version::Version;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::oem::CodePage;
use ntlm_wasm::wire::text::Text;

/// Randomness that repeats.
pub struct Random(pub u8);

impl env::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(29).wrapping_add(71);
            *byte = self.0;
        }
        Ok(())
    }
}

pub const NOW: FileTime = FileTime(133_000_000_000_000_000);

pub fn env(random: &mut Random) -> Env<'_> {
    Env { now: NOW, random }
}

/// The hash of a password that no input holds.
pub fn hashes() -> Hashes {
    Hashes::of_nt_hash(*b"nobody-knows-it.")
}

pub const BINDING: [u8; 16] = [0xcb; 16];
const TARGET: &str = "HTTP/server.example";

/// A client with any options.
pub fn client_of(choices: &mut Choices<'_>) -> Client {
    Client::new(config_of(choices))
}

pub fn config_of(choices: &mut Choices<'_>) -> ClientConfig {
    let level = choices.one_of(&[3, 0, 1, 2, 4, 5]);
    let given = if choices.flag() { Some(Flags(choices.number())) } else { None };
    ClientConfig {
        credential: Credential::new(
            choices.one_of(&["alice", "CORP\\alice", "alice@corp.example", "älïce\u{1f980}", ""]),
            None,
            (choices.byte() != 255).then(hashes),
        ),
        workstation: "PC".into(),
        target_name: choices.flag().then(|| TARGET.into()),
        channel_bindings: choices.flag().then_some(BINDING),
        lm_compatibility_level: level,
        mic: choices.one_of(&[MicPolicy::Auto, MicPolicy::Always, MicPolicy::Never]),
        flags: requested_flags(given, choices.flag(), choices.flag(), level),
        version: Version::DEFAULT,
        code_page: choices.one_of(&[CodePage::DEFAULT, CodePage::Utf8]),
    }
}

/// A server that accepts every kind of response, so that a rejection has another reason. With bit 0 it sends no timestamp.
pub fn server(bits: u8) -> Server {
    Server::new(ServerConfig {
        netbios_domain: "CORP".into(),
        netbios_computer: "SERVER".into(),
        dns_domain: "corp.example".into(),
        dns_computer: "server.corp.example".into(),
        dns_tree: Text::new(),
        timestamp: bits & 1 == 0,
        version: Version::DEFAULT,
        code_page: CodePage::Utf8,
        policy: Policy {
            channel_bindings: (bits & 2 != 0).then_some(BINDING),
            require_mic: bits & 4 != 0,
            minimum_version: NtlmVersion::V1,
            ..Policy::default()
        },
    })
}

/// The client answers any challenge with a message that is right, or with an error.
pub fn client(input: &[u8]) {
    let mut choices = Choices(input);
    let client = client_of(&mut choices);
    let config = client.config();
    let Ok(negotiated) = client.negotiate() else { return };
    // Half of the inputs need not find the signature by themselves.
    let prefix = choices.one_of(&[&b""[..], b"NTLMSSP\0\x02\0\0\0"]);
    let challenge = [prefix, choices.rest()].concat();
    let Ok(answer) = negotiated.authenticate(&client, &challenge, &mut env(&mut Random(3))) else { return };
    let message = Authenticate::decode(&answer.message).unwrap();
    let flags = message.flags.unwrap();
    let protected = (config.flags & (Flags::SIGN | Flags::SEAL)) != Flags::default();
    assert!(!protected || flags.contains(config.flags & (Flags::SIGN | Flags::SEAL | Flags::ESS)), "weakened");
    if config.credential.hashes.is_none() {
        assert!(message.nt_response.is_empty() && answer.version.is_none());
        return;
    }
    if config.lm_compatibility_level < 3 {
        return;
    }
    assert_eq!(answer.version, Some(NtlmVersion::V2), "an older response than was allowed");
    let info = AvPairs::parse(&message.nt_response[44..]).unwrap();
    let values = |id| info.iter().filter(|pair| pair.id == id).map(|pair| pair.value.to_vec()).collect::<Vec<_>>();
    assert_eq!(
        values(AvId::CHANNEL_BINDINGS),
        config.channel_bindings.iter().map(|hash| hash.to_vec()).collect::<Vec<_>>()
    );
    assert_eq!(values(AvId::TARGET_NAME).len(), usize::from(config.target_name.is_some()));
    assert!(values(AvId::FLAGS).len() <= 1);
    if config.mic == MicPolicy::Always {
        assert!(info.flags() & 2 != 0 && message.mic.is_some_and(|code| code != [0; 16]), "a code was promised");
    }
}

/// The acceptor takes the genuine message 3 and no other, however it was changed.
pub fn acceptor(input: &[u8]) {
    let mut choices = Choices(input);
    let server = server(choices.byte() & 4);
    let client = Client::new(ClientConfig {
        credential: Credential::new("CORP\\alice", None, Some(hashes())),
        workstation: "PC".into(),
        target_name: None,
        channel_bindings: None,
        lm_compatibility_level: 3,
        mic: MicPolicy::Always,
        flags: requested_flags(None, choices.flag(), choices.flag(), 3),
        version: Version::DEFAULT,
        code_page: CodePage::DEFAULT,
    });
    let negotiated = client.negotiate().unwrap();
    let negotiate = negotiated.message().to_vec();
    let challenged = server.challenge(negotiate.clone(), &mut env(&mut Random(9))).unwrap();
    let genuine = negotiated.authenticate(&client, challenged.message(), &mut env(&mut Random(4))).unwrap();
    let mut message = genuine.message.clone();
    match choices.byte() % 4 {
        // Anything at all.
        0 => message = [choices.one_of(&[&b""[..], b"NTLMSSP\0\x03\0\0\0"]), choices.rest()].concat(),
        // Cut, with something else after it.
        1 => {
            let end = choices.number() as usize % (message.len() + 1);
            message.truncate(end);
            message.extend_from_slice(choices.rest());
        }
        // Some bytes changed.
        _ => {
            while !choices.0.is_empty() {
                let at = (usize::from(choices.byte()) | usize::from(choices.byte()) << 8) % message.len();
                message[at] ^= choices.byte();
            }
        }
    }
    let accepted = judge(&server, negotiate, &message);
    assert_eq!(accepted.is_ok(), message == genuine.message, "{:?}", accepted.err());
}

/// The verdict on a message 3 whose challenge was made with `Random(9)`.
pub fn judge(server: &Server, negotiate: Vec<u8>, message: &[u8]) -> Result<Accepted, Error> {
    let challenged = server.challenge(negotiate, &mut env(&mut Random(9)))?;
    challenged.receive(server, message.to_vec())?.verify(server, Some(&hashes()), NOW)
}
