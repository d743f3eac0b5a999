//! Why single sign-on failed. Status codes of SSPI, GSS-API and Kerberos map to these reasons.

use crate::error::{Error, ErrorKind};
use alloc::format;
use alloc::string::{String, ToString};
#[cfg(unix)]
use alloc::vec::Vec;
use core::fmt;

/// Declares [`Reason`] and its texts in one table.
macro_rules! reasons {
    ($($reason:ident $code:literal $message:literal $advice:literal)*) => {
        /// The reason of a failure. Codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $message] $reason,)*
        }

        impl Reason {
            /// All reasons.
            pub const ALL: &'static [Reason] = &[$(Reason::$reason),*];

            /// The stable code, such as `ERR_NTLM_SSO_NO_CREDENTIALS`.
            pub const fn code(self) -> &'static str {
                match self { $(Reason::$reason => concat!("ERR_NTLM_SSO_", $code),)* }
            }

            /// Returns what happened, in one sentence.
            pub const fn message(self) -> &'static str {
                match self { $(Reason::$reason => $message,)* }
            }

            /// Returns what to do, in one sentence.
            pub const fn advice(self) -> &'static str {
                match self { $(Reason::$reason => $advice,)* }
            }
        }
    };
}

reasons! {
    Unavailable "UNAVAILABLE"
        "single sign-on is not available on this system"
        "install MIT Kerberos or Heimdal, or winbind for NTLM, or give explicit credentials"
    NoCredentials "NO_CREDENTIALS"
        "this user has no credentials for single sign-on"
        "run kinit or log on to the domain, or give explicit credentials"
    LogonDenied "LOGON_DENIED"
        "the credentials were rejected"
        "check user name, domain and password; they were tried once, so that the account is not locked"
    AccountRestricted "ACCOUNT_RESTRICTED"
        "the account is not allowed to log on here or at this time"
        "ask the administrator whether it is disabled, expired, locked or restricted to certain times and machines"
    NtlmBlocked "NTLM_BLOCKED"
        "this system's policy forbids NTLM to that server"
        "use a server name that Kerberos knows, or have it added to the policy's exceptions"
    ClockSkew "CLOCK_SKEW"
        "this machine's clock and the domain's are too far apart for Kerberos"
        "set the clock; five minutes are allowed"
    TargetUnknown "TARGET_UNKNOWN"
        "the domain knows no service of this name"
        "use the server's full name, or have its service principal name registered (setspn)"
    NoAuthority "NO_AUTHORITY"
        "no domain controller could be reached"
        "check the network, name resolution and the realm settings"
    ChannelBinding "CHANNEL_BINDING"
        "the channel binding does not match the server's TLS channel"
        "the connection may be relayed, or a device in the network terminates TLS"
    BadToken "BAD_TOKEN"
        "the system does not accept the server's token"
        "check that the peer speaks this scheme and that the whole token was received"
    ServerNotProven "SERVER_NOT_PROVEN"
        "the server did not prove its identity"
        "do not trust the response: another machine may have answered"
    SignatureMismatch "SIGNATURE_MISMATCH"
        "the signature does not match the message or its place in the sequence"
        "the message was changed, repeated, lost or put out of order"
    NotSupported "NOT_SUPPORTED"
        "the system's mechanism does not support the requested options"
        "change the options, or give explicit credentials"
    Failed "FAILED"
        "the operating system's authentication failed"
        "give explicit credentials, which do not depend on the system"
}

/// A reason, with the system's own message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    reason: Reason,
    message: Option<String>,
    advice: Option<String>,
}

impl Failure {
    /// Creates a failure with the system's message in parentheses.
    pub fn told(reason: Reason, words: impl fmt::Display) -> Self {
        let words = words.to_string();
        let message = (!words.is_empty()).then(|| format!("{} ({words})", reason.message()));
        Failure { message, ..Failure::from(reason) }
    }

    /// Creates a failure with a more specific message and advice.
    pub fn described(reason: Reason, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Failure { reason, message: Some(message.into()), advice: Some(advice.into()) }
    }

    /// Combines the failures of several attempts, best first. The first available one determines the reason.
    #[cfg(unix)]
    pub(super) fn all(failures: Vec<Failure>) -> Self {
        let usable = failures.iter().map(Failure::reason).find(|reason| *reason != Reason::Unavailable);
        let Some(first) = failures.first() else { return Reason::Unavailable.into() };
        let messages: Vec<_> = failures.iter().map(Failure::message).collect();
        Failure::described(usable.unwrap_or(Reason::Unavailable), messages.join("; "), first.advice())
    }

    /// Returns the reason.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns what happened, in one sentence.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.reason.message())
    }

    /// Returns what to do, in one sentence.
    pub fn advice(&self) -> &str {
        self.advice.as_deref().unwrap_or(self.reason.advice())
    }

    /// Returns the same message with another reason.
    pub(super) fn because(self, reason: Reason) -> Self {
        let words = self.message.as_deref().and_then(|text| text.split_once(" (")).map(|(_, words)| words);
        Failure::told(reason, words.and_then(|words| words.strip_suffix(')')).unwrap_or_default())
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Failure { reason, message: None, advice: None }
    }
}

/// The crate's error has no room for texts. They stay in the client that created the mechanism.
impl From<&Failure> for Error {
    fn from(_: &Failure) -> Self {
        ErrorKind::SsoFailed.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message(), self.advice())
    }
}

impl core::error::Error for Failure {}
