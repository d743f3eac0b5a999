//! CHALLENGE_MESSAGE, message 2 (MS-NLMP 2.2.1.2).

use crate::error::Error;
use crate::ntlm::av_pair::AvPairs;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::MessageType;
use crate::ntlm::version::Version;
use crate::wire::field::{Field, MessageWriter};
use alloc::vec::Vec;

/// A decoded message with its payload fields.
///
/// Real headers have 32 bytes (Windows 9x), 40 (with a context), 48 (with target information) or 56 (with a version).
/// The start of the payload determines the size; the flags do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The name of the server or of its domain, undecoded.
    pub target_name: &'a [u8],
    /// The negotiated flags.
    pub flags: Flags,
    /// The server's nonce.
    pub server_challenge: [u8; 8],
    /// The server's attributes; `None` if the message has none.
    pub target_info: Option<AvPairs<'a>>,
    /// The server's version.
    pub version: Option<Version>,
}

const TARGET_INFO_END: usize = 48; // signature (8) + type (4) + name (8) + flags (4) + challenge (8) + context (8) + info (8)
const HEADER_SIZE: usize = TARGET_INFO_END + Version::SIZE;

impl<'a> Challenge<'a> {
    /// Decodes a message.
    pub fn decode(message: &'a [u8]) -> Result<Self, Error> {
        let mut reader = MessageType::Challenge.open(message)?;
        let name = Field::read(&mut reader)?;
        let flags = Flags(reader.u32()?);
        let server_challenge = reader.array()?;
        let mut payload_start = message.len().min(name.payload_start());
        let mut target_info = None;
        if payload_start >= TARGET_INFO_END {
            let _context: [u8; 8] = reader.array()?;
            let info = Field::read(&mut reader)?;
            target_info = match info.of(message) {
                // The flag may be missing although the field is present. Without the flag, a field that points outside the message is ignored.
                Err(error) if flags.contains(Flags::TARGET_INFO) => return Err(error),
                Ok(bytes) if !bytes.is_empty() => {
                    payload_start = payload_start.min(info.payload_start());
                    Some(AvPairs::parse(bytes)?)
                }
                _ => None,
            };
        }
        let has_version = flags.contains(Flags::VERSION) && payload_start >= HEADER_SIZE;
        let version = if has_version { Some(Version::read(&mut reader)?) } else { None };
        Ok(Challenge { target_name: name.of(message)?, flags, server_challenge, target_info, version })
    }

    /// Encodes a message with the full header. The attribute list is copied unchanged.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let info = self.target_info.map(AvPairs::as_bytes);
        let mut writer = MessageWriter::new(HEADER_SIZE, self.target_name.len() + info.map_or(0, <[u8]>::len));
        let name_field = writer.payload(self.target_name);
        let info_field = info.map_or(Field::default(), |bytes| writer.payload(bytes));
        writer.put(&MessageType::Challenge.prefix());
        writer.put_field(name_field);
        writer.put(&self.flags.0.to_le_bytes());
        writer.put(&self.server_challenge);
        writer.put(&[0; 8]); // the context, used only for local authentication
        writer.put_field(info_field);
        writer.put(&self.version.map_or([0; Version::SIZE], Version::to_bytes));
        writer.finish()
    }
}
