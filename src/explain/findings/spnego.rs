//! What is odd about an SPNEGO token.

use super::Findings;
use super::remarks::*;
use crate::explain::node::{Node, Title};
use crate::explain::spnego::{KERBEROS_OF_WINDOWS_2000, NTLM, REJECT, title};
use core::ops::Range;

impl Findings {
    pub(super) fn spnego(&mut self, tree: &Node, bytes: &[u8]) {
        let frames = [title::INITIAL_CONTEXT_TOKEN, title::NEG_TOKEN_INIT, title::NEG_TOKEN_RESP];
        let inside = |node: &'_ Node| frames.iter().find_map(|frame| node.child(frame.name).cloned());
        let mut at = inside(tree);
        while let Some(node) = at {
            if let Some(fields) = node.child(title::FIELDS.name) {
                self.fields(fields, bytes);
            }
            at = inside(&node);
        }
    }

    fn fields(&mut self, fields: &Node, bytes: &[u8]) {
        for field in &fields.children {
            self.field(field);
        }
        let octets = |title: Title| bytes.get(content(fields.child(title.name)?)?);
        if let Some(code) = fields.child(title::MECH_LIST_MIC.name)
            && octets(title::MECH_LIST_MIC).is_some_and(|code| octets(title::RESPONSE_TOKEN) == Some(code))
        {
            self.about(REPEATED_TOKEN, code);
        }
    }

    fn about(&mut self, remark: Remark, node: &Node) {
        self.insert(remark, node.id.clone(), remark.text.into());
    }

    fn field(&mut self, field: &Node) {
        let is = |title: Title| field.name == title.name;
        if is(title::NEG_STATE) && field.meaning == REJECT {
            self.about(REJECTED, field);
        } else if is(title::MECH_TYPES) {
            let list = field.child(title::MECH_LIST.name).map(|list| &*list.children).unwrap_or_default();
            let offers = |name| list.iter().any(|mech| mech.meaning == name);
            if !offers(NTLM) {
                self.about(NTLM_NOT_OFFERED, field);
            }
            if offers(KERBEROS_OF_WINDOWS_2000) {
                self.about(SHORT_KERBEROS, field);
            }
        } else if is(title::NEG_HINTS) {
            self.about(SERVER_HINT, field);
        } else if (is(title::MECH_TOKEN) || is(title::RESPONSE_TOKEN)) && foreign(field) {
            self.about(OTHER_MECHANISM, field);
        }
    }
}

/// Where the content of a field's octet string lies: all that follows its tag and length.
fn content(field: &Node) -> Option<Range<usize>> {
    let octets = field.child(title::OCTETS.name)?;
    Some(octets.children.first()?.end..octets.end)
}

fn foreign(field: &Node) -> bool {
    field.child(title::OCTETS.name).is_some_and(|octets| octets.child(title::FOREIGN_TOKEN.name).is_some())
}
