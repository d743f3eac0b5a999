//! What is odd about a token of SPNEGO.

use super::Findings;
use crate::explain::node::Node;
use crate::explain::texts::{Remark, Text, Title};
use core::ops::Range;

impl Findings {
    pub(super) fn spnego(&mut self, tree: &Node, bytes: &[u8]) {
        let mut at = Some(tree);
        while let Some(node) = at {
            let frames = [Title::INITIAL_CONTEXT_TOKEN, Title::NEG_TOKEN_INIT, Title::NEG_TOKEN_RESP];
            at = frames.iter().find_map(|title| node.part(*title));
            self.enter(at);
            let fields = node.part(Title::FIELDS);
            let Some(fields) = fields else { continue };
            let outside = self.prefix.len();
            self.enter(Some(fields));
            let inside = self.prefix.len();
            for field in &fields.children {
                self.prefix.push_str(&field.name);
                self.field(field);
                self.prefix.truncate(inside);
            }
            let octets = |title| bytes.get(content(fields.part(title)?)?);
            if octets(Title::MECH_LIST_MIC).is_some_and(|code| octets(Title::RESPONSE_TOKEN) == Some(code)) {
                self.note(Remark::REPEATED_TOKEN);
            }
            self.prefix.truncate(outside);
        }
    }

    /// Adds the name of a node to the prefix.
    fn enter(&mut self, node: Option<&Node>) {
        if let Some(node) = node {
            self.prefix.push_str(&node.name);
            self.prefix.push('.');
        }
    }

    /// The prefix is the field's id.
    fn field(&mut self, field: &Node) {
        if field.is(Title::NEG_STATE) && Text::STATE_2.is(&field.meaning) {
            self.warn(Remark::REJECTED);
        } else if field.is(Title::MECH_TYPES) {
            if !Text::MECH_NTLM.is_in(&field.meaning) {
                self.note(Remark::NTLM_NOT_OFFERED);
            }
            let short = |mech: &Node| Text::MECH_SHORT_KERBEROS.is(&mech.meaning);
            if field.part(Title::MECH_LIST).is_some_and(|list| list.children.iter().any(short)) {
                self.note(Remark::SHORT_KERBEROS);
            }
        } else if field.is(Title::NEG_HINTS) {
            self.note(Remark::SERVER_HINT);
        } else if (field.is(Title::MECH_TOKEN) || field.is(Title::RESPONSE_TOKEN)) && foreign(field) {
            self.note(Remark::OTHER_MECHANISM);
        }
    }
}

/// Where the content of a field's octet string lies: all that is behind its tag and length.
fn content(field: &Node) -> Option<Range<usize>> {
    let octets = field.part(Title::OCTETS)?;
    Some(octets.children.first()?.end..octets.end)
}

fn foreign(field: &Node) -> bool {
    field.part(Title::OCTETS).is_some_and(|octets| octets.part(Title::FOREIGN_TOKEN).is_some())
}
