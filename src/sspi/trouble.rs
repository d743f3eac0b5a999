//! What the operating system refuses, and what to do about it.
//!
//! The crate's own [`Error`](crate::error::Error) has one kind for all of it, `SystemFailed`; which trouble it was lies beside it, so that
//! programs without the operating system's mechanisms carry none of these texts.

use core::cell::RefCell;
use core::fmt;
use std::rc::Rc;
use std::string::String;

use crate::error::{Error, ErrorKind};

/// Declares the kinds with their texts in one table, so that none can lack one of them.
macro_rules! troubles {
    ($($kind:ident $code:literal $message:literal $advice:literal)*) => {
        /// What went wrong. New kinds may be added; codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum TroubleKind {
            $(#[doc = $message] $kind,)*
        }

        impl TroubleKind {
            /// All kinds.
            pub const ALL: &'static [TroubleKind] = &[$(TroubleKind::$kind),*];

            /// The stable code, such as `ERR_NTLM_SSO_NO_TICKET`.
            pub const fn code(self) -> &'static str {
                match self { $(TroubleKind::$kind => concat!("ERR_NTLM_SSO_", $code),)* }
            }

            /// What happened, in one sentence.
            pub const fn message(self) -> &'static str {
                match self { $(TroubleKind::$kind => $message,)* }
            }

            /// What to do about it, in one sentence.
            pub const fn advice(self) -> &'static str {
                match self { $(TroubleKind::$kind => $advice,)* }
            }
        }
    };
}

troubles! {
    NoCredentials "NO_CREDENTIALS"
        "nobody is signed on here whom the operating system could speak for"
        "sign on to the domain, or give a user name and a password"
    NoTicket "NO_TICKET"
        "there is no Kerberos ticket"
        "get one with kinit, or give a user name and a password"
    TicketExpired "TICKET_EXPIRED"
        "the Kerberos ticket has expired"
        "get a new one with kinit"
    NoLibrary "NO_LIBRARY"
        "this system has no GSS-API library"
        "install Kerberos (Debian: libgssapi-krb5-2), or give a user name and a password"
    NtlmUnavailable "NTLM_UNAVAILABLE"
        "this system cannot sign on by NTLM: gss-ntlmssp is not installed, and winbind has no cached credentials"
        "install gss-ntlmssp or sign on through winbind, or give a user name and a password"
    NtlmBlocked "NTLM_BLOCKED"
        "this system does not speak NTLM here: a policy blocks it"
        "ask the administrators for an exception, or for Kerberos: a service principal name for the peer"
    PackageMissing "PACKAGE_MISSING"
        "this system lacks the mechanism"
        "check which security packages are installed"
    LogOnDenied "LOGON_DENIED"
        "the operating system refused the log-on"
        "check user name, domain and password"
    AccountRestricted "ACCOUNT_RESTRICTED"
        "the account may not be used like this: it is disabled, expired, locked, or restricted"
        "ask the administrators of the domain about the account"
    ClockSkew "CLOCK_SKEW"
        "this machine's clock and that of the domain differ too much for Kerberos"
        "set the clock, by NTP if possible"
    TargetUnknown "TARGET_UNKNOWN"
        "the domain knows no service of this name"
        "check the host name, or register the service principal name (setspn -S HTTP/host account), or give targetName"
    NoDomainController "NO_DOMAIN_CONTROLLER"
        "no domain controller can be reached"
        "connect to the corporate network, and check the resolution of names"
    PeerNotProven "PEER_NOT_PROVEN"
        "the peer could not prove that it is the service it claims to be"
        "something between may speak in its place; check the proxy's or server's name and keys"
    Downgraded "DOWNGRADED"
        "the operating system saw an attempt to weaken the handshake"
        "something between may have changed it; ask the administrators"
    BadToken "BAD_TOKEN"
        "the operating system cannot read the peer's token"
        "the token was damaged on its way or made by a faulty peer"
    NotProtected "NOT_PROTECTED"
        "signing or sealing was not agreed on for this connection"
        "ask for it with sign or seal"
    Tampered "TAMPERED"
        "the signature does not match the message or its place in the sequence"
        "the message was changed, repeated, lost or put out of order"
    Helper "HELPER"
        "winbind's helper did not answer as it should"
        "check that winbind runs: wbinfo --ping"
    ProxySettings "PROXY_SETTINGS"
        "the operating system could not tell which proxy to use"
        "check the system's proxy settings and its configuration script, or give the proxy yourself"
    Other "FAILED"
        "the operating system failed to sign on"
        "look the status up that is given here, or give a user name and a password"
}

/// One trouble, with what the system said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it was.
    pub kind: TroubleKind,
    /// In the system's own words or numbers: `SEC_E_NO_CREDENTIALS (0x8009030e)`.
    pub detail: Option<String>,
}

impl From<TroubleKind> for Trouble {
    fn from(kind: TroubleKind) -> Self {
        Trouble { kind, detail: None }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())?;
        match &self.detail {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Trouble {}

/// Where a mechanism leaves what the crate's own error cannot carry, for who made the mechanism.
#[derive(Clone, Debug, Default)]
pub struct Troubles(Rc<RefCell<Option<Trouble>>>);

impl Troubles {
    /// Keeps the trouble, and gives the error to hand up.
    pub fn keep(&self, trouble: impl Into<Trouble>) -> Error {
        self.0.replace(Some(trouble.into()));
        ErrorKind::SystemFailed.into()
    }

    /// The trouble behind the last `SystemFailed`.
    pub fn take(&self) -> Option<Trouble> {
        self.0.take()
    }
}
