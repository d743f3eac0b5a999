//! The options of a dialogue as JavaScript writes them.

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

/// A name and a password for the system's own mechanism.
#[napi(object, object_to_js = false)]
pub struct Credentials {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The domain.
    pub domain: Option<String>,
}

/// Whom to sign on as, to whom and how.
#[napi(object, object_to_js = false)]
pub struct HttpAuthenticatorOptions {
    /// Whether it is a proxy that asks.
    pub is_proxy: bool,
    /// Which schemes may be used, best first; by default Negotiate, then NTLM.
    pub schemes: Option<Vec<String>>,
    /// The host that is signed on to.
    pub host: String,
    /// A service principal name instead of `HTTP/` and the host.
    pub target_name: Option<String>,
    /// What to bind to: `tls-server-end-point:` and the hash of the certificate.
    pub channel_bindings: Option<Uint8Array>,
    /// The server's certificate, from which to make that.
    pub certificate: Option<Uint8Array>,
    /// Explicit credentials.
    pub credentials: Option<Credentials>,
    /// Which of the user's own identities.
    pub principal: Option<String>,
    /// Another place of tickets than the usual one.
    pub credential_cache: Option<String>,
}

/// What a dialogue is made from.
pub struct Plan {
    /// Who asks.
    pub side: Side,
    /// Which schemes, best first.
    pub schemes: Vec<Scheme>,
    /// What the system is asked for.
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
        // A literal IPv6 address is in brackets in a URL only.
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
