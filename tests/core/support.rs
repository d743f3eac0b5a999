//! What the tests share: vectors, hexadecimal, and a handshake in one call.

use ntlm_wasm::env::{Env, Random};
use ntlm_wasm::error::Error;
use ntlm_wasm::ntlm::client::{Authenticated, Client, ClientConfig, MicPolicy, requested_flags};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::{Accepted, Server, ServerConfig};
use ntlm_wasm::ntlm::version::Version;
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::oem::CodePage;
use ntlm_wasm::wire::text::encode_utf16le;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub fn vectors(name: &str) -> Value {
    read(&root().join("tests/vectors").join(name))
}

/// Captured messages that are not part of this project, if they are next to it.
pub fn captured(name: &str) -> Option<Value> {
    let path = root().join("../shared/vectors/captured").join(name);
    path.exists().then(|| read(&path))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub fn hex(text: &str) -> Vec<u8> {
    assert_eq!(text.len() % 2, 0, "{text}");
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

pub fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}

/// Text of a value.
pub fn str_of(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

/// Bytes of a value in hexadecimal.
pub fn hex_at(value: &Value) -> Vec<u8> {
    hex(str_of(value))
}

/// Bytes of a value in base64.
pub fn base64_at(value: &Value) -> Vec<u8> {
    base64::decode(str_of(value)).unwrap()
}

pub fn password(text: &str) -> Hashes {
    Hashes::of_password_with_lm(&encode_utf16le(text), CodePage::DEFAULT)
}

/// Randomness that gives the client challenge, the machine and the session key of MS-NLMP 4.2.1, distinguished by their sizes.
pub struct SpecificationRandom;

impl Random for SpecificationRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        bytes.fill(if bytes.len() == 16 { 0x55 } else { 0xaa });
        Ok(())
    }
}

/// Randomness that counts: different each time, the same in each run.
pub struct Counter(pub u8);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(113);
            *byte = self.0;
        }
        Ok(())
    }
}

pub fn client_config(user: &str, hashes: Option<Hashes>) -> ClientConfig {
    ClientConfig {
        credential: Credential::new(user, None, hashes),
        workstation: "COMPUTER".into(),
        target_name: None,
        channel_bindings: None,
        lm_compatibility_level: 3,
        mic: MicPolicy::Auto,
        flags: requested_flags(None, false, false, 3),
        version: Version::DEFAULT,
        code_page: CodePage::DEFAULT,
    }
}

pub fn server_config(policy: Policy) -> ServerConfig {
    ServerConfig {
        netbios_domain: "DOMAIN".into(),
        netbios_computer: "SERVER".into(),
        dns_domain: "domain.example".into(),
        dns_computer: "server.domain.example".into(),
        dns_tree: "domain.example".into(),
        timestamp: true,
        version: Version::DEFAULT,
        code_page: CodePage::DEFAULT,
        policy,
    }
}

pub const NOW: FileTime = FileTime(133_000_000_000_000_000);

pub fn env(random: &mut dyn Random) -> Env<'_> {
    Env { now: NOW, random }
}

/// The three messages of a handshake.
pub struct Messages {
    pub negotiate: Vec<u8>,
    pub challenge: Vec<u8>,
    pub authenticate: Authenticated,
}

/// Lets a client and a server shake hands up to message 3.
pub fn shake(client: ClientConfig, server: &Server) -> Result<Messages, Error> {
    let client = Client::new(client);
    let mut random = Counter(7);
    let negotiated = client.negotiate()?;
    let negotiate = negotiated.message().to_vec();
    let challenged = server.challenge(negotiate.clone(), &mut env(&mut random))?;
    let challenge = challenged.message().to_vec();
    let authenticate = negotiated.authenticate(&client, &challenge, &mut env(&mut random))?;
    Ok(Messages { negotiate, challenge, authenticate })
}

/// What the server makes of a message 3. Its randomness repeats, so the challenge is the one that [`shake`] saw.
pub fn judge(
    server: &Server,
    negotiate: &[u8],
    authenticate: Vec<u8>,
    hashes: Option<&Hashes>,
) -> Result<Accepted, Error> {
    let challenged = server.challenge(negotiate.to_vec(), &mut env(&mut Counter(7)))?;
    challenged.receive(server, authenticate)?.verify(server, hashes, NOW)
}

pub const fn flags(bits: u32) -> Flags {
    Flags(bits)
}
