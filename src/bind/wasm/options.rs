//! The options and the names that JavaScript uses.

use crate::error::{Error, ErrorKind};
use crate::http::authenticator::Scheme;
use crate::mechanism::{Mechanism, NtlmMechanism};
use crate::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use crate::ntlm::credential::{Credential, Hashes};
use crate::ntlm::examine::Mic;
use crate::ntlm::flags::Flags;
use crate::ntlm::policy::{ChannelBindingPolicy, Policy};
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::server::ServerConfig;
use crate::ntlm::version::Version;
use crate::spnego::client::SpnegoClient;
use crate::wire::oem::CodePage;
use crate::wire::text::{Text, encode_utf16le};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use js_sys::{Array, Function};
use wasm_bindgen::prelude::wasm_bindgen;

/// Declares the JavaScript strings of an enum and their conversions.
macro_rules! names {
    ($($(#[$doc:meta])* $js:ident = $rust:ident { $($variant:ident = $name:literal),* })*) => {$(
        $(#[$doc])*
        #[wasm_bindgen]
        #[derive(Clone, Copy)]
        pub enum $js {
            $(#[doc = $name] $variant = $name,)*
        }

        impl From<$rust> for $js {
            fn from(value: $rust) -> Self {
                match value { $($rust::$variant => $js::$variant,)* }
            }
        }

        impl TryFrom<$js> for $rust {
            type Error = Error;

            fn try_from(value: $js) -> Result<Self, Error> {
                match value {
                    $($js::$variant => Ok($rust::$variant),)*
                    _ => Err(ErrorKind::InvalidOption.into()),
                }
            }
        }
    )*};
}

names! {
    /// When to send a message integrity code.
    MicOption = MicPolicy { Auto = "auto", Always = "always", Never = "never" }
    /// The kind of a response.
    ResponseName = NtlmVersion { V1 = "NTLMv1", V2Session = "NTLM2 session", V2 = "NTLMv2" }
    /// An HTTP authentication scheme.
    SchemeName = Scheme { Ntlm = "NTLM", Negotiate = "Negotiate" }
    /// A server's handling of channel bindings.
    BindingPolicy = ChannelBindingPolicy { Off = "off", IfPresent = "if-present", Required = "required" }
    /// The result of checking a message integrity code.
    MicVerdict = Mic { Absent = "absent", Right = "right", Wrong = "wrong", Unchecked = "unchecked" }
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
export interface ClientOptions {
  targetName: string | undefined;
  channelBindings: Uint8Array | undefined;
  lmCompatibilityLevel: number | undefined;
  mic: 'auto' | 'always' | 'never' | undefined;
  sign: boolean | undefined;
  seal: boolean | undefined;
  version: string | undefined;
  oemEncoding: string | undefined;
  flags: number | undefined;
  random: ((length: number) => Uint8Array) | undefined;
}

export interface ServerOptions {
  netbiosDomain: string | undefined;
  netbiosComputer: string | undefined;
  dnsDomain: string | undefined;
  dnsComputer: string | undefined;
  dnsTree: string | undefined;
  channelBindings: Uint8Array | undefined;
  channelBindingPolicy: 'off' | 'if-present' | 'required' | undefined;
  requireMic: boolean | undefined;
  minimumNtlmVersion: ResponseName | undefined;
  challengeLifetimeSeconds: number | undefined;
  allowAnonymous: boolean | undefined;
  targetNames: readonly string[] | undefined;
  timestamp: boolean | undefined;
  version: string | undefined;
  oemEncoding: string | undefined;
  random: ((length: number) => Uint8Array) | undefined;
}
";

#[wasm_bindgen]
extern "C" {
    /// The options of a client besides its credentials.
    #[wasm_bindgen(typescript_type = "ClientOptions")]
    pub type ClientOptions;

    #[wasm_bindgen(method, getter, js_name = targetName)]
    fn target_name(this: &ClientOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = channelBindings)]
    fn channel_bindings(this: &ClientOptions) -> Option<Vec<u8>>;
    #[wasm_bindgen(method, getter, js_name = lmCompatibilityLevel)]
    fn lm_compatibility_level(this: &ClientOptions) -> Option<u8>;
    #[wasm_bindgen(method, getter)]
    fn mic(this: &ClientOptions) -> Option<MicOption>;
    #[wasm_bindgen(method, getter)]
    fn sign(this: &ClientOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn seal(this: &ClientOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn version(this: &ClientOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = oemEncoding)]
    fn oem_encoding(this: &ClientOptions) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn flags(this: &ClientOptions) -> Option<u32>;
    /// The source of randomness, for reproducible tests.
    #[wasm_bindgen(method, getter)]
    pub fn random(this: &ClientOptions) -> Option<Function>;

    /// The options of a server.
    #[wasm_bindgen(typescript_type = "ServerOptions")]
    pub type ServerOptions;

    #[wasm_bindgen(method, getter, js_name = netbiosDomain)]
    fn netbios_domain(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = netbiosComputer)]
    fn netbios_computer(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = dnsDomain)]
    fn dns_domain(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = dnsComputer)]
    fn dns_computer(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = dnsTree)]
    fn dns_tree(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = channelBindings)]
    fn channel_bindings(this: &ServerOptions) -> Option<Vec<u8>>;
    #[wasm_bindgen(method, getter, js_name = channelBindingPolicy)]
    fn channel_binding_policy(this: &ServerOptions) -> Option<BindingPolicy>;
    #[wasm_bindgen(method, getter, js_name = requireMic)]
    fn require_mic(this: &ServerOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter, js_name = minimumNtlmVersion)]
    fn minimum_ntlm_version(this: &ServerOptions) -> Option<ResponseName>;
    #[wasm_bindgen(method, getter, js_name = challengeLifetimeSeconds)]
    fn challenge_lifetime_seconds(this: &ServerOptions) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = allowAnonymous)]
    fn allow_anonymous(this: &ServerOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter, js_name = targetNames)]
    fn target_names(this: &ServerOptions) -> Option<Array>;
    #[wasm_bindgen(method, getter)]
    fn timestamp(this: &ServerOptions) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn version(this: &ServerOptions) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = oemEncoding)]
    fn oem_encoding(this: &ServerOptions) -> Option<String>;
    /// The source of randomness, for reproducible tests.
    #[wasm_bindgen(method, getter)]
    pub fn random(this: &ServerOptions) -> Option<Function>;
}

