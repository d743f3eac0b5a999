//! Takes the arguments of a call apart: numbers as they are, everything else behind its length.

use crate::bind::wasm::exchange::ABSENT;
use crate::error::{Error, ErrorKind};
use crate::ntlm::credential::Hashes;
use crate::ntlm::version::Version;
use crate::wire::oem::CodePage;
use crate::wire::reader::Reader;
use crate::wire::text::Text;

/// What is left of the arguments.
pub struct Arguments<'a>(Reader<'a>);

impl<'a> Arguments<'a> {
    /// All of them.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Arguments(Reader::new(bytes))
    }

    /// A number.
    #[inline(never)]
    pub fn number(&mut self) -> Result<u32, Error> {
        self.0.u32()
    }

    /// Bytes that may be absent.
    #[inline(never)]
    pub fn bytes(&mut self) -> Result<Option<&'a [u8]>, Error> {
        match self.number()? {
            ABSENT => Ok(None),
            length => self.0.take(length as usize).map(Some),
        }
    }

    /// Text that may be absent.
    #[inline(never)]
    pub fn optional_text(&mut self) -> Result<Option<Text>, Error> {
        self.bytes()?.map(Text::of_utf16le).transpose()
    }

    /// Text, empty if it is absent.
    #[inline(never)]
    pub fn text(&mut self) -> Result<Text, Error> {
        self.optional_text().map(Option::unwrap_or_default)
    }

    /// 16 bytes that may be absent.
    pub fn hash(&mut self) -> Result<Option<[u8; 16]>, Error> {
        self.bytes()?.map(|bytes| bytes.try_into().map_err(|_| ErrorKind::InvalidOption.into())).transpose()
    }

    /// A version of Windows, by default a common one.
    pub fn version(&mut self) -> Result<Version, Error> {
        self.bytes()?.map_or(Ok(Version::DEFAULT), Version::parse)
    }

    /// A code page, by default that of the United States.
    pub fn code_page(&mut self) -> Result<CodePage, Error> {
        let Some(name) = self.bytes()? else { return Ok(CodePage::DEFAULT) };
        CodePage::by_name(name).ok_or(ErrorKind::InvalidOption.into())
    }

    /// What proves an account: a password in UTF-16LE, or an NT hash in 16 bytes or in hexadecimal; or nothing.
    ///
    /// Without a code page there will be no LM hash of the password, which takes longer than all the rest of a client.
    #[inline(never)]
    pub fn proof(&mut self, code_page: Option<CodePage>) -> Result<Option<Hashes>, Error> {
        let form = self.number()?;
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        Ok(Some(match (form, code_page) {
            (0, None) => Hashes::of_password(bytes),
            (0, Some(code_page)) => Hashes::of_password_with_lm(bytes, code_page),
            (1, _) => Hashes::of_nt_hash(bytes.try_into().map_err(|_| ErrorKind::InvalidHash)?),
            _ => Hashes::parse(bytes)?,
        }))
    }
}
