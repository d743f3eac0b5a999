//! What a program asks of the system.

use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// What the tokens look like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// SPNEGO: Kerberos where there is a ticket, else NTLM.
    Negotiate,
    /// Plain NTLM.
    Ntlm,
}

/// A name and a password for the system's mechanism, instead of what the user signed on with.
#[derive(Debug)]
pub struct Explicit {
    /// The user name, without a domain if one is given apart.
    pub username: String,
    /// The password.
    pub password: Password,
    /// The domain or realm.
    pub domain: Option<String>,
}

/// A password: wiped when dropped, masked when printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over a password.
    pub fn new(text: String) -> Self {
        Password(Zeroizing::new(text))
    }

    /// Lends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Password {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Password(***)")
    }
}

impl Explicit {
    /// User and domain, taken apart where they came as `DOMAIN\user`. `user@realm` stays whole, unless a domain is given apart.
    pub fn parts(&self) -> (&str, Option<&str>) {
        let (prefix, user) = split(&self.username);
        (user, self.domain.as_deref().filter(|domain| !domain.is_empty()).or(prefix))
    }

    /// Whether Kerberos could know them: by a realm, which has dots, or with the realm that the machine is in.
    pub fn names_realm(&self) -> bool {
        self.parts().1.is_none_or(|domain| domain.contains('.'))
    }
}

/// `DOMAIN\user` taken apart: the domain, if one is named, and the user.
pub fn split(name: &str) -> (Option<&str>, &str) {
    name.split_once('\\').map_or((None, name), |(domain, user)| (Some(domain), user))
}

/// Whom to sign on as, and to whom.
#[derive(Debug, Default)]
pub struct Options {
    /// The service principal name of the server, such as `HTTP/proxy.corp.example`.
    pub target: String,
    /// What ties the tokens to the TLS channel: `tls-server-end-point:` and the hash of the certificate (RFC 5929).
    pub channel_bindings: Option<Vec<u8>>,
    /// Explicit credentials. Without them it is the user that the program runs as.
    pub explicit: Option<Explicit>,
    /// Which of the user's own identities: `alice@CORP.EXAMPLE`, or `CORP\alice` for winbind. Windows has only one.
    pub principal: Option<String>,
    /// Where the tickets are, such as `FILE:/run/user/1000/krb5cc`, if not in the usual place. Not on Windows.
    pub credential_cache: Option<String>,
    /// Whether messages will be signed.
    pub sign: bool,
    /// Whether messages will be sealed, which includes signing.
    pub seal: bool,
}

impl Options {
    /// Whether tickets are named: by whose they are or by where they are.
    pub fn names_tickets(&self) -> bool {
        self.credential_cache.is_some() || self.principal.as_deref().is_some_and(|name| split(name).0.is_none())
    }
}
