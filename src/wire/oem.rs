//! OEM text: the single-byte code pages that messages without Unicode are written in (MS-NLMP 2.2).

use crate::wire::text::{self, Text};
use alloc::string::String;
use alloc::vec::Vec;

/// A code page: what the bytes 0x80 to 0xff mean. The lower half is ASCII in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// A single-byte code page, as the 128 characters of its upper half, all of which lie below U+10000.
    SingleByte(&'static [u16; 128]),
    /// UTF-8, which some peers on Unix use as their OEM code page.
    Utf8,
}

const CP437: &[u16; 128] = &upper_half(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
);
const CP850: &[u16; 128] = &upper_half(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
);
const CP852: &[u16; 128] = &upper_half(
    "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
    └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
);
const CP866: &[u16; 128] = &upper_half(
    "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\u{a0}",
);
const CP1252: &[u16; 128] = &upper_half(
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿\
    ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ",
);

/// The code units of 128 characters. The text above is for people; searching it at run time would take a decoder of UTF-8.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "it runs while compiling, where both are what is wanted")]
const fn upper_half(text: &str) -> [u16; 128] {
    let mut units = [0; 128];
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

impl Default for CodePage {
    fn default() -> Self {
        CodePage::DEFAULT
    }
}

impl CodePage {
    /// The code page of the United States, which Windows falls back to.
    pub const DEFAULT: CodePage = CodePage::SingleByte(CP437);

    /// Finds a code page by the number that it has in Windows.
    pub const fn by_number(number: u32) -> Option<Self> {
        Some(match number {
            437 => CodePage::SingleByte(CP437),
            850 => CodePage::SingleByte(CP850),
            852 => CodePage::SingleByte(CP852),
            866 => CodePage::SingleByte(CP866),
            1252 => CodePage::SingleByte(CP1252),
            65001 => CodePage::Utf8,
            _ => return None,
        })
    }

    /// The bytes of text in UTF-16LE; `None` when it has a character that the code page lacks.
    pub fn encode(self, text: &[u8]) -> Option<Vec<u8>> {
        // Room for all from the start: it may be a password, and a vector that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(text.len() / 2 * 3);
        self.append(&mut bytes, text)?;
        Some(bytes)
    }

    /// As [`CodePage::encode`], behind what is written already.
    pub fn append(self, bytes: &mut Vec<u8>, text: &[u8]) -> Option<()> {
        match self {
            CodePage::SingleByte(upper) => {
                for unit in text::units(text) {
                    bytes.push(byte_of(unit, upper)?);
                }
            }
            CodePage::Utf8 => text::characters(text::units(text))
                .for_each(|c| bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())),
        }
        Some(())
    }

    /// The text of bytes. Every byte means something, except in UTF-8, where U+FFFD stands for what does not.
    pub fn decode(self, bytes: &[u8]) -> Text {
        let CodePage::SingleByte(upper) = self else { return (&*String::from_utf8_lossy(bytes)).into() };
        Text::of_units(bytes.iter().map(|byte| match byte.checked_sub(0x80) {
            None => u16::from(*byte),
            Some(index) => upper.get(usize::from(index)).copied().unwrap_or_default(),
        }))
    }
}

fn byte_of(unit: u16, upper: &[u16; 128]) -> Option<u8> {
    match u8::try_from(unit) {
        Ok(ascii) if ascii < 0x80 => Some(ascii),
        _ => upper.iter().position(|known| *known == unit).map(|index| 0x80 + index as u8),
    }
}
