//! The server: answers message 1 with a challenge and checks message 3 (MS-NLMP 3.2.5).

use crate::crypto;
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::av_pair::{AvId, AvPairWriter, AvPairs};
use crate::ntlm::challenge::Challenge;
use crate::ntlm::credential::Hashes;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::TextEncoding;
use crate::ntlm::negotiate::Negotiate;
use crate::ntlm::policy::Policy;
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::seal::{Role, SecuritySession};
use crate::ntlm::verify::{Proven, Verification};
use crate::ntlm::version::Version;
use crate::secret::Secret;
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use crate::wire::text::Text;
use alloc::vec::Vec;

/// The configuration of a server: its names and its policy.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The domain's NetBIOS name.
    pub netbios_domain: Text,
    /// The computer's NetBIOS name.
    pub netbios_computer: Text,
    /// The domain's DNS name; omitted if empty.
    pub dns_domain: Text,
    /// The computer's DNS name; omitted if empty.
    pub dns_computer: Text,
    /// The forest's DNS name; omitted if empty.
    pub dns_tree: Text,
    /// Whether to send the time. Windows clients then add a message integrity code.
    pub timestamp: bool,
    /// The version to send.
    pub version: Version,
    /// The code page of messages without Unicode.
    pub code_page: CodePage,
    /// The rules for accepting clients.
    pub policy: Policy,
}

/// A server of the domain `WORKGROUP` that sends the time and uses the default [`Policy`].
impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            netbios_domain: "WORKGROUP".into(),
            netbios_computer: "SERVER".into(),
            dns_domain: Text::new(),
            dns_computer: Text::new(),
            dns_tree: Text::new(),
            timestamp: true,
            version: Version::DEFAULT,
            code_page: CodePage::DEFAULT,
            policy: Policy::default(),
        }
    }
}

/// The flags that the server supports.
const SUPPORTED: Flags = Flags(
    Flags::UNICODE.0
        | Flags::OEM.0
        | Flags::REQUEST_TARGET.0
        | Flags::SIGN.0
        | Flags::SEAL.0
        | Flags::DATAGRAM.0
        | Flags::LM_KEY.0
        | Flags::NTLM.0
        | Flags::ALWAYS_SIGN.0
        | Flags::ESS.0
        | Flags::VERSION.0
        | Flags::BITS_128.0
        | Flags::KEY_EXCH.0
        | Flags::BITS_56.0,
);

/// A server that can challenge any number of clients.
#[derive(Clone, Debug)]
pub struct Server {
    config: ServerConfig,
}

impl Server {
    /// Creates a server.
    pub const fn new(config: ServerConfig) -> Self {
        Server { config }
    }

    /// Answers message 1 with message 2.
    pub fn challenge(&self, negotiate_message: Vec<u8>, env: &mut Env<'_>) -> Result<Challenged, Error> {
        let asked = Negotiate::decode(&negotiate_message)?.flags;
        let flags = agree(asked);
        let config = &self.config;
        let server_challenge = env.random()?;
        let info = self.target_info(env.now)?;
        let message = Challenge {
            target_name: &TextEncoding::of(flags, config.code_page).encode(&config.netbios_domain)?,
            flags,
            server_challenge,
            target_info: Some(AvPairs::parse(&info)?),
            version: flags.contains(Flags::VERSION).then_some(config.version),
        }
        .encode()?;
        Ok(Challenged { negotiate: negotiate_message, message, issued: env.now })
    }

    fn target_info(&self, now: FileTime) -> Result<Vec<u8>, Error> {
        let config = &self.config;
        let mut info = AvPairWriter::default();
        // Clients that sign need the first two, even if empty; the order is that of Windows.
        let named = [
            (AvId::NB_DOMAIN_NAME, &config.netbios_domain),
            (AvId::NB_COMPUTER_NAME, &config.netbios_computer),
            (AvId::DNS_DOMAIN_NAME, &config.dns_domain),
            (AvId::DNS_COMPUTER_NAME, &config.dns_computer),
            (AvId::DNS_TREE_NAME, &config.dns_tree),
        ];
        for (i, (id, name)) in named.into_iter().enumerate() {
            if i < 2 || !name.is_empty() {
                info.push(id, name.as_utf16le());
            }
        }
        if config.timestamp {
            info.push(AvId::TIMESTAMP, &now.0.to_le_bytes());
        }
        info.finish()
    }
}

/// Returns the flags that the server agrees to. The stronger of two alternatives wins (2.2.2.5).
fn agree(asked: Flags) -> Flags {
    let flags = (asked & SUPPORTED) | Flags::NTLM | Flags::TARGET_INFO | Flags::TARGET_TYPE_DOMAIN;
    let flags = flags.with(Flags::OEM, !flags.contains(Flags::UNICODE));
    flags.with(Flags::LM_KEY, flags.contains(Flags::LM_KEY) && !flags.contains(Flags::ESS))
}

