//! Names in messages.

use crate::explain::node::{Node, Value};
use crate::explain::texts::Text;
use crate::wire::oem::CodePage;
use crate::wire::text::decode_utf16le;

/// Gives a node the text of its bytes. What cannot be read is left out and told.
pub fn unicode(node: &mut Node, bytes: &[u8]) {
    let (whole, odd) = bytes.split_at(bytes.len() & !1);
    if !odd.is_empty() && node.problem.is_empty() {
        node.wrong(Text::ODD_TEXT, &[]);
    }
    node.holds(Value::Text(decode_utf16le(whole).unwrap_or_default()));
}

/// As [`unicode`], for text in a code page. Which one it is no message says.
pub fn oem(node: &mut Node, bytes: &[u8]) {
    unicode(node, CodePage::DEFAULT.decode(bytes).as_utf16le());
}
