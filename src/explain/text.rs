//! Names in messages.

use crate::explain::node::{Node, Value};
use crate::wire::oem::CodePage;
use crate::wire::text::decode_utf16le;

/// Gives a node the text of its bytes. A last odd byte is left out and reported.
pub fn unicode(node: &mut Node, bytes: &[u8]) {
    let (whole, odd) = bytes.split_at(bytes.len() & !1);
    if !odd.is_empty() && node.problem.is_empty() {
        node.problem = "UTF-16 text has an even number of bytes; the last byte was left out".into();
    }
    node.value = Value::Text(decode_utf16le(whole).unwrap_or_default());
}

/// As [`unicode`], for text in a code page. No message names its code page, so this is the default one.
pub fn oem(node: &mut Node, bytes: &[u8]) {
    unicode(node, CodePage::DEFAULT.decode(bytes).as_utf16le());
}
