//! What is odd about a token of SPNEGO.

use super::{Findings, Remark, Severity};
use crate::explain::node::{Node, Title};
use crate::explain::spnego::{NTLM, REJECT, SHORT_KERBEROS as SHORT_KERBEROS_NAME, title};
use core::ops::Range;

const REPEATED_TOKEN: Remark = Remark::new(
    "repeated-token",
    Severity::Note,
    "mechListMIC",
    "the token stands in the place of the mechListMIC as well, as old Windows has it: receivers must ignore that",
);
const REJECTED: Remark = Remark::new("rejected", Severity::Warning, "", "the server rejects the negotiation");
const NTLM_NOT_OFFERED: Remark =
    Remark::new("ntlm-not-offered", Severity::Note, "", "NTLM is not among the mechanisms");
const SHORT_KERBEROS: Remark = Remark::new(
    "short-kerberos-oid",
    Severity::Note,
    "",
    "Kerberos is offered under the number that Windows 2000 cut short, as every Windows has done since",
);
const SERVER_HINT: Remark = Remark::new(
    "server-hint",
    Severity::Note,
    "",
    "the server speaks first, with a hint that RFC 4178 does not know, as Windows does: it is to be ignored",
);
const OTHER_MECHANISM: Remark = Remark::new("other-mechanism", Severity::Note, "", "the token within is not of NTLM");

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
            if offers(SHORT_KERBEROS_NAME) {
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