/// A handshake with its challenge. It accepts one response.
#[derive(Clone, Debug)]
pub struct Challenged {
    negotiate: Vec<u8>,
    message: Vec<u8>,
    issued: FileTime,
}

impl Challenged {
    /// Returns message 2.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Decodes message 3 as far as is needed to look up the account. Nothing is verified yet.
    pub fn receive(self, server: &Server, message: Vec<u8>) -> Result<Claim, Error> {
        let authenticate = Authenticate::decode(&message)?;
        let flags = authenticate.flags.unwrap_or(Challenge::decode(&self.message)?.flags);
        let encoding = TextEncoding::of(flags, server.config.code_page);
        let mut names = [const { Text::new() }; 3];
        for (name, bytes) in names.iter_mut().zip([authenticate.user, authenticate.domain, authenticate.workstation]) {
            *name = encoding.decode(bytes)?;
        }
        let [user, domain, workstation] = names;
        Ok(Claim {
            user,
            domain,
            workstation,
            anonymous: authenticate.user.is_empty() && authenticate.nt_response.is_empty(),
            challenged: self,
            message,
        })
    }
}

/// The identity that a client claims.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The user name.
    pub user: Text,
    /// The domain as the client sent it; may be empty.
    pub domain: Text,
    /// The client's computer name; not verified.
    pub workstation: Text,
    /// Whether the client is anonymous (null session).
    pub anonymous: bool,
    challenged: Challenged,
    message: Vec<u8>,
}

/// A client whose claim was verified.
pub struct Accepted {
    /// The kind of response; `None` for an anonymous client.
    pub version: Option<NtlmVersion>,
    /// The domain that the password proof covers; empty if the client's hash omits it.
    pub domain: Text,
    /// The session security for the messages that follow.
    pub session: SecuritySession,
    /// Whether a message integrity code protected the three messages.
    pub mic: bool,
    /// The service principal name that the client named, if any.
    pub target_name: Option<Text>,
}

impl Claim {
    /// Verifies the response against an account; `None` means that there is no such account, and is rejected.
    ///
    /// The checks run in this order: password proof, message integrity code, channel binding, echoed attributes, target name, age.
    /// The error identifies the check that failed. Log it, but do not send it to the peer.
    pub fn verify(self, server: &Server, hashes: Option<&Hashes>, now: FileTime) -> Result<Accepted, Error> {
        self.check(server, hashes, now)
    }

    fn check(&self, server: &Server, hashes: Option<&Hashes>, now: FileTime) -> Result<Accepted, Error> {
        let Challenged { negotiate, message, issued } = &self.challenged;
        let policy = &server.config.policy;
        let messages = [&negotiate[..], message, &self.message];
        let verification = Verification::new(policy, server.config.code_page, messages, now.seconds_between(*issued))?;
        let flags = verification.flags;
        if self.anonymous {
            return accept_anonymous(policy, flags, &verification.authenticate);
        }
        // An unknown account takes as long as a wrong password, so that the two cannot be distinguished by timing.
        let unknown = Hashes::of_nt_hash([0; 16]);
        let proven = verification.prove(hashes.unwrap_or(&unknown));
        if hashes.is_none() {
            return Err(ErrorKind::UnknownAccount.into());
        }
        let Proven { version, exported_session_key, domain_proven, response } = proven?;
        let mic = verification.check_mic(&exported_session_key, response)?;
        verification.check_channel_binding(response)?;
        verification.check_echo(response)?;
        let target_name = verification.check_target_name(response)?;
        verification.check_age()?;
        let session = SecuritySession::new(flags, exported_session_key, Role::Server);
        let domain = if domain_proven { self.domain.clone() } else { Text::new() };
        Ok(Accepted { version: Some(version), domain, session, mic, target_name })
    }
}

fn accept_anonymous(policy: &Policy, flags: Flags, authenticate: &Authenticate<'_>) -> Result<Accepted, Error> {
    if !policy.allow_anonymous {
        return Err(ErrorKind::AnonymousRefused.into());
    }
    let zero = Secret::new([0; 16]);
    let key = match authenticate.encrypted_session_key.try_into() {
        Ok(encrypted) if flags.contains(Flags::KEY_EXCH) => Secret::new(crypto::rc4(&zero, encrypted)),
        _ => zero,
    };
    let session = SecuritySession::new(flags, key, Role::Server);
    Ok(Accepted { version: None, domain: Text::new(), session, mic: false, target_name: None })
}
