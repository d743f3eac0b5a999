//! "Does this password match?": a handshake that others had, looked at afterwards.
//!
//! Nothing is accepted here, so nothing is required: old responses, lost messages and late answers are all looked at.

use crate::error::{Error, ErrorKind};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::challenge::Challenge;
use crate::ntlm::credential::Hashes;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::TextEncoding;
use crate::ntlm::policy::Policy;
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::verify::Verification;
use crate::secret::Key;
use crate::wire::oem::CodePage;

/// What can be said of a message integrity code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mic {
    /// There is none.
    Absent,
    /// It fits the three messages.
    Right,
    /// It does not.
    Wrong,
    /// Message 1, which it covers, is not known.
    Unchecked,
}

/// What a password that matches opens.
pub struct Examined {
    /// The kind of the response.
    pub version: NtlmVersion,
    /// The session key.
    pub exported_session_key: Key,
    /// The message integrity code.
    pub mic: Mic,
}

/// Checks messages against a password; [`ErrorKind::ProofMismatch`] if it is another one.
pub fn examine(
    negotiate: Option<&[u8]>,
    challenge_message: &[u8],
    message: &[u8],
    hashes: &Hashes,
) -> Result<Examined, Error> {
    let challenge = Challenge::decode(challenge_message)?;
    let authenticate = Authenticate::decode(message)?;
    let own_flags = authenticate.flags.unwrap_or(challenge.flags);
    let policy = Policy { minimum_version: NtlmVersion::V1, require_mic: true, ..Policy::default() };
    let verification = Verification {
        policy: &policy,
        flags: own_flags & (challenge.flags | Flags::REQUEST_TARGET),
        encoding: TextEncoding::of(own_flags, CodePage::DEFAULT),
        messages: [negotiate.unwrap_or_default(), challenge_message, message],
        challenge,
        authenticate,
        age_seconds: 0,
    };
    let proven = verification.prove(hashes)?;
    let mic = match verification.check_mic(&proven.exported_session_key, proven.response) {
        Ok(_) => Mic::Right,
        Err(error) if error.kind() == ErrorKind::MicMissing => Mic::Absent,
        Err(_) if negotiate.is_none() => Mic::Unchecked,
        Err(_) => Mic::Wrong,
    };
    Ok(Examined { version: proven.version, exported_session_key: proven.exported_session_key, mic })
}