/// A user's name and secret as JavaScript passes them.
pub struct Credentials<'a> {
    pub username: &'a str,
    pub domain: Option<String>,
    pub password: Option<String>,
    pub nt_hash: Option<Vec<u8>>,
}

/// Creates a client with these credentials and options.
pub fn client(
    credentials: Credentials<'_>,
    workstation: &str,
    options: Option<&ClientOptions>,
) -> Result<Client, Error> {
    let Credentials { username, domain, password, nt_hash } = credentials;
    let Some(options) = options else {
        let hashes = hashes(password, nt_hash, None)?;
        return Ok(Client::new(ClientConfig {
            credential: Credential::new(username, domain.as_deref(), hashes),
            workstation: workstation.into(),
            ..ClientConfig::default()
        }));
    };
    let level = options.lm_compatibility_level().unwrap_or(ClientConfig::LM_COMPATIBILITY_LEVEL);
    let code_page = code_page(options.oem_encoding())?;
    // Computing the LM hash takes longer than creating the rest of a client; only old responses use it.
    let hashes = hashes(password, nt_hash, (level < 3).then_some(code_page))?;
    let (sign, seal) = (options.sign().unwrap_or_default(), options.seal().unwrap_or_default());
    Ok(Client::new(ClientConfig {
        credential: Credential::new(username, domain.as_deref(), hashes),
        workstation: workstation.into(),
        target_name: options.target_name().map(|name| (&name).into()),
        channel_bindings: binding(options.channel_bindings())?,
        lm_compatibility_level: level,
        mic: options.mic().map_or(Ok(MicPolicy::Auto), TryInto::try_into)?,
        flags: requested_flags(options.flags().map(Flags), sign, seal, level),
        version: version(options.version())?,
        code_page,
    }))
}

