//! Names in messages.

use crate::explain::node::{Node, Value};
use crate::explain::texts::Text;
use crate::ntlm::message::TextEncoding;
use crate::wire::text::decode_utf16le;
use alloc::string::String;

/// Gives a node the text of its bytes. What cannot be read is left out and told.
pub fn explain(node: &mut Node, bytes: &[u8], encoding: TextEncoding) {
    let text = match encoding {
        TextEncoding::Unicode => {
            let (whole, odd) = bytes.split_at(bytes.len() & !1);
            if !odd.is_empty() && node.problem.is_empty() {
                node.wrong(Text::ODD_TEXT, &[]);
            }
            decode_utf16le(whole)
        }
        TextEncoding::Oem(page) => decode_utf16le(page.decode(bytes).as_utf16le()),
    };
    node.holds(Value::Text(text.unwrap_or_default()));
}

/// Text that ought to be UTF-8, as [`String::from_utf8_lossy`] reads it, in a third of its code: U+FFFD stands for whatever begins
/// as a character and does not go on as one.
pub fn lossy(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        rest = behind;
        // How many bytes follow, and between what the next of them lies (Unicode, table 3-7).
        let (more, mut low, mut high) = match first {
            0..=0x7f => (0, 0, 0),
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => (1, 0xff, 0),
        };
        // Of the first, those bits count that do not tell the length.
        let mut code = u32::from(*first) & 0xff >> if more == 0 { 0 } else { more + 2 };
        for _ in 0..more {
            rest = match rest {
                [next, behind @ ..] if (low..=high).contains(next) => {
                    code = code << 6 | u32::from(next & 0x3f);
                    behind
                }
                _ => {
                    code = u32::MAX;
                    break;
                }
            };
            (low, high) = (0x80, 0xbf);
        }
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}
