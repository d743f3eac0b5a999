//! OEM text: the single-byte code pages that messages without Unicode are written in (MS-NLMP 2.2).

use alloc::string::String;
use alloc::vec::Vec;

/// A code page: what the bytes 0x80 to 0xff mean. The lower half is ASCII in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// A single-byte code page, as the 128 characters of its upper half.
    SingleByte(&'static str),
    /// UTF-8, which some peers on Unix use as their OEM code page.
    Utf8,
}

const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
const CP852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐\
    └┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
const CP866: &str = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёЄєЇїЎў°∙·√№¤■\u{a0}";
const CP1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿\
    ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

/// Names, without the prefix `cp`, and what they stand for.
const CODE_PAGES: &[(&str, CodePage)] = &[
    ("437", CodePage::SingleByte(CP437)),
    ("850", CodePage::SingleByte(CP850)),
    ("852", CodePage::SingleByte(CP852)),
    ("866", CodePage::SingleByte(CP866)),
    ("1252", CodePage::SingleByte(CP1252)),
    ("utf-8", CodePage::Utf8),
    ("utf8", CodePage::Utf8),
];

impl CodePage {
    /// The code page of the United States, which Windows falls back to.
    pub const DEFAULT: CodePage = CodePage::SingleByte(CP437);

    /// Finds a code page by a name such as `cp437`, `IBM850`, `windows-1252` or `utf-8`.
    pub fn by_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let number = ["windows-", "ibm", "cp"].iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
        CODE_PAGES.iter().find(|(known, _)| *known == number).map(|(_, page)| *page)
    }

    /// The bytes of a text; `None` when it has a character that the code page lacks.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let CodePage::SingleByte(upper) = self else { return Some(text.as_bytes().to_vec()) };
        text.chars()
            .map(|c| match u8::try_from(c) {
                Ok(ascii) if ascii < 0x80 => Some(ascii),
                _ => upper.chars().zip(0x80..=0xff).find(|(known, _)| *known == c).map(|(_, byte)| byte),
            })
            .collect()
    }

    /// The text of bytes. Every byte means something, except in UTF-8, where U+FFFD stands for what does not.
    pub fn decode(self, bytes: &[u8]) -> String {
        let CodePage::SingleByte(upper) = self else { return String::from_utf8_lossy(bytes).into_owned() };
        bytes
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                None => char::from(*byte),
                Some(index) => upper.chars().nth(usize::from(index)).unwrap_or(char::REPLACEMENT_CHARACTER),
            })
            .collect()
    }
}
