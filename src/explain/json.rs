//! Writes an explanation as JSON.

use crate::explain::findings::Finding;
use crate::explain::node::{Bit, Node, Value};
use crate::explain::texts::Text;
use crate::explain::words::{decimal, hex, moment};
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
    pub fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Writes a comma unless something begins here.
    fn next(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    /// Begins a text, a list or an object.
    fn open(&mut self, bracket: char) {
        self.next();
        self.0.push(bracket);
    }

    /// Begins a member.
    pub fn key(&mut self, key: Text) {
        self.text(key);
        self.0.push(':');
    }

    /// Writes a member that is words of our own.
    fn member(&mut self, key: Text, words: &str) {
        self.key(key);
        self.words(words);
    }

    /// Writes words of our own, in which nothing needs an escape.
    pub fn words(&mut self, words: &str) {
        self.open('"');
        self.raw(words);
        self.0.push('"');
    }

    /// Writes a text.
    pub fn text(&mut self, text: Text) {
        self.open('"');
        text.put(&mut self.0);
        self.0.push('"');
    }

    /// Writes what came from outside.
    pub fn string(&mut self, text: &str) {
        self.open('"');
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
    pub fn number(&mut self, number: u64) {
        self.next();
        decimal(&mut self.0, number, 1);
    }

    /// Writes bytes in hexadecimal.
    pub fn hex(&mut self, bytes: &[u8]) {
        self.open('"');
        for byte in bytes {
            hex(&mut self.0, u32::from(*byte), 2);
        }
        self.0.push('"');
    }

    /// Writes a list.
    pub fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.open('[');
        for item in items {
            self.object(|json| write(json, item));
        }
        self.0.push(']');
    }

    /// Writes an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.open('{');
        write(self);
        self.0.push('}');
    }

    /// Writes a range.
    pub fn range(&mut self, start: usize, end: usize) {
        self.key(Text::JSON_START);
        self.number(start as u64);
        self.key(Text::JSON_END);
        self.number(end as u64);
    }

    /// Writes the members of a node. `path` is its id, or empty if it is the root.
    pub fn node(&mut self, node: &Node, path: &mut String, bytes: &[u8]) {
        let length = path.len();
        self.member(Text::JSON_ID, if length == 0 { &node.name } else { path });
        self.member(Text::JSON_LABEL, &node.label);
        self.range(node.start, node.end);
        self.key(Text::JSON_VALUE);
        match &node.value {
            Value::None => self.raw("null"),
            Value::Number(number) => self.number(*number),
            Value::Text(text) => self.string(text),
            Value::Time(time) => {
                self.open('"');
                moment(&mut self.0, *time);
                self.0.push('"');
            }
            Value::Bytes => self.hex(bytes.get(node.start..node.end).unwrap_or_default()),
        }
        self.member(Text::JSON_MEANING, &node.meaning);
        if !node.problem.is_empty() {
            self.member(Text::JSON_PROBLEM, &node.problem);
        }
        if node.sensitive {
            self.key(Text::JSON_SENSITIVE);
            self.raw("true");
        }
        if !node.bits.is_empty() {
            self.key(Text::JSON_BITS);
            self.list(&node.bits, Json::bit);
        }
        self.key(Text::JSON_CHILDREN);
        self.list(&node.children, |json, child| {
            if length > 0 {
                path.push('.');
            }
            path.push_str(&child.name);
            json.node(child, path, bytes);
            path.truncate(length);
        });
    }

    fn bit(&mut self, bit: &Bit) {
        self.key(Text::JSON_MASK);
        self.number(bit.mask.into());
        self.key(Text::JSON_LETTER);
        self.text(bit.letter);
        self.key(Text::JSON_NAME);
        self.text(bit.name);
        self.key(Text::JSON_MEANING);
        self.text(bit.meaning);
        self.key(Text::JSON_SET);
        self.raw(if bit.set { "true" } else { "false" });
    }

    /// Writes the members of a finding.
    pub fn finding(&mut self, finding: &Finding) {
        self.key(Text::JSON_ID);
        self.text(finding.id);
        self.key(Text::JSON_SEVERITY);
        self.text(finding.severity.name());
        self.member(Text::JSON_TEXT, &finding.text);
        self.member(Text::JSON_NODE, &finding.node);
    }
}
