//! The length / maximum length / offset triple that points from a message's header into its payload (MS-NLMP 2.2.1).

use crate::error::{Error, ErrorKind};
use crate::wire::reader::Reader;
use alloc::vec::Vec;

/// The location of a variable-length part of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its length in bytes.
    pub length: u16,
    /// The allocated length; receivers ignore it.
    pub maximum: u16,
    /// Its offset from the first byte of the message.
    pub offset: u32,
}

impl Field {
    /// The size of the triple.
    pub const SIZE: usize = 8; // length (2) + maximum (2) + offset (4)

    /// Reads the triple.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let [a, b, c, d, e, f, g, h] = reader.array()?;
        Ok(Field {
            length: u16::from_le_bytes([a, b]),
            maximum: u16::from_le_bytes([c, d]),
            offset: u32::from_le_bytes([e, f, g, h]),
        })
    }

    /// Returns the bytes that the triple points to. The offset of an empty field has no meaning and is ignored.
    pub fn of<'a>(&self, message: &'a [u8]) -> Result<&'a [u8], Error> {
        if self.length == 0 {
            return Ok(&[]);
        }
        let outside = Error::at(ErrorKind::FieldOutOfBounds, self.offset as usize);
        let start = usize::try_from(self.offset).map_err(|_| outside)?;
        let end = start.checked_add(usize::from(self.length)).ok_or(outside)?;
        message.get(start..end).ok_or(outside)
    }

    /// Returns where the payload begins according to this field.
    pub fn payload_start(&self) -> usize {
        if self.length == 0 { usize::MAX } else { self.offset as usize }
    }
}

/// Writes a message into one buffer: a header of fixed size, followed by the payload in the order in which it is added.
///
/// A field that is too long is reported at the end, by [`MessageWriter::finish`].
#[derive(Debug)]
pub struct MessageWriter {
    message: Vec<u8>,
    /// The end of the header bytes written so far.
    header_at: usize,
    too_long: bool,
}

impl MessageWriter {
    /// Creates a message whose header has `header_size` bytes.
    pub fn new(header_size: usize, payload_size: usize) -> Self {
        let mut message = Vec::with_capacity(header_size + payload_size);
        message.resize(header_size, 0);
        MessageWriter { message, header_at: 0, too_long: false }
    }

    /// Appends bytes to the header.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        let start = self.header_at;
        self.header_at += bytes.len();
        if let Some(place) = self.message.get_mut(start..self.header_at) {
            place.copy_from_slice(bytes);
        }
    }

    /// Appends a triple returned by [`MessageWriter::payload`] to the header.
    #[inline]
    pub fn put_field(&mut self, field: Field) {
        let [a, b] = field.length.to_le_bytes();
        let [c, d] = field.maximum.to_le_bytes();
        let [e, f, g, h] = field.offset.to_le_bytes();
        self.put(&[a, b, c, d, e, f, g, h]);
    }

    /// Appends bytes to the payload and returns their location.
    #[inline]
    pub fn payload(&mut self, bytes: &[u8]) -> Field {
        let offset = self.message.len() as u32;
        self.message.extend_from_slice(bytes);
        self.too_long |= bytes.len() > usize::from(u16::MAX);
        let length = bytes.len() as u16;
        Field { length, maximum: length, offset }
    }

    /// Returns the message.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        if self.too_long { Err(ErrorKind::TooLong.into()) } else { Ok(self.message) }
    }
}
