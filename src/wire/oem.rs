//! OEM text: the single-byte code pages of messages without Unicode (MS-NLMP 2.2).

use crate::error::{Error, ErrorKind};
use crate::wire::text::{self, Text};
use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

/// A code page: the meaning of the bytes 0x80 to 0xff. The lower half is ASCII in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodePage {
    /// 437, United States, the fallback of Windows.
    #[default]
    Cp437,
    /// 850, Western Europe.
    Cp850,
    /// 852, Central Europe.
    Cp852,
    /// 866, Russian.
    Cp866,
    /// Windows-1252.
    Windows1252,
    /// UTF-8, which some peers on Unix use as their OEM code page.
    Utf8,
}

const CP437: [u16; 128] = units(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
const CP850: [u16; 128] = units(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
);
const CP852: [u16; 128] = units(
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
    └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
);
/// The last 16 characters of CP866. Its letters are in Unicode order, and its box-drawing characters are those of 437.
const CP866_FROM_F0: [u16; 16] = units("ЁёЄєЇїЎў°∙·√№¤■\u{a0}");
/// The characters 0x80 to 0x9f. The rest of Windows-1252 equals Unicode.
const CP1252_TO_9F: [u16; 32] = units("€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ");

/// Returns the code units of a string constant. The tables are readable text; decoding UTF-8 at run time would add code.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "it runs while compiling, where both are what is wanted")]
const fn units<const N: usize>(text: &str) -> [u16; N] {
    let mut units = [0; N];
    let mut rest = text.as_bytes();
    let mut i = 0;
    while i < units.len() {
        (units[i], rest) = match rest {
            [a, b, rest @ ..] if *a < 0xe0 => ((*a as u16 & 0x1f) << 6 | (*b as u16 & 0x3f), rest),
            [a, b, c, rest @ ..] => ((*a as u16 & 0x0f) << 12 | (*b as u16 & 0x3f) << 6 | (*c as u16 & 0x3f), rest),
            _ => panic!("a character is missing"),
        };
        i += 1;
    }
    assert!(rest.is_empty(), "there is a character too many");
    units
}

/// Parses names such as `cp437`, `IBM850`, `windows-1252`, `866` and `utf-8`, in any case.
impl FromStr for CodePage {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let name = name.to_ascii_lowercase();
        let number = match &*name {
            "utf8" | "utf-8" => Some(65001),
            _ => {
                let prefix = ["windows-", "ibm", "cp"].into_iter().find_map(|prefix| name.strip_prefix(prefix));
                prefix.unwrap_or(&name).parse().ok()
            }
        };
        number.and_then(Self::by_number).ok_or(ErrorKind::InvalidOption.into())
    }
}

impl CodePage {
    /// The default: United States.
    pub const DEFAULT: CodePage = CodePage::Cp437;

    /// Returns the code page with this Windows number.
    pub const fn by_number(number: u32) -> Option<Self> {
        Some(match number {
            437 => CodePage::Cp437,
            850 => CodePage::Cp850,
            852 => CodePage::Cp852,
            866 => CodePage::Cp866,
            1252 => CodePage::Windows1252,
            65001 => CodePage::Utf8,
            _ => return None,
        })
    }

    /// Encodes UTF-16LE text; returns `None` if the code page lacks a character.
    pub fn encode(self, text: &[u8]) -> Option<Vec<u8>> {
        // Allocate the full size at once: a growing vector leaves copies behind, and this one may contain a password.
        let mut bytes = Vec::with_capacity(text.len() / 2 * 3);
        if self == CodePage::Utf8 {
            for c in text::characters(text::units(text)) {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            return Some(bytes);
        }
        for unit in text::units(text) {
            let byte = match unit {
                0..0x80 => unit as u8,
                _ => (0x80..=0xff).find(|byte| self.unit(*byte) == unit)?,
            };
            bytes.push(byte);
        }
        Some(bytes)
    }

    /// Decodes bytes. Every byte is valid, except in UTF-8, where invalid sequences become U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Text {
        if self == CodePage::Utf8 {
            return Text::from(&*String::from_utf8_lossy(bytes));
        }
        Text::of_units(bytes.iter().map(|byte| self.unit(*byte)))
    }

    /// Returns the code unit of a byte.
    #[inline(never)]
    fn unit(self, byte: u8) -> u16 {
        let unit = u16::from(byte);
        let (first, table): (u16, &[u16]) = match (self, byte) {
            (_, 0..0x80) | (CodePage::Windows1252, 0xa0..) => return unit,
            (CodePage::Cp866, 0x80..0xb0) => return unit - 0x80 + 0x0410, // А to Я, а to п
            (CodePage::Cp866, 0xe0..0xf0) => return unit - 0xe0 + 0x0440, // р to я
            (CodePage::Cp866, 0xf0..) => (0xf0, &CP866_FROM_F0),
            (CodePage::Windows1252, _) => (0x80, &CP1252_TO_9F),
            (CodePage::Cp850, _) => (0x80, &CP850),
            (CodePage::Cp852, _) => (0x80, &CP852),
            _ => (0x80, &CP437),
        };
        table.get(usize::from(unit - first)).copied().unwrap_or_default()
    }
}
