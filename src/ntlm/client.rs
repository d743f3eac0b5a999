//! The client: sends message 1, answers message 2 with message 3 (MS-NLMP 3.1.5).

use crate::crypto::{HmacMd5, rc4};
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::ntlm::authenticate::{Authenticate, MIC_AT, MIC_END};
use crate::ntlm::av_pair::{AvId, AvPairs};
use crate::ntlm::challenge::Challenge;
use crate::ntlm::credential::{Credential, Hashes};
use crate::ntlm::flags::Flags;
use crate::ntlm::keys;
use crate::ntlm::message::TextEncoding;
use crate::ntlm::negotiate::Negotiate;
use crate::ntlm::response::{NtlmVersion, Response, TargetInfoAdditions, respond_v1, respond_v2};
use crate::ntlm::seal::{Role, SecuritySession};
use crate::ntlm::version::Version;
use crate::secret::Secret;
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use crate::wire::text::Text;
use alloc::vec::Vec;

/// When the client sends a message integrity code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MicPolicy {
    /// As in Windows: if the challenge has a timestamp.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The configuration of a client.
#[derive(Debug)]
pub struct ClientConfig {
    /// The user and the secret.
    pub credential: Credential,
    /// The computer name to send; may be empty.
    pub workstation: Text,
    /// The service principal name of the server, such as `HTTP/proxy.corp.example`.
    pub target_name: Option<Text>,
    /// The hash of the TLS channel; `None` sends no channel binding, because servers reject an empty one.
    pub channel_bindings: Option<[u8; 16]>,
    /// The LmCompatibilityLevel setting of Windows, 0 to 5; from 3 on only NTLMv2 is sent.
    pub lm_compatibility_level: u8,
    /// When to send a message integrity code.
    pub mic: MicPolicy,
    /// The flags to request.
    pub flags: Flags,
    /// The version to send.
    pub version: Version,
    /// The code page of messages without Unicode.
    pub code_page: CodePage,
}

impl ClientConfig {
    /// The default LmCompatibilityLevel: NTLMv2 only.
    pub const LM_COMPATIBILITY_LEVEL: u8 = 3;

    /// Creates a configuration with a password and default options.
    ///
    /// The user name may be `alice`, `CORP\alice` or `alice@corp.example`.
    ///
    /// # Examples
    ///
    /// ```
    /// use ntlm_wasm::ntlm::client::{Client, ClientConfig};
    ///
    /// let client = Client::new(ClientConfig {
    ///     workstation: "WS01".into(),
    ///     target_name: Some("HTTP/proxy.corp.example".into()),
    ///     ..ClientConfig::with_password("CORP\\alice", "Password")
    /// });
    /// assert!(client.negotiate()?.message().starts_with(b"NTLMSSP\0"));
    /// # Ok::<(), ntlm_wasm::error::Error>(())
    /// ```
    pub fn with_password(username: &str, password: &str) -> Self {
        let credential = Credential::new(username, None, Some(Hashes::from_password(password)));
        ClientConfig { credential, ..ClientConfig::default() }
    }

    /// Creates a configuration with the NT hash of a password and default options.
    pub fn with_nt_hash(username: &str, nt_hash: [u8; 16]) -> Self {
        let credential = Credential::new(username, None, Some(Hashes::of_nt_hash(nt_hash)));
        ClientConfig { credential, ..ClientConfig::default() }
    }
}

/// An anonymous client that requests the same flags as a Windows HTTP client.
impl Default for ClientConfig {
    fn default() -> Self {
        ClientConfig {
            credential: Credential::default(),
            workstation: Text::new(),
            target_name: None,
            channel_bindings: None,
            lm_compatibility_level: Self::LM_COMPATIBILITY_LEVEL,
            mic: MicPolicy::Auto,
            flags: requested_flags(None, false, false, Self::LM_COMPATIBILITY_LEVEL),
            version: Version::DEFAULT,
            code_page: CodePage::DEFAULT,
        }
    }
}

