//! What the operating system is asked for.

use std::string::String;
use std::vec::Vec;
use zeroize::Zeroizing;

/// The scheme whose tokens are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// SPNEGO: Kerberos where there is a ticket, NTLM otherwise.
    Negotiate,
    /// NTLM and nothing around it.
    Ntlm,
}

/// What authentication came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Kerberos 5 (RFC 4121).
    Kerberos,
    /// NTLM (MS-NLMP).
    Ntlm,
}

/// Whom to sign on with, and towards whom.
#[derive(Default)]
pub struct Options {
    /// The host of the peer. The service is HTTP there, unless a target name says something else.
    pub host: String,
    /// A service principal name, such as `HTTP/proxy.corp.example`.
    pub target_name: Option<String>,
    /// The application data of the channel bindings: `tls-server-end-point:` and the certificate's hash (RFC 5929).
    pub channel_bindings: Option<Vec<u8>>,
    /// A name and a password for the system's mechanism, instead of who is signed on.
    pub credentials: Option<Explicit>,
    /// Which of the user's own identities, where the system keeps several (GSS-API).
    pub principal: Option<String>,
    /// Another cache of tickets than the user's own (GSS-API), such as `FILE:/tmp/krb5cc_1000`.
    pub credential_cache: Option<String>,
    /// Ask for signed messages behind the handshake.
    pub sign: bool,
    /// Ask for sealed messages behind the handshake.
    pub seal: bool,
}

/// A name and a password that are handed to the system.
pub struct Explicit {
    /// The user name, perhaps with the domain: `CORP\alice`, `alice@corp.example`.
    pub username: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The domain, given apart; it wins over one in the name.
    pub domain: Option<String>,
}

impl Explicit {
    /// Domain and user name as the system wants them: `alice@corp.example` stays whole, with an empty domain.
    pub fn names(&self) -> (&str, &str) {
        let (prefix, user) = self.username.split_once('\\').unwrap_or(("", &self.username));
        (self.domain.as_deref().unwrap_or(prefix), user)
    }
}

impl Options {
    /// The service principal name in the form of SSPI: `HTTP/proxy.corp.example`.
    pub fn service_principal_name(&self) -> String {
        self.target_name.clone().unwrap_or_else(|| ["HTTP/", &self.host].concat())
    }
}
