//! What is odd about a token of SPNEGO.

use super::Findings;
use crate::explain::node::{Node, Value};
use alloc::format;
use alloc::string::{String, ToString};
use core::ops::Range;

/// The identifier of Kerberos with the last number but two cut to 16 bits: 113554 became 48018.
const SHORT_KERBEROS: &str = "1.2.840.48018.1.2.2";

impl Findings {
    pub(super) fn spnego(&mut self, tree: &Node, bytes: &[u8]) {
        let mut path = String::new();
        let mut at = Some(tree);
        while let Some(node) = at {
            at = ["initialContextToken", "negTokenInit", "negTokenResp"].iter().find_map(|name| node.child(name));
            if let Some(next) = at {
                path = if path.is_empty() { next.name.to_string() } else { format!("{path}.{}", next.name) };
            }
            let Some(fields) = node.child("fields") else { continue };
            for field in &fields.children {
                self.field(field, &format!("{path}.fields.{}", field.name));
            }
            let octets = |name| bytes.get(content(fields.child(name)?)?);
            if octets("mechListMIC").is_some_and(|code| octets("responseToken") == Some(code)) {
                let text = "the token stands in the place of the mechListMIC as well, as old Windows has it: receivers must ignore that";
                self.note("repeated-token", &format!("{path}.fields.mechListMIC"), text);
            }
        }
    }

    fn field(&mut self, field: &Node, id: &str) {
        match (field.name.as_ref(), field.meaning.as_str()) {
            ("negState", "reject") => self.warn("rejected", id, "the server rejects the negotiation"),
            ("mechTypes", mechanisms) => {
                if !mechanisms.contains("NTLM") {
                    self.note("ntlm-not-offered", id, "NTLM is not among the mechanisms");
                }
                let short = |mech: &Node| mech.value == Value::Text(SHORT_KERBEROS.into());
                if field.child("list").is_some_and(|list| list.children.iter().any(short)) {
                    let text = "Kerberos is offered under the number that Windows 2000 cut short, as every Windows has done since";
                    self.note("short-kerberos-oid", id, text);
                }
            }
            ("negHints", _) => {
                let text = "the server speaks first, with a hint that RFC 4178 does not know, as Windows does: it is to be ignored";
                self.note("server-hint", id, text);
            }
            ("mechToken" | "responseToken", _) if foreign(field) => {
                self.note("other-mechanism", id, "the token within is not of NTLM");
            }
            _ => {}
        }
    }
}

/// Where the content of a field's octet string lies: all that is behind its tag and length.
fn content(field: &Node) -> Option<Range<usize>> {
    let octets = field.child("octets")?;
    Some(octets.children.first()?.end..octets.end)
}

fn foreign(field: &Node) -> bool {
    field.child("octets").is_some_and(|octets| octets.child("foreignToken").is_some())
}
