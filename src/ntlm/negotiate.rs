//! NEGOTIATE_MESSAGE, message 1 (MS-NLMP 2.2.1.1).

use crate::error::Error;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::MessageType;
use crate::ntlm::version::Version;
use crate::wire::field::{Field, MessageWriter};
use alloc::vec::Vec;

/// A decoded message with its payload fields.
///
/// Real clients send messages of 16 bytes (Windows 9x), 32 bytes (without a version) and 40 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiate<'a> {
    /// The capabilities of the client.
    pub flags: Flags,
    /// The client's domain, in its OEM code page.
    pub domain: &'a [u8],
    /// The client's computer name, in its OEM code page.
    pub workstation: &'a [u8],
    /// The client's version.
    pub version: Option<Version>,
}

const HEADER_SIZE: usize = 40; // signature (8) + type (4) + flags (4) + domain (8) + workstation (8) + version (8)
const VERSION_AT: usize = HEADER_SIZE - Version::SIZE;

impl<'a> Negotiate<'a> {
    /// Decodes a message. Fields whose flags are not set are ignored, because old clients leave uninitialized bytes there.
    pub fn decode(message: &'a [u8]) -> Result<Self, Error> {
        let mut reader = MessageType::Negotiate.open(message)?;
        let flags = Flags(reader.u32()?);
        let mut payload_start = message.len();
        let mut supplied = |flag| -> Result<&'a [u8], Error> {
            if reader.remaining() < Field::SIZE {
                return Ok(&[]);
            }
            let field = Field::read(&mut reader)?;
            if !flags.contains(flag) {
                return Ok(&[]);
            }
            payload_start = payload_start.min(field.payload_start());
            field.of(message)
        };
        let domain = supplied(Flags::OEM_DOMAIN_SUPPLIED)?;
        let workstation = supplied(Flags::OEM_WORKSTATION_SUPPLIED)?;
        let has_version = flags.contains(Flags::VERSION) && payload_start >= HEADER_SIZE;
        debug_assert!(!has_version || reader.position() == VERSION_AT);
        let version = if has_version { Some(Version::read(&mut reader)?) } else { None };
        Ok(Negotiate { flags, domain, workstation, version })
    }

    /// Encodes the message. The version field is always present, because some servers reject shorter messages; without its flag it is zero.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut writer = MessageWriter::new(HEADER_SIZE, self.domain.len() + self.workstation.len());
        let workstation = writer.payload(self.workstation);
        let domain = writer.payload(self.domain);
        writer.put(&MessageType::Negotiate.prefix());
        writer.put(&self.flags.0.to_le_bytes());
        writer.put_field(domain);
        writer.put_field(workstation);
        writer.put(&self.version.map_or([0; Version::SIZE], Version::to_bytes));
        writer.finish()
    }
}
