//! The options of a client, set one by one: only those that are there cross the border.

use crate::bind::wasm::Result;
use crate::bind::wasm::random::Source;
use crate::error::ErrorKind;
use crate::http::authenticator::Scheme;
use crate::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use crate::ntlm::credential::{Credential, Hashes};
use crate::ntlm::flags::Flags;
use crate::ntlm::version::Version;
use crate::wire::oem::CodePage;
use alloc::string::String;
use alloc::vec::Vec;
use js_sys::Function;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

enum Proof {
    Nothing,
    Password(Zeroizing<Vec<u16>>),
    Hashes(Hashes),
}

/// The options of a client.
#[wasm_bindgen]
pub struct ClientOptions {
    user: String,
    domain: Option<String>,
    workstation: String,
    proof: Proof,
    target_name: Option<String>,
    channel_bindings: Option<[u8; 16]>,
    level: u8,
    mic: MicPolicy,
    sign: bool,
    seal: bool,
    flags: Option<Flags>,
    version: Version,
    code_page: CodePage,
    pub(super) random: Source,
    spnego: bool,
}

#[wasm_bindgen]
impl ClientOptions {
    /// An anonymous client with the defaults of Windows.
    #[wasm_bindgen(constructor)]
    pub fn new(user: String, domain: Option<String>, workstation: String) -> ClientOptions {
        ClientOptions {
            user,
            domain,
            workstation,
            proof: Proof::Nothing,
            target_name: None,
            channel_bindings: None,
            level: 3,
            mic: MicPolicy::Auto,
            sign: false,
            seal: false,
            flags: None,
            version: Version::DEFAULT,
            code_page: CodePage::DEFAULT,
            random: Source::default(),
            spnego: false,
        }
    }

    /// The password in UTF-16 code units, which may be lone surrogates.
    pub fn password(&mut self, units: Vec<u16>) {
        self.proof = Proof::Password(Zeroizing::new(units));
    }

    /// The NT hash instead of a password, as 16 bytes.
    #[wasm_bindgen(js_name = ntHash)]
    pub fn nt_hash(&mut self, hash: Vec<u8>) -> Result<()> {
        let hash = Zeroizing::new(hash);
        let bytes =
            hash.as_slice().try_into().map_err(|_| ErrorKind::InvalidHash).map_err(crate::error::Error::from)?;
        self.proof = Proof::Hashes(Hashes::of_nt_hash(bytes));
        Ok(())
    }

    /// The NT hash in hexadecimal, or `LM:NT`.
    #[wasm_bindgen(js_name = ntHashText)]
    pub fn nt_hash_text(&mut self, hash: String) -> Result<()> {
        self.proof = Proof::Hashes(Hashes::parse(&Zeroizing::new(hash))?);
        Ok(())
    }

    /// The service principal name.
    #[wasm_bindgen(js_name = targetName)]
    pub fn target_name(&mut self, name: String) {
        self.target_name = Some(name);
    }

    /// The hash that stands for the TLS channel.
    #[wasm_bindgen(js_name = channelBindings)]
    pub fn channel_bindings(&mut self, hash: &[u8]) -> Result<()> {
        self.channel_bindings = Some(hash.try_into().map_err(|_| crate::error::Error::from(ErrorKind::InvalidOption))?);
        Ok(())
    }

    /// LmCompatibilityLevel.
    pub fn level(&mut self, level: u8) {
        self.level = level;
    }

    /// When to send a message integrity code: 0 auto, 1 always, else never.
    pub fn mic(&mut self, policy: u8) {
        self.mic = match policy {
            0 => MicPolicy::Auto,
            1 => MicPolicy::Always,
            _ => MicPolicy::Never,
        };
    }

    /// Whether to ask for signing and sealing.
    pub fn protect(&mut self, sign: bool, seal: bool) {
        (self.sign, self.seal) = (sign, seal);
    }

    /// The flags to ask for.
    pub fn flags(&mut self, flags: u32) {
        self.flags = Some(Flags(flags));
    }

    /// The version, such as `10.0.26100`.
    pub fn version(&mut self, version: &str) -> Result<()> {
        self.version = Version::parse(version)?;
        Ok(())
    }

    /// The code page of OEM text.
    #[wasm_bindgen(js_name = oemEncoding)]
    pub fn oem_encoding(&mut self, name: &str) -> Result<()> {
        self.code_page = CodePage::by_name(name).ok_or(crate::error::Error::from(ErrorKind::InvalidOption))?;
        Ok(())
    }

    /// A function to take randomness from.
    pub fn random(&mut self, function: Function) {
        self.random = Source(Some(function));
    }

    /// Whether to wrap the messages in SPNEGO.
    pub fn negotiate(&mut self) {
        self.spnego = true;
    }
}

impl ClientOptions {
    /// The scheme that tokens are made for.
    pub(super) const fn scheme(&self) -> Scheme {
        if self.spnego { Scheme::Negotiate } else { Scheme::Ntlm }
    }

    /// The client, and where it takes its randomness from. The password is wiped here; its hashes remain.
    pub(super) fn into_client(self) -> Client {
        let hashes = match self.proof {
            Proof::Nothing => None,
            Proof::Password(units) => Some(Hashes::of_password(&units, self.code_page)),
            Proof::Hashes(hashes) => Some(hashes),
        };
        Client::new(ClientConfig {
            credential: Credential::new(&self.user, self.domain.as_deref(), hashes),
            workstation: self.workstation,
            target_name: self.target_name,
            channel_bindings: self.channel_bindings,
            lm_compatibility_level: self.level,
            mic: self.mic,
            flags: requested_flags(self.flags, self.sign, self.seal, self.level),
            version: self.version,
            code_page: self.code_page,
        })
    }
}