/// Returns the flags to request: the given ones, otherwise those of a Windows HTTP client, without extended session security at level 0.
///
/// Sealing includes signing. Both also request key exchange, unless flags are given.
pub fn requested_flags(given: Option<Flags>, sign: bool, seal: bool, lm_compatibility_level: u8) -> Flags {
    let usual = Flags::HTTP_CLIENT.with(Flags::ESS, lm_compatibility_level > 0).with(Flags::KEY_EXCH, sign || seal);
    let flags = given.unwrap_or(usual);
    flags | Flags::default().with(Flags::SIGN, sign || seal).with(Flags::SEAL, seal)
}

/// A client that can perform any number of handshakes.
pub struct Client {
    config: ClientConfig,
    /// The key of NTLMv2 responses with its key schedule, computed once per credential.
    response_key: Option<HmacMd5>,
    /// Message 1, which depends only on the configuration.
    negotiate: Result<Vec<u8>, Error>,
}

impl Client {
    /// Creates a client: computes message 1 and the keys that do not depend on the challenge.
    pub fn new(config: ClientConfig) -> Self {
        let response_key = config.credential.response_key_v2().map(|key| HmacMd5::new(key.expose()));
        let negotiate = negotiate_message(&config);
        Client { config, response_key, negotiate }
    }

    /// Returns the configuration.
    pub const fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// Starts a handshake with message 1.
    pub fn negotiate(&self) -> Result<Negotiated, Error> {
        Ok(Negotiated { message: self.negotiate.clone()? })
    }

    /// Answers message 2 of a handshake whose message 1 was created elsewhere: it depends only on the configuration.
    pub fn authenticate(&self, challenge_message: &[u8], env: &mut Env<'_>) -> Result<Authenticated, Error> {
        let negotiate = match &self.negotiate {
            _ if self.is_connectionless() => &[],
            Ok(message) => &message[..],
            Err(error) => return Err(*error),
        };
        self.answer(negotiate, challenge_message, env)
    }

    /// Returns whether the client requests connectionless mode.
    pub const fn is_connectionless(&self) -> bool {
        self.config.flags.contains(Flags::DATAGRAM)
    }

    /// Starts a handshake in connectionless mode, where the server's challenge is the first message (`DATAGRAM`).
    pub const fn connectionless() -> Negotiated {
        Negotiated { message: Vec::new() }
    }

    /// Returns the negotiated flags, or an error if the challenge removes the requested message protection.
    ///
    /// Extended session security is kept even if the challenge drops it, because the response would be weaker without it.
    fn agree(&self, challenged: Flags) -> Result<Flags, Error> {
        let asked = self.config.flags;
        let protection = Flags::SIGN | Flags::SEAL;
        if (asked & protection) != Flags::default() {
            let required = asked & (protection | Flags::ESS | Flags::BITS_128);
            if !challenged.contains(required) {
                return Err(ErrorKind::Downgraded.into());
            }
        }
        let kept = Flags::ESS | Flags::REQUEST_TARGET | Flags::TARGET_INFO;
        let agreed = (asked & (challenged | kept)) | (challenged & Flags::TARGET_INFO);
        let unicode = agreed.contains(Flags::UNICODE);
        let agreed = agreed.with(Flags::OEM, !unicode);
        // Without signing or sealing no session key is needed, and Windows rejects one (3.1.5.1.2).
        let exchange = agreed.contains(Flags::KEY_EXCH) && (agreed & protection) != Flags::default();
        Ok(agreed.with(Flags::KEY_EXCH, exchange).with(Flags::ANONYMOUS, self.config.credential.hashes.is_none()))
    }

