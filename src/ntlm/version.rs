//! The `VERSION` structure (MS-NLMP 2.2.2.10): the Windows build that created the message, for debugging only.

use crate::error::{Error, ErrorKind};
use crate::wire::reader::Reader;
use core::str::FromStr;

/// A product version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Major version, such as 10.
    pub major: u8,
    /// Minor version, such as 0.
    pub minor: u8,
    /// Build, such as 26100.
    pub build: u16,
    /// Three reserved bytes, kept unchanged.
    pub reserved: [u8; 3],
    /// The NTLMSSP revision: 15 in all known messages.
    pub revision: u8,
}

/// Parses `10.0.26100`.
impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut numbers = [0_u16; 3];
        let mut parts = text.as_bytes().split(|byte| *byte == b'.');
        for number in &mut numbers {
            *number = parts.next().and_then(decimal).ok_or(ErrorKind::InvalidOption)?;
        }
        match numbers.map(u8::try_from) {
            [Ok(major), Ok(minor), _] if parts.next().is_none() => Ok(Version::new(major, minor, numbers[2])),
            _ => Err(ErrorKind::InvalidOption.into()),
        }
    }
}

fn decimal(digits: &[u8]) -> Option<u16> {
    let mut number = 0_u16;
    for digit in digits {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number = number.checked_mul(10)?.checked_add(digit.into())?;
    }
    (!digits.is_empty()).then_some(number)
}

impl Version {
    /// The size on the wire.
    pub const SIZE: usize = 8; // major (1) + minor (1) + build (2) + reserved (3) + revision (1)

    /// NTLMSSP_REVISION_W2K3.
    pub const REVISION: u8 = 15;

    /// Windows 10, Server 2016 and later all report 10.0; a common build reveals nothing about the client.
    pub const DEFAULT: Version = Version::new(10, 0, 19041);

    /// Creates a version with the usual revision.
    pub const fn new(major: u8, minor: u8, build: u16) -> Self {
        Version { major, minor, build, reserved: [0; 3], revision: Self::REVISION }
    }

    /// Reads the structure.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let [major, minor, low, high, a, b, c, revision] = reader.array()?;
        Ok(Version { major, minor, build: u16::from_le_bytes([low, high]), reserved: [a, b, c], revision })
    }

    /// Encodes the structure.
    pub const fn to_bytes(self) -> [u8; Self::SIZE] {
        let [low, high] = self.build.to_le_bytes();
        let [a, b, c] = self.reserved;
        [self.major, self.minor, low, high, a, b, c, self.revision]
    }
}
