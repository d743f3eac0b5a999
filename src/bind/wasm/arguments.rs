//! Takes the arguments of a call apart: numbers as they are, everything else behind its length.

use crate::bind::wasm::exchange::ABSENT;
use crate::error::{Error, ErrorKind};
use crate::ntlm::credential::Hashes;
use crate::ntlm::keys;
use crate::wire::oem::CodePage;
use crate::wire::reader::Reader;
use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// What is left of the arguments.
pub struct Arguments<'a>(Reader<'a>);

impl<'a> Arguments<'a> {
    /// All of them.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Arguments(Reader::new(bytes))
    }

    /// A number.
    pub fn number(&mut self) -> Result<u32, Error> {
        self.0.u32()
    }

    /// Bytes that may be absent.
    #[inline(never)]
    pub fn bytes(&mut self) -> Result<Option<&'a [u8]>, Error> {
        match self.0.u32()? {
            ABSENT => Ok(None),
            length => self.0.take(length as usize).map(Some),
        }
    }

    /// Text that may be absent.
    #[inline(never)]
    pub fn text(&mut self) -> Result<Option<&'a str>, Error> {
        self.bytes()?.map(text).transpose()
    }

    /// Text of its own, empty if it is absent.
    #[inline(never)]
    pub fn string(&mut self) -> Result<String, Error> {
        Ok(self.text()?.unwrap_or_default().into())
    }

    /// 16 bytes that may be absent.
    pub fn hash(&mut self) -> Result<Option<[u8; 16]>, Error> {
        self.bytes()?.map(|bytes| bytes.try_into().map_err(|_| ErrorKind::InvalidOption.into())).transpose()
    }

    /// A code page, which by default is that of the United States.
    pub fn code_page(&mut self) -> Result<CodePage, Error> {
        match self.text()? {
            Some(name) => CodePage::by_name(name).ok_or(ErrorKind::InvalidOption.into()),
            None => Ok(CodePage::DEFAULT),
        }
    }

    /// What proves an account: a password in UTF-16LE, or an NT hash in 16 bytes or in hexadecimal; or nothing.
    ///
    /// Without a code page there will be no LM hash of the password, which takes longer than all the rest of a client.
    pub fn proof(&mut self, code_page: Option<CodePage>) -> Result<Option<Hashes>, Error> {
        let form = self.number()?;
        let Some(bytes) = self.bytes()? else { return Ok(None) };
        match (form, code_page) {
            (0, None) => Ok(Some(Hashes { nt: keys::ntowf_v1(bytes), lm: None })),
            (0, Some(code_page)) => {
                let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
                Ok(Some(Hashes::of_password(&Zeroizing::new(units), code_page)))
            }
            (1, _) => Ok(Some(Hashes::of_nt_hash(bytes.try_into().map_err(|_| ErrorKind::InvalidHash)?))),
            _ => Hashes::parse(text(bytes)?).map(Some),
        }
    }
}

/// Text, which JavaScript writes in UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(bytes).map_err(|_| ErrorKind::BadText.into())
}
