//! One error type for the whole crate, classified by cause.
//!
//! Each kind has a stable code that programs can match on, a message that says what happened, and advice that says what to do.
//! Decoding errors contain the absolute byte position in the message.

use core::fmt;
use core::num::NonZeroU32;

/// The party that caused an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The peer, or another source of the input, sent malformed bytes.
    Peer,
    /// The peer's message is well-formed, but what it requires or omits makes a secure agreement impossible.
    Disagreement,
    /// A credential or signature check failed.
    Refused,
    /// The caller used this crate incorrectly; never caused by bytes from the network.
    Caller,
    /// The machine cannot provide something that is needed, such as randomness.
    System,
}

/// Declares [`ErrorKind`] and its texts in one table, so that every kind has all of them.
macro_rules! kinds {
    ($($fault:ident $kind:ident $code:literal $message:literal $advice:literal)*) => {
        /// The kind of error. New kinds may be added; codes never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $(#[doc = $message] $kind,)*
        }

        impl ErrorKind {
            /// All kinds, ordered by number.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$kind),*];

            /// Returns the stable code, such as `ERR_NTLM_TRUNCATED`.
            pub const fn code(self) -> &'static str {
                match self { $(ErrorKind::$kind => concat!("ERR_NTLM_", $code),)* }
            }

            /// Returns what happened, in one sentence.
            pub const fn message(self) -> &'static str {
                match self { $(ErrorKind::$kind => $message,)* }
            }

            /// Returns what to do about it, in one sentence.
            pub const fn advice(self) -> &'static str {
                match self { $(ErrorKind::$kind => $advice,)* }
            }

            /// Returns the party that caused it.
            pub const fn fault(self) -> Fault {
                match self { $(ErrorKind::$kind => Fault::$fault,)* }
            }
        }
    };
}

