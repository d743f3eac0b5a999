//! Writes an explanation as JSON.

use crate::explain::findings::Finding;
use crate::explain::node::{Bit, Node, Value};
use crate::explain::texts::Text;
use crate::explain::words::{decimal, hex};
use alloc::string::String;

/// JSON on its way.
#[derive(Default)]
pub struct Json(String);

impl Json {
    /// The text.
    pub fn finish(self) -> String {
        self.0
    }

    /// Writes as it is.
    #[inline(never)]
    pub fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Writes a comma unless something begins here.
    #[inline(never)]
    fn next(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    /// Begins a member, whose name needs no escape.
    #[inline(never)]
    pub fn key(&mut self, key: &str) {
        self.words(key);
        self.0.push(':');
    }

    /// Writes words of our own, in which nothing needs an escape.
    #[inline(never)]
    pub fn words(&mut self, words: &str) {
        self.next();
        self.0.push('"');
        self.raw(words);
        self.0.push('"');
    }

    /// Writes a text.
    pub fn text(&mut self, text: Text) {
        self.next();
        self.0.push('"');
        text.put(&mut self.0);
        self.0.push('"');
    }

    /// Writes what came from outside.
    pub fn string(&mut self, text: &str) {
        self.next();
        self.0.push('"');
        for c in text.chars() {
            if c < ' ' || c == '\u{7f}' {
                self.raw("\\u");
                hex(&mut self.0, c.into(), 4);
                continue;
            }
            if matches!(c, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(c);
        }
        self.0.push('"');
    }

    /// Writes a number.
    #[inline(never)]
    pub fn number(&mut self, number: u64) {
        self.next();
        decimal(&mut self.0, number, 1);
    }

    /// Writes bytes in hexadecimal.
    #[inline(never)]
    pub fn hex(&mut self, bytes: &[u8]) {
        self.next();
        self.0.push('"');
        for byte in bytes {
            hex(&mut self.0, u32::from(*byte), 2);
        }
        self.0.push('"');
    }

    /// Writes a list.
    pub fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.next();
        self.0.push('[');
        for item in items {
            self.object(|json| write(json, item));
        }
        self.0.push(']');
    }

    /// Writes an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.next();
        self.0.push('{');
        write(self);
        self.0.push('}');
    }

    /// Writes a range.
    #[inline(never)]
    pub fn range(&mut self, start: usize, end: usize) {
        self.key("start");
        self.number(start as u64);
        self.key("end");
        self.number(end as u64);
    }

    /// Writes the members of a node. `id` is its own; those of its children begin with `prefix`.
    pub fn node(&mut self, node: &Node, id: &str, prefix: &str, bytes: &[u8]) {
        self.key("id");
        self.words(id);
        self.key("label");
        self.words(&node.label);
        self.range(node.start, node.end);
        self.key("value");
        match &node.value {
            Value::None => self.raw("null"),
            Value::Number(number) => self.number(*number),
            Value::Text(text) => self.string(text),
            Value::Bytes => self.hex(bytes.get(node.start..node.end).unwrap_or_default()),
        }
        self.key("meaning");
        self.words(&node.meaning);
        if !node.problem.is_empty() {
            self.key("problem");
            self.words(&node.problem);
        }
        if node.sensitive {
            self.key("sensitive");
            self.raw("true");
        }
        if !node.bits.is_empty() {
            self.key("bits");
            self.list(&node.bits, Json::bit);
        }
        self.key("children");
        self.list(&node.children, |json, child| {
            let mut id = String::from(prefix);
            id.push_str(&child.name);
            let length = id.len();
            id.push('.');
            json.node(child, id.get(..length).unwrap_or_default(), &id, bytes);
        });
    }

    fn bit(&mut self, bit: &Bit) {
        self.key("mask");
        self.number(bit.mask.into());
        self.key("letter");
        self.text(bit.letter);
        self.key("name");
        self.text(bit.name);
        self.key("meaning");
        self.text(bit.meaning);
        self.key("set");
        self.raw(if bit.set { "true" } else { "false" });
    }

    /// Writes the members of a finding.
    pub fn finding(&mut self, finding: &Finding) {
        self.key("id");
        self.text(finding.id);
        self.key("severity");
        self.words(finding.severity.name());
        self.key("text");
        self.words(&finding.text);
        self.key("node");
        self.words(&finding.node);
    }
}
