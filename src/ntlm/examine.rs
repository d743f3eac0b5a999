//! Tests a password against a recorded handshake.
//!
//! Nothing is accepted here, so nothing is required: old responses, missing messages and late answers are all examined.

use crate::error::{Error, ErrorKind};
use crate::ntlm::credential::Hashes;
use crate::ntlm::policy::Policy;
use crate::ntlm::response::NtlmVersion;
use crate::ntlm::verify::Verification;
use crate::secret::Key;
use crate::wire::oem::CodePage;

/// The result of checking a message integrity code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mic {
    /// The message has none.
    Absent,
    /// It is correct for the three messages.
    Right,
    /// It is incorrect.
    Wrong,
    /// Message 1, which it covers, is missing.
    Unchecked,
}

/// The properties of a handshake whose password is known.
pub struct Examined {
    /// The kind of the response.
    pub version: NtlmVersion,
    /// The session key.
    pub exported_session_key: Key,
    /// The message integrity code.
    pub mic: Mic,
}

/// Checks a handshake against a password; returns [`ErrorKind::ProofMismatch`] if the password is different.
pub fn examine(
    negotiate: Option<&[u8]>,
    challenge_message: &[u8],
    message: &[u8],
    hashes: &Hashes,
) -> Result<Examined, Error> {
    let policy = Policy { minimum_version: NtlmVersion::V1, require_mic: true, ..Policy::default() };
    let messages = [negotiate.unwrap_or_default(), challenge_message, message];
    let verification = Verification::new(&policy, CodePage::DEFAULT, messages, 0)?;
    let proven = verification.prove(hashes)?;
    let mic = match verification.check_mic(&proven.exported_session_key, proven.response) {
        Ok(_) => Mic::Right,
        Err(error) if error.kind() == ErrorKind::MicMissing => Mic::Absent,
        Err(_) if negotiate.is_none() => Mic::Unchecked,
        Err(_) => Mic::Wrong,
    };
    Ok(Examined { version: proven.version, exported_session_key: proven.exported_session_key, mic })
}
