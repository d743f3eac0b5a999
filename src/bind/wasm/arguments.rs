//! Takes the arguments of a call apart: numbers as they are, everything else behind its length.

use crate::bind::wasm::exchange::ABSENT;
use crate::error::{Error, ErrorKind};
use crate::ntlm::credential::Hashes;
use crate::ntlm::version::Version;
use crate::wire::oem::CodePage;
use crate::wire::reader::Reader;
use crate::wire::text::Text;

/// What is left of the arguments.
///
/// What cannot be read is told at the end: each place that could fail would cost code that drops what was read before it.
pub struct Arguments<'a> {
    reader: Reader<'a>,
    wrong: Option<Error>,
}

impl<'a> Arguments<'a> {
    /// All of them.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Arguments { reader: Reader::new(bytes), wrong: None }
    }

    /// The first error of those that came up, to be asked for before anything is done with what was read.
    pub fn check(&self) -> Result<(), Error> {
        self.wrong.map_or(Ok(()), Err)
    }

    fn or_wrong<T: Default>(&mut self, result: Result<T, impl Into<Error>>) -> T {
        result.unwrap_or_else(|error| {
            self.wrong.get_or_insert(error.into());
            T::default()
        })
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self) -> u32 {
        let number = self.reader.u32();
        self.or_wrong(number)
    }

    /// How many parts of some kind follow; no more than there are bytes.
    pub fn count(&mut self) -> usize {
        (self.number() as usize).min(self.reader.remaining())
    }

    /// Bytes that may be absent.
    #[inline(never)]
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        match self.number() {
            ABSENT => None,
            length => {
                let bytes = self.reader.take(length as usize);
                Some(self.or_wrong(bytes))
            }
        }
    }

    /// Text that may be absent.
    #[inline(never)]
    pub fn optional_text(&mut self) -> Option<Text> {
        self.bytes().map(|bytes| self.or_wrong(Text::of_utf16le(bytes)))
    }

    /// Text, empty if it is absent.
    #[inline(never)]
    pub fn text(&mut self) -> Text {
        self.optional_text().unwrap_or_default()
    }

    /// 16 bytes that may be absent.
    #[inline(never)]
    pub fn hash(&mut self) -> Option<[u8; 16]> {
        self.bytes().map(|bytes| self.or_wrong(bytes.try_into().map_err(|_| ErrorKind::InvalidOption)))
    }

    /// A version of Windows, by default a common one.
    pub fn version(&mut self) -> Version {
        let [major, minor, low, high] = match self.bytes().and_then(<[u8]>::first_chunk) {
            Some(given) => *given,
            None => return Version::DEFAULT,
        };
        Version::new(major, minor, u16::from_le_bytes([low, high]))
    }

    /// A code page by its number.
    #[inline(never)]
    pub fn code_page(&mut self) -> CodePage {
        let page = CodePage::by_number(self.number()).ok_or(ErrorKind::InvalidOption);
        self.or_wrong(page)
    }

    /// What proves an account: a password in UTF-16LE, or an NT hash in 16 bytes, or the LM hash and it in 32; or nothing.
    ///
    /// Without a code page there will be no LM hash of the password, which takes longer than all the rest of a client.
    #[inline(never)]
    pub fn proof(&mut self, code_page: Option<CodePage>) -> Option<Hashes> {
        let form = self.number();
        let bytes = self.bytes()?;
        Some(match (form, code_page) {
            (0, None) => Hashes::of_password(bytes),
            (0, Some(code_page)) => Hashes::of_password_with_lm(bytes, code_page),
            _ => {
                let hashes = Hashes::of_bytes(bytes).map(Some);
                return self.or_wrong(hashes);
            }
        })
    }
}
