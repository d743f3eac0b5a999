//! The common parts of the three messages: the signature, the type, and the text encoding (MS-NLMP 2.2.1).

use crate::error::{Error, ErrorKind};
use crate::ntlm::flags::Flags;
use crate::wire::oem::CodePage;
use crate::wire::reader::Reader;
use crate::wire::text::Text;
use alloc::borrow::Cow;

/// The first eight bytes of every message.
pub const SIGNATURE: [u8; 8] = *b"NTLMSSP\0";

/// The message type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// NEGOTIATE_MESSAGE, from the client.
    Negotiate = 1,
    /// CHALLENGE_MESSAGE, from the server.
    Challenge = 2,
    /// AUTHENTICATE_MESSAGE, from the client.
    Authenticate = 3,
}

impl MessageType {
    /// Returns the type of a message.
    pub fn of(message: &[u8]) -> Result<Self, Error> {
        let rest = message.strip_prefix(&SIGNATURE).ok_or(ErrorKind::NotNtlm)?;
        match rest.first_chunk().ok_or(Error::at(ErrorKind::Truncated, message.len()))? {
            [1, 0, 0, 0] => Ok(MessageType::Negotiate),
            [2, 0, 0, 0] => Ok(MessageType::Challenge),
            [3, 0, 0, 0] => Ok(MessageType::Authenticate),
            _ => Err(Error::at(ErrorKind::WrongMessageType, SIGNATURE.len())),
        }
    }

    /// Returns the signature and type that begin a message of this type.
    pub fn prefix(self) -> [u8; 12] {
        let [a, b, c, d, e, f, g, h] = SIGNATURE;
        [a, b, c, d, e, f, g, h, self as u8, 0, 0, 0]
    }

    /// Checks the signature and type and returns a reader positioned after them.
    pub fn open(self, message: &[u8]) -> Result<Reader<'_>, Error> {
        if Self::of(message)? != self {
            return Err(Error::at(ErrorKind::WrongMessageType, SIGNATURE.len()));
        }
        let mut reader = Reader::new(message);
        reader.take(SIGNATURE.len() + size_of::<u32>())?;
        Ok(reader)
    }
}

/// The text encoding of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-16LE.
    Unicode,
    /// An OEM code page, which is not part of the message.
    Oem(CodePage),
}

impl TextEncoding {
    /// Returns the encoding that the flags of a message select; Unicode takes precedence.
    pub const fn of(flags: Flags, code_page: CodePage) -> Self {
        if flags.contains(Flags::UNICODE) { TextEncoding::Unicode } else { TextEncoding::Oem(code_page) }
    }

    /// Encodes a name.
    pub fn encode(self, name: &Text) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            TextEncoding::Unicode => Ok(Cow::Borrowed(name.as_utf16le())),
            TextEncoding::Oem(page) => {
                page.encode(name.as_utf16le()).map(Cow::Owned).ok_or(ErrorKind::NotRepresentable.into())
            }
        }
    }

    /// Decodes a name.
    pub fn decode(self, bytes: &[u8]) -> Result<Text, Error> {
        match self {
            TextEncoding::Unicode => Text::of_utf16le(bytes),
            TextEncoding::Oem(page) => Ok(page.decode(bytes)),
        }
    }
}
