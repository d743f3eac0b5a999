//! Why the system did not sign on. Status numbers of SSPI, GSS-API and Kerberos all end in one of these reasons.

use crate::error::{Error, ErrorKind};
use alloc::format;
use alloc::string::{String, ToString};
#[cfg(unix)]
use alloc::vec::Vec;
use core::fmt;

/// Declares [`Reason`] and its texts in one table.
macro_rules! reasons {
    ($($reason:ident $code:literal $message:literal $advice:literal)*) => {
        /// What kept the system from it. Codes never change their meaning.
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

            /// What happened, in one sentence.
            pub const fn message(self) -> &'static str {
                match self { $(Reason::$reason => $message,)* }
            }

            /// What to do about it, in one sentence.
            pub const fn advice(self) -> &'static str {
                match self { $(Reason::$reason => $advice,)* }
            }
        }
    };
}

reasons! {
    Unavailable "UNAVAILABLE"
        "this system has nothing that could sign on"
        "install MIT Kerberos or Heimdal, or winbind for NTLM, or give explicit credentials"
    NoCredentials "NO_CREDENTIALS"
        "this user has nothing to sign on with"
        "run kinit or log on to the domain, or give explicit credentials"
    LogonDenied "LOGON_DENIED"
        "the credentials were refused"
        "check user name, domain and password; nothing was tried a second time, so that no account gets locked"
    AccountRestricted "ACCOUNT_RESTRICTED"
        "the account may not sign on here or now"
        "ask the administrator whether it is disabled, expired, locked or restricted to certain times and machines"
    NtlmBlocked "NTLM_BLOCKED"
        "this system's policy forbids NTLM to that server"
        "use a name of the server that Kerberos knows, or have it added to the policy's exceptions"
    ClockSkew "CLOCK_SKEW"
        "this machine's clock and the domain's are too far apart for Kerberos"
        "set the clock; five minutes are allowed"
    TargetUnknown "TARGET_UNKNOWN"
        "the domain knows no service of this name"
        "use the server's full name, or have its service principal name registered (setspn)"
    NoAuthority "NO_AUTHORITY"
        "no domain controller could be reached"
        "check the network, name resolution and the realm's settings"
    ChannelBinding "CHANNEL_BINDING"
        "the channel binding does not fit the server's channel"
        "someone may relay the connection, or TLS ends at another machine than this one"
    BadToken "BAD_TOKEN"
        "the system does not accept the server's token"
        "check that the peer speaks this scheme and that the whole token was received"
    ServerNotProven "SERVER_NOT_PROVEN"
        "the server did not prove that it is the one that was meant"
        "do not trust the answer: someone may stand in for the server"
    SignatureMismatch "SIGNATURE_MISMATCH"
        "the signature does not match the message or its place in the sequence"
        "the message was changed, repeated, lost or put out of order"
    NotSupported "NOT_SUPPORTED"
        "the system's mechanism cannot do what is asked for"
        "ask for less, or give explicit credentials"
    Failed "FAILED"
        "the operating system's own authentication failed"
        "give explicit credentials, which need nothing of the system"
}

/// A reason, with what the system itself had to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    reason: Reason,
    message: Option<String>,
    advice: Option<String>,
}

impl Failure {
    /// A failure in the system's own words, which stand in brackets behind ours.
    pub fn told(reason: Reason, words: impl fmt::Display) -> Self {
        let words = words.to_string();
        let message = (!words.is_empty()).then(|| format!("{} ({words})", reason.message()));
        Failure { message, ..Failure::from(reason) }
    }

    /// A failure that can be described better than by its reason.
    pub fn described(reason: Reason, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Failure { reason, message: Some(message.into()), advice: Some(advice.into()) }
    }

    /// What kept several ways from it, best way first: its reason counts, unless only that way is not there.
    #[cfg(unix)]
    pub(super) fn all(failures: Vec<Failure>) -> Self {
        let usable = failures.iter().map(Failure::reason).find(|reason| *reason != Reason::Unavailable);
        let Some(first) = failures.first() else { return Reason::Unavailable.into() };
        let messages: Vec<_> = failures.iter().map(Failure::message).collect();
        Failure::described(usable.unwrap_or(Reason::Unavailable), messages.join("; "), first.advice())
    }

    /// What kept the system from it.
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// What happened, in one sentence.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.reason.message())
    }

    /// What to do about it, in one sentence.
    pub fn advice(&self) -> &str {
        self.advice.as_deref().unwrap_or(self.reason.advice())
    }

    /// The same words for another reason.
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

/// The crate's error is one number. What it has no room for stays with the client that the mechanism was made from.
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
