//! Names in messages.

use crate::explain::node::{Node, Value};
use crate::explain::texts::Text;
use crate::ntlm::message::TextEncoding;
use crate::wire::text::decode_utf16le;

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
