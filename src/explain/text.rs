//! Names in messages.

use crate::explain::node::Node;
use crate::ntlm::message::TextEncoding;
use crate::wire::text::decode_utf16le;

/// A node with the text of its bytes. What cannot be read is left out and told.
pub fn node(node: Node, bytes: &[u8], encoding: TextEncoding) -> Node {
    let (whole, odd) = match encoding {
        TextEncoding::Unicode => bytes.split_at(bytes.len() & !1),
        TextEncoding::Oem(_) => (bytes, &[][..]),
    };
    let node = match encoding {
        TextEncoding::Unicode => node.text(decode_utf16le(whole).unwrap_or_default()),
        TextEncoding::Oem(page) => node.text(decode_utf16le(page.decode(whole).as_utf16le()).unwrap_or_default()),
    };
    if !odd.is_empty() && node.problem.is_empty() {
        return node.problem("UTF-16 text has an even number of bytes; the last one was left out");
    }
    node
}