kinds! {
    Peer BadBase64 "BAD_BASE64"
        "the token is not valid base64"
        "pass the token as it is in the header, or its bytes"
    Peer NotNtlm "NOT_NTLM"
        "the token does not begin with the NTLMSSP signature"
        "check that the peer speaks NTLM and that the whole token was copied"
    Peer WrongMessageType "WRONG_MESSAGE_TYPE"
        "the token is an NTLM message of a type that is not expected here"
        "pass message 2 (CHALLENGE) to a client, messages 1 and 3 to a server"
    Peer Truncated "TRUNCATED"
        "the message ends before its last field"
        "check that the whole token was received; some servers cut long headers"
    Peer FieldOutOfBounds "FIELD_OUT_OF_BOUNDS"
        "a field of the message points outside the message"
        "the token was damaged in transit, or the peer is faulty"
    Peer BadAvPairs "BAD_AV_PAIRS"
        "the list of AV pairs is damaged"
        "the token was damaged in transit, or the peer is faulty"
    Peer BadText "BAD_TEXT"
        "a name in the message has an odd number of bytes although it is UTF-16"
        "the token was damaged in transit, or the peer is faulty"
    Peer BadSpnego "BAD_SPNEGO"
        "the SPNEGO token is damaged"
        "the token was damaged in transit, or the peer is faulty"
    Peer BadCertificate "BAD_CERTIFICATE"
        "no X.509 certificate could be read from the input"
        "pass a certificate as DER, PEM, base64 or PKCS#7"
    Disagreement Downgraded "DOWNGRADED"
        "the server's challenge drops protection that the client requires"
        "a device in between may have weakened the challenge; require less only if you accept that"
    Disagreement NamesMissing "NAMES_MISSING"
        "the server's challenge lacks the names that signing and sealing require"
        "the server must send its NetBIOS computer and domain name (MS-NLMP 3.1.5.1.2)"
    Disagreement TooLong "TOO_LONG"
        "a field would be longer than the 65,535 bytes that the format can express"
        "shorten the names; a hostile server may have filled its challenge"
    Disagreement MechanismRejected "MECHANISM_REJECTED"
        "the server rejected NTLM within Negotiate, or chose a mechanism that was not offered"
        "use the scheme NTLM, or single sign-on with Kerberos"
    Disagreement NotProtected "NOT_PROTECTED"
        "signing or sealing was not negotiated for this connection"
        "set the option sign or seal of the client"
    Refused ProofMismatch "PROOF_MISMATCH"
        "the response does not match the account's password"
        "check user name, domain and password"
    Refused UnknownAccount "UNKNOWN_ACCOUNT"
        "the account is not known"
        "check user name and domain"
    Refused AnonymousRefused "ANONYMOUS_REFUSED"
        "the client is anonymous, which this server does not allow"
        "configure credentials in the client"
    Refused WeakResponse "WEAK_RESPONSE"
        "the client sent an older response than this server accepts"
        "configure the client to use NTLMv2 (LmCompatibilityLevel 3 or more)"
    Refused MicMissing "MIC_MISSING"
        "the message integrity code that was announced or is required is missing"
        "it may have been removed in transit; otherwise use a client that sends one"
    Refused MicMismatch "MIC_MISMATCH"
        "the message integrity code does not match the three messages"
        "a message was changed in transit"
    Refused ChannelBindingMissing "CHANNEL_BINDING_MISSING"
        "the client sent no channel binding although one is required"
        "use a client that binds to the server's certificate (extended protection)"
    Refused ChannelBindingMismatch "CHANNEL_BINDING_MISMATCH"
        "the client is bound to another TLS channel than this one"
        "the connection may be relayed, or another machine terminates TLS"
    Refused TargetInfoAltered "TARGET_INFO_ALTERED"
        "the client did not return the server's names and timestamp unchanged"
        "the client is faulty or answers another challenge"
    Refused TargetNameMismatch "TARGET_NAME_MISMATCH"
        "the client requested another service than this one"
        "check the service principal name that the client uses"
    Refused ChallengeExpired "CHALLENGE_EXPIRED"
        "message 3 came too late"
        "begin again with message 1"
    Refused SignatureMismatch "SIGNATURE_MISMATCH"
        "the signature does not match the message or its place in the sequence"
        "the message was changed, repeated, lost or put out of order"
    Refused Rejected "REJECTED"
        "the credentials were rejected"
        "check user name, domain and password; they were sent once, so that the account is not locked"
    Refused NoChallenge "NO_CHALLENGE"
        "the peer requires authentication, but sent no challenge for message 1"
        "the peer, or a device in front of it, may not support NTLM on this connection"
    Refused SchemeNotOffered "SCHEME_NOT_OFFERED"
        "the peer requires authentication, but offers no usable scheme"
        "NTLM and Negotiate are used unless schemes excludes them; Basic never, because it reveals the password"
    Refused ConnectionNotKept "CONNECTION_NOT_KEPT"
        "the peer closed the connection in the middle of the handshake"
        "NTLM authenticates a connection: allow keep-alive on each device up to the peer"
    Caller InvalidHash "INVALID_HASH"
        "the NT hash must be 16 bytes or 32 hexadecimal digits, or LM:NT"
        "print a valid hash with: ntlm-wasm hash"
    Caller InvalidOption "INVALID_OPTION"
        "an option has an invalid value"
        "see the documentation of the options"
    Caller NotRepresentable "NOT_REPRESENTABLE"
        "a name has characters that the server's OEM code page lacks"
        "set oemEncoding, or use a server that accepts Unicode"
    Caller OutOfOrder "OUT_OF_ORDER"
        "the steps of the handshake were called out of order"
        "call negotiate, then authenticate; call reset to begin again"
    System NoRandomness "NO_RANDOMNESS"
        "the system provided no random bytes"
        "check that crypto.getRandomValues works here, or pass the option random"
    System SsoFailed "SSO_FAILED"
        "the operating system could not authenticate"
        "look up the status in this message, or pass a user name and a password"
}

/// An error of this crate.
///
/// `Result<T, Error>` is returned almost everywhere, so an error is a single non-zero integer and `Result<(), Error>` is no larger.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonZeroU32); // bits 0 to 7: the kind's number plus one; the other bits: the position plus one

impl Error {
    const MAX_POSITION: usize = (1 << 23) - 2;

    /// Creates an error at a byte position of the input. Positions larger than any valid message are omitted.
    pub(crate) fn at(kind: ErrorKind, position: usize) -> Self {
        let position = if position > Self::MAX_POSITION { 0 } else { position as u32 + 1 };
        Error(NonZeroU32::MIN.saturating_add(kind as u32).saturating_add(position << 8))
    }

    /// Returns the kind of error.
    pub fn kind(&self) -> ErrorKind {
        let index = (self.number() & 0xff) - 1;
        ErrorKind::ALL.get(index as usize).copied().unwrap_or(ErrorKind::InvalidOption)
    }

    /// Returns the byte offset in the message, if known.
    pub const fn position(&self) -> Option<u32> {
        (self.number() >> 8).checked_sub(1)
    }

    /// Returns kind and position as one number below 2^31, the form that the bindings pass on.
    pub const fn number(&self) -> u32 {
        self.0.get()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind()).field("position", &self.position()).finish()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(NonZeroU32::MIN.saturating_add(kind as u32))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().message())?;
        match self.position() {
            Some(position) => write!(f, " (at byte {position})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {}
