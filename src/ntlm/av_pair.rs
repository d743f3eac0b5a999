//! AV pairs: the list of attributes that a server sends and a client returns (MS-NLMP 2.2.2.1).

use crate::error::{Error, ErrorKind};
use crate::wire::filetime::FileTime;
use alloc::vec::Vec;

/// The identifier of an attribute. Unknown ones are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvId(pub u16);

#[expect(missing_docs, reason = "the names are those of MS-NLMP 2.2.2.1")]
impl AvId {
    pub const EOL: AvId = AvId(0);
    pub const NB_COMPUTER_NAME: AvId = AvId(1);
    pub const NB_DOMAIN_NAME: AvId = AvId(2);
    pub const DNS_COMPUTER_NAME: AvId = AvId(3);
    pub const DNS_DOMAIN_NAME: AvId = AvId(4);
    pub const DNS_TREE_NAME: AvId = AvId(5);
    pub const FLAGS: AvId = AvId(6);
    pub const TIMESTAMP: AvId = AvId(7);
    pub const SINGLE_HOST: AvId = AvId(8);
    pub const TARGET_NAME: AvId = AvId(9);
    pub const CHANNEL_BINDINGS: AvId = AvId(10);
}

/// The value of `MsvAvFlags`: the account's authentication is constrained.
pub const AV_FLAG_CONSTRAINED: u32 = 1;
/// The value of `MsvAvFlags`: the AUTHENTICATE_MESSAGE has a message integrity code.
pub const AV_FLAG_MIC: u32 = 2;
/// The value of `MsvAvFlags`: the target name comes from an untrusted source.
pub const AV_FLAG_UNTRUSTED_SPN: u32 = 4;

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvPair<'a> {
    /// The identifier.
    pub id: AvId,
    /// The value.
    pub value: &'a [u8],
}

/// A validated list of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AvPairs<'a>(&'a [u8]);

impl<'a> AvPairs<'a> {
    /// Validates a list. It ends at `MsvAvEOL` or, as some peers send it, at the end of the bytes. Trailing bytes are ignored.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            let pair = next_pair(&mut rest).ok_or(Error::at(ErrorKind::BadAvPairs, at))?;
            if pair.id == AvId::EOL {
                break;
            }
        }
        Ok(AvPairs(bytes))
    }

    /// Returns the list as encoded in the message.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Returns the attributes, without `MsvAvEOL`.
    pub fn iter(self) -> impl Iterator<Item = AvPair<'a>> {
        let mut rest = self.0;
        core::iter::from_fn(move || next_pair(&mut rest).filter(|pair| pair.id != AvId::EOL))
    }

    /// Returns the value of the first attribute with this identifier.
    pub fn get(self, id: AvId) -> Option<&'a [u8]> {
        self.iter().find(|pair| pair.id == id).map(|pair| pair.value)
    }

    /// Returns `MsvAvFlags`, or 0.
    pub fn flags(self) -> u32 {
        self.get(AvId::FLAGS).and_then(|value| value.try_into().ok()).map_or(0, u32::from_le_bytes)
    }

    /// Returns `MsvAvTimestamp`.
    pub fn timestamp(self) -> Option<FileTime> {
        self.get(AvId::TIMESTAMP)
            .and_then(|value| value.try_into().ok())
            .map(|value| FileTime(u64::from_le_bytes(value)))
    }
}

/// Takes the next attribute from the front of `rest`; returns `None` if there is no complete one.
#[inline]
fn next_pair<'a>(rest: &mut &'a [u8]) -> Option<AvPair<'a>> {
    let ([a, b, c, d], behind) = rest.split_first_chunk()?;
    let (value, behind) = behind.split_at_checked(u16::from_le_bytes([*c, *d]).into())?;
    *rest = behind;
    Some(AvPair { id: AvId(u16::from_le_bytes([*a, *b])), value })
}

/// Writes a list. A value that is too long is reported by [`AvPairWriter::finish`].
#[derive(Debug, Default)]
pub struct AvPairWriter {
    written: Vec<u8>,
    too_long: bool,
}

impl AvPairWriter {
    /// Creates a list that is appended to existing bytes.
    pub const fn behind(written: Vec<u8>) -> Self {
        AvPairWriter { written, too_long: false }
    }

    /// Appends an attribute.
    #[inline]
    pub fn push(&mut self, id: AvId, value: &[u8]) {
        self.too_long |= value.len() > usize::from(u16::MAX);
        let ([a, b], [c, d]) = (id.0.to_le_bytes(), (value.len() as u16).to_le_bytes());
        self.written.extend_from_slice(&[a, b, c, d]);
        self.written.extend_from_slice(value);
    }

    /// Ends the list with `MsvAvEOL`.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        self.push(AvId::EOL, &[]);
        if self.too_long { Err(ErrorKind::TooLong.into()) } else { Ok(self.written) }
    }
}
