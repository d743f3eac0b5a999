//! Writes an explanation as JSON.

use crate::explain::findings::Finding;
use crate::explain::node::{Bit, Node, Value};
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// JSON on its way.
#[derive(Default)]
pub struct Json(String);

impl Json {
    /// The text.
    pub fn finish(self) -> String {
        self.0
    }

    /// Writes as it is.
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    /// Writes a comma unless something begins here.
    fn next(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    /// Begins a member.
    pub fn key(&mut self, key: &str) -> &mut Self {
        self.next();
        self.quoted(key).raw(":")
    }

    /// Writes text.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.next();
        self.quoted(text)
    }

    /// Writes a number.
    pub fn number(&mut self, number: u64) -> &mut Self {
        self.next();
        let _ = write!(self.0, "{number}");
        self
    }

    /// Writes bytes in hexadecimal.
    pub fn hex(&mut self, bytes: &[u8]) -> &mut Self {
        self.next();
        self.0.push('"');
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] {
                self.0.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
            }
        }
        self.raw("\"")
    }

    fn quoted(&mut self, text: &str) -> &mut Self {
        self.0.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(c);
                }
                c if c < ' ' || c == '\u{7f}' => {
                    let _ = write!(self.0, "\\u{:04x}", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
        self.raw("\"")
    }

    /// Writes a list.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) -> &mut Self {
        self.next();
        self.0.push('[');
        for item in items {
            write(self, item);
        }
        self.raw("]")
    }

    /// Writes an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.next();
        self.0.push('{');
        write(self);
        self.raw("}")
    }

    /// Writes a tree. `prefix` stands before the names of the node's children.
    pub fn node(&mut self, node: &Node, id: &str, prefix: &str, bytes: &[u8]) {
        self.object(|json| {
            json.key("id").string(id).key("label").string(&node.label);
            json.key("start").number(node.start as u64).key("end").number(node.end as u64);
            json.key("value");
            match &node.value {
                Value::None => json.raw("null"),
                Value::Number(number) => json.number(*number),
                Value::Text(text) => json.string(text),
                Value::Bytes => json.hex(bytes.get(node.start..node.end).unwrap_or_default()),
            };
            json.key("meaning").string(&node.meaning);
            if !node.problem.is_empty() {
                json.key("problem").string(&node.problem);
            }
            if node.sensitive {
                json.key("sensitive").raw("true");
            }
            if !node.bits.is_empty() {
                json.key("bits").list(&node.bits, |json, bit| json.bit(bit));
            }
            json.key("children").list(&node.children, |json, child| {
                let id = format!("{prefix}{}", child.name);
                json.node(child, &id, &format!("{id}."), bytes);
            });
        });
    }

    fn bit(&mut self, bit: &Bit) {
        self.object(|json| {
            json.key("mask").number(u64::from(bit.mask)).key("letter").string(bit.letter);
            json.key("name").string(bit.name).key("meaning").string(bit.meaning);
            json.key("set").raw(if bit.set { "true" } else { "false" });
        });
    }

    /// Writes findings.
    pub fn findings(&mut self, findings: &[Finding]) {
        self.list(findings, |json, finding| {
            json.object(|json| {
                json.key("id").string(finding.id).key("severity").string(finding.severity.name());
                json.key("text").string(&finding.text).key("node").string(&finding.node);
            });
        });
    }
}
