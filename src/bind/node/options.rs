//! The options of a handshake as JavaScript passes them.

use crate::bind::node::trouble::Trouble;
use crate::channel_binding;
use crate::error::ErrorKind;
use crate::http::authenticator::{Scheme, Side};
use crate::sspi::options::{Explicit, Options, Password};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

/// A user name and a password for the system's mechanism.
#[napi(object, object_to_js = false)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The domain.
    pub domain: Option<String>,
}

/// The credentials, the target, and the mechanisms of a handshake.
#[napi(object, object_to_js = false)]
pub struct HttpAuthenticatorOptions {
    /// Whether the peer is a proxy.
    pub is_proxy: bool,
    /// Which schemes may be used, best first; by default Negotiate, then NTLM.
    pub schemes: Option<Vec<String>>,
    /// The host to authenticate to.
    pub host: String,
    /// A service principal name instead of `HTTP/` and the host.
    pub target_name: Option<String>,
    /// The channel binding: `tls-server-end-point:` and the hash of the certificate.
    pub channel_bindings: Option<Uint8Array>,
    /// The server's certificate, from which the channel binding is computed.
    pub certificate: Option<Uint8Array>,
    /// Explicit credentials.
    pub credentials: Option<Credentials>,
    /// One of the user's identities.
    pub principal: Option<String>,
    /// A ticket cache other than the default one.
    pub credential_cache: Option<String>,
}

/// The arguments of a handshake.
pub struct Plan {
    /// The peer that requires authentication.
    pub side: Side,
    /// The schemes, preferred first.
    pub schemes: Vec<Scheme>,
    /// The options for the system.
    pub options: Options,
}

impl TryFrom<HttpAuthenticatorOptions> for Plan {
    type Error = Trouble;

    fn try_from(given: HttpAuthenticatorOptions) -> Result<Self, Trouble> {
        let channel_bindings = match (given.channel_bindings, given.certificate) {
            (Some(bytes), _) => Some(bytes.to_vec()),
            (None, Some(certificate)) => Some(channel_binding::application_data(&certificate)?),
            (None, None) => None,
        };
        // A literal IPv6 address has brackets only in a URL.
        let host = given.host.trim_start_matches('[').trim_end_matches(']');
        Ok(Plan {
            side: if given.is_proxy { Side::Proxy } else { Side::Origin },
            schemes: match given.schemes {
                None => [Scheme::Negotiate, Scheme::Ntlm].into(),
                Some(names) => names.iter().map(|name| scheme(name)).collect::<Result<_, _>>()?,
            },
            options: Options {
                target: given.target_name.unwrap_or_else(|| format!("HTTP/{host}")),
                channel_bindings,
                explicit: given.credentials.map(|Credentials { username, password, domain }| Explicit {
                    username,
                    password: Password::new(password),
                    domain,
                }),
                principal: given.principal,
                credential_cache: given.credential_cache,
                sign: false,
                seal: false,
            },
        })
    }
}

fn scheme(name: &str) -> Result<Scheme, ErrorKind> {
    let known = [Scheme::Negotiate, Scheme::Ntlm].into_iter();
    known.into_iter().find(|scheme| scheme.name().eq_ignore_ascii_case(name)).ok_or(ErrorKind::InvalidOption)
}
