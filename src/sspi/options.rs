//! The options of single sign-on.

use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// The outer form of the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// SPNEGO: Kerberos if there is a ticket, otherwise NTLM.
    Negotiate,
    /// Plain NTLM.
    Ntlm,
}

/// A user name and password for the system's mechanism, instead of the signed-in user.
#[derive(Debug)]
pub struct Explicit {
    /// The user name, without a domain if `domain` is set.
    pub username: String,
    /// The password.
    pub password: Password,
    /// The domain or realm.
    pub domain: Option<String>,
}

/// A password: wiped when dropped, masked when printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Wraps a password.
    pub fn new(text: String) -> Self {
        Password(Zeroizing::new(text))
    }

    /// Returns the password.
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
    /// Returns user and domain, splitting `DOMAIN\user`. `user@realm` stays whole.
    pub fn parts(&self) -> (&str, Option<&str>) {
        let (prefix, user) = split(&self.username);
        (user, self.domain.as_deref().filter(|domain| !domain.is_empty()).or(prefix))
    }

    /// Returns whether Kerberos could know the user: by a realm, which has dots, or by the machine's realm.
    pub fn names_realm(&self) -> bool {
        self.parts().1.is_none_or(|domain| domain.contains('.'))
    }
}

/// Splits `DOMAIN\user` into the domain, if there is one, and the user.
pub fn split(name: &str) -> (Option<&str>, &str) {
    name.split_once('\\').map_or((None, name), |(domain, user)| (Some(domain), user))
}

/// The identity to use, and the server to authenticate to.
#[derive(Debug, Default)]
pub struct Options {
    /// The service principal name of the server, such as `HTTP/proxy.corp.example`.
    pub target: String,
    /// Binds the tokens to the TLS channel: `tls-server-end-point:` and the hash of the certificate (RFC 5929).
    pub channel_bindings: Option<Vec<u8>>,
    /// Explicit credentials. Without them, the user that the program runs as.
    pub explicit: Option<Explicit>,
    /// Which of the user's identities: `alice@CORP.EXAMPLE`, or `CORP\alice` for winbind. Windows has only one.
    pub principal: Option<String>,
    /// Where the tickets are, such as `FILE:/run/user/1000/krb5cc`, if not the default. Not on Windows.
    pub credential_cache: Option<String>,
    /// Whether messages will be signed.
    pub sign: bool,
    /// Whether messages will be sealed, which includes signing.
    pub seal: bool,
}

impl Options {
    /// Returns whether the options select tickets, by principal or by cache.
    pub fn names_tickets(&self) -> bool {
        self.credential_cache.is_some() || self.principal.as_deref().is_some_and(|name| split(name).0.is_none())
    }
}
