//! AUTHENTICATE_MESSAGE, message 3 (MS-NLMP 2.2.1.3).

use crate::error::Error;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::MessageType;
use crate::ntlm::version::Version;
use crate::wire::field::{Field, MessageWriter};
use alloc::vec::Vec;

/// A decoded message with its payload fields.
///
/// Real headers have 52 bytes (Windows 9x), 64 (without a version), 72 (with one) or 88 (with a message integrity code,
/// which always follows the version field, even if that is empty). The start of the payload determines the size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authenticate<'a> {
    /// The LM response, or the value that replaces it.
    pub lm_response: &'a [u8],
    /// The NT response.
    pub nt_response: &'a [u8],
    /// The user's domain, undecoded.
    pub domain: &'a [u8],
    /// The user name, undecoded.
    pub user: &'a [u8],
    /// The client's computer name, undecoded.
    pub workstation: &'a [u8],
    /// The session key that the client chose, encrypted.
    pub encrypted_session_key: &'a [u8],
    /// The negotiated flags; `None` in the header of 52 bytes.
    pub flags: Option<Flags>,
    /// The client's version.
    pub version: Option<Version>,
    /// The message integrity code, if the header has the field.
    pub mic: Option<[u8; 16]>,
}

/// The offset of the message integrity code.
pub const MIC_AT: usize = VERSION_AT + Version::SIZE;
/// The end of a header with a message integrity code.
pub const MIC_END: usize = MIC_AT + 16;

const FIELDS_END: usize = 52; // signature (8) + type (4) + LM, NT, domain, user, workstation (5 * 8)
const VERSION_AT: usize = FIELDS_END + Field::SIZE + 4; // session key (8) + flags (4)

impl<'a> Authenticate<'a> {
    /// Decodes a message.
    pub fn decode(message: &'a [u8]) -> Result<Self, Error> {
        let mut reader = MessageType::Authenticate.open(message)?;
        let mut payload_start = message.len();
        let mut parts: [&[u8]; 5] = [&[]; 5];
        for part in &mut parts {
            let field = Field::read(&mut reader)?;
            payload_start = payload_start.min(field.payload_start());
            *part = field.of(message)?;
        }
        let [lm_response, nt_response, domain, user, workstation] = parts;
        let mut decoded =
            Authenticate { lm_response, nt_response, domain, user, workstation, ..Authenticate::default() };
        if payload_start >= VERSION_AT {
            let key = Field::read(&mut reader)?;
            payload_start = payload_start.min(key.payload_start());
            decoded.encrypted_session_key = key.of(message)?;
            let flags = Flags(reader.u32()?);
            decoded.flags = Some(flags);
            if payload_start >= MIC_AT {
                let version = Version::read(&mut reader)?;
                decoded.version = flags.contains(Flags::VERSION).then_some(version);
            }
            if payload_start >= MIC_END {
                decoded.mic = Some(reader.array()?);
            }
        }
        Ok(decoded)
    }

    /// Encodes the message, with the payload in the order that Windows uses.
    ///
    /// The header is as short as possible: it includes the code if there is one, and the version if the flags say so.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let flags = self.flags.unwrap_or_default();
        let header_size = match (self.mic, flags.contains(Flags::VERSION)) {
            (Some(_), _) => MIC_END,
            (None, true) => MIC_AT,
            (None, false) => VERSION_AT,
        };
        let payload =
            [self.domain, self.user, self.workstation, self.lm_response, self.nt_response, self.encrypted_session_key];
        let mut writer = MessageWriter::new(header_size, payload.iter().map(|part| part.len()).sum());
        let [domain, user, workstation, lm, nt, key] = payload.map(|part| writer.payload(part));
        writer.put(&MessageType::Authenticate.prefix());
        [lm, nt, domain, user, workstation, key].into_iter().for_each(|field| writer.put_field(field));
        writer.put(&flags.0.to_le_bytes());
        if header_size >= MIC_AT {
            writer.put(&self.version.map_or([0; Version::SIZE], Version::to_bytes));
        }
        if let Some(mic) = self.mic {
            writer.put(&mic);
        }
        writer.finish()
    }
}