    /// Creates message 3 from messages 1 and 2.
    #[inline(never)]
    fn answer(&self, negotiate: &[u8], challenge_message: &[u8], env: &mut Env<'_>) -> Result<Authenticated, Error> {
        let config = &self.config;
        let challenge = Challenge::decode(challenge_message)?;
        let flags = self.agree(challenge.flags)?;
        let timestamp = challenge.target_info.and_then(AvPairs::timestamp);
        let with_mic = match config.mic {
            MicPolicy::Auto => timestamp.is_some(),
            MicPolicy::Always => true,
            MicPolicy::Never => false,
        } && config.credential.hashes.is_some();
        let response = self.respond(&challenge, flags, timestamp, with_mic, env)?;
        let (exported_session_key, encrypted_session_key) = if flags.contains(Flags::KEY_EXCH) {
            let exported = Secret::new(env.random()?);
            let encrypted = rc4(&response.key_exchange_key, *exported.expose());
            (exported, Some(encrypted))
        } else {
            (response.key_exchange_key, None)
        };
        let text = TextEncoding::of(flags, config.code_page);
        let mut message = Authenticate {
            lm_response: &response.lm,
            nt_response: &response.nt,
            domain: &text.encode(&config.credential.domain)?,
            user: &text.encode(&config.credential.user)?,
            workstation: &text.encode(&config.workstation)?,
            encrypted_session_key: encrypted_session_key.as_ref().map_or(&[], |key| &key[..]),
            flags: Some(flags),
            version: flags.contains(Flags::VERSION).then_some(config.version),
            mic: with_mic.then_some([0; 16]),
        }
        .encode()?;
        if with_mic {
            let code = keys::mic(&exported_session_key, [negotiate, challenge_message, &message]);
            if let Some(place) = message.get_mut(MIC_AT..MIC_END) {
                place.copy_from_slice(&code);
            }
        }
        let session = SecuritySession::new(flags, exported_session_key, Role::Client);
        Ok(Authenticated { message, version: response.version, session })
    }

    fn respond(
        &self,
        challenge: &Challenge<'_>,
        flags: Flags,
        timestamp: Option<FileTime>,
        with_mic: bool,
        env: &mut Env<'_>,
    ) -> Result<Response, Error> {
        let config = &self.config;
        let (Some(hashes), Some(response_key)) = (&config.credential.hashes, &self.response_key) else {
            return Ok(Response::anonymous());
        };
        let client_challenge = env.random()?;
        if config.lm_compatibility_level < 3 {
            let lm_too = config.lm_compatibility_level < 2;
            return Ok(respond_v1(hashes, flags, challenge.server_challenge, client_challenge, lm_too));
        }
        let info = challenge.target_info.unwrap_or_default();
        let named = |id| info.get(id).is_some();
        let protected = (flags & (Flags::SIGN | Flags::SEAL)) != Flags::default();
        if protected && !(named(AvId::NB_COMPUTER_NAME) && named(AvId::NB_DOMAIN_NAME)) {
            return Err(ErrorKind::NamesMissing.into());
        }
        let additions = TargetInfoAdditions {
            with_mic,
            machine_id: timestamp.map(|_| env.random()).transpose()?,
            channel_bindings: config.channel_bindings,
            target_name: config.target_name.as_ref(),
        };
        let time = timestamp.unwrap_or(env.now);
        respond_v2(response_key, info, &additions, challenge.server_challenge, client_challenge, time)
    }
}

fn negotiate_message(config: &ClientConfig) -> Result<Vec<u8>, Error> {
    let flags = config.flags;
    let supplied = |flag, name: &Text| {
        if !flags.contains(flag) {
            return Ok(Vec::new());
        }
        // These two names are always in the OEM code page and in upper case (2.2.1.1).
        let mut bytes = config.code_page.encode(name.as_utf16le()).ok_or(ErrorKind::NotRepresentable)?;
        bytes.make_ascii_uppercase();
        Ok::<_, Error>(bytes)
    };
    let message = Negotiate {
        flags,
        domain: &supplied(Flags::OEM_DOMAIN_SUPPLIED, &config.credential.domain)?,
        workstation: &supplied(Flags::OEM_WORKSTATION_SUPPLIED, &config.workstation)?,
        version: flags.contains(Flags::VERSION).then_some(config.version),
    };
    message.encode()
}

/// A handshake with its message 1.
#[derive(Debug)]
pub struct Negotiated {
    message: Vec<u8>,
}

/// A finished handshake.
pub struct Authenticated {
    /// Message 3.
    pub message: Vec<u8>,
    /// The kind of response; `None` for an anonymous client.
    pub version: Option<NtlmVersion>,
    /// The session security for the messages that follow.
    pub session: SecuritySession,
}

impl Negotiated {
    /// Returns message 1.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Answers message 2 with message 3.
    pub fn authenticate(
        self,
        client: &Client,
        challenge_message: &[u8],
        env: &mut Env<'_>,
    ) -> Result<Authenticated, Error> {
        client.answer(&self.message, challenge_message, env)
    }
}