/// Creates the mechanism that wraps tokens in the form of a scheme.
pub fn mechanism(scheme: Scheme, client: &Arc<Client>) -> Box<dyn Mechanism> {
    let client = Arc::clone(client);
    match scheme {
        Scheme::Ntlm => Box::new(NtlmMechanism::new(client)),
        Scheme::Negotiate => Box::new(SpnegoClient::new(client)),
    }
}

/// Creates the configuration of a server.
pub fn server(options: &ServerOptions) -> Result<ServerConfig, Error> {
    let ServerConfig { netbios_domain, netbios_computer, timestamp, policy, .. } = ServerConfig::default();
    Ok(ServerConfig {
        netbios_domain: name(options.netbios_domain(), netbios_domain),
        netbios_computer: name(options.netbios_computer(), netbios_computer),
        dns_domain: name(options.dns_domain(), Text::new()),
        dns_computer: name(options.dns_computer(), Text::new()),
        dns_tree: name(options.dns_tree(), Text::new()),
        timestamp: options.timestamp().unwrap_or(timestamp),
        version: version(options.version())?,
        code_page: code_page(options.oem_encoding())?,
        policy: Policy {
            channel_bindings: binding(options.channel_bindings())?,
            channel_binding_policy: options
                .channel_binding_policy()
                .map_or(Ok(policy.channel_binding_policy), TryInto::try_into)?,
            require_mic: options.require_mic().unwrap_or(policy.require_mic),
            minimum_version: options.minimum_ntlm_version().map_or(Ok(policy.minimum_version), TryInto::try_into)?,
            allow_anonymous: options.allow_anonymous().unwrap_or(policy.allow_anonymous),
            target_names: target_names(options.target_names()),
            challenge_lifetime_seconds: options
                .challenge_lifetime_seconds()
                .map_or(policy.challenge_lifetime_seconds, |seconds| seconds as u64),
        },
    })
}

fn target_names(names: Option<Array>) -> Vec<Text> {
    let Some(names) = names else { return Vec::new() };
    names.iter().filter_map(|name| name.as_string()).map(|name| (&name).into()).collect()
}

/// Returns the hashes of a password, or the given ones. The LM hash is computed only with a code page.
pub fn hashes(
    password: Option<String>,
    nt_hash: Option<Vec<u8>>,
    lm_code_page: Option<CodePage>,
) -> Result<Option<Hashes>, Error> {
    if let Some(bytes) = nt_hash {
        return Hashes::of_bytes(&bytes).map(Some);
    }
    let Some(password) = password else { return Ok(None) };
    let password = encode_utf16le(&password);
    Ok(Some(match lm_code_page {
        Some(code_page) => Hashes::of_password_with_lm(&password, code_page),
        None => Hashes::of_password(&password),
    }))
}

#[inline(never)]
fn name(name: Option<String>, default: Text) -> Text {
    name.map_or(default, |name| (&name).into())
}

fn binding(bytes: Option<Vec<u8>>) -> Result<Option<[u8; 16]>, Error> {
    bytes.map(|bytes| bytes.try_into().map_err(|_| ErrorKind::InvalidOption.into())).transpose()
}

fn version(text: Option<String>) -> Result<Version, Error> {
    text.map_or(Ok(Version::DEFAULT), |text| text.parse())
}

fn code_page(name: Option<String>) -> Result<CodePage, Error> {
    name.map_or(Ok(CodePage::DEFAULT), |name| name.parse())
}
