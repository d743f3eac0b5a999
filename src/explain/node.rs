//! A labelled range of bytes, with what it holds.
//!
//! INVARIANT, from [`Node::cover`] on: the children of a node lie within it, one after the other, and leave no byte out.

use crate::explain::bytes::is_blank;
use crate::wire::filetime::FileTime;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;
use serde::{Serialize, Serializer};

/// What a range of bytes is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Title {
    /// Its name among its siblings, a part of ids.
    pub name: &'static str,
    /// The name in the specification.
    pub label: &'static str,
    /// What it means, unless more is known; may be empty.
    pub meaning: &'static str,
}

impl Title {
    pub const fn new(name: &'static str, label: &'static str, meaning: &'static str) -> Self {
        Title { name, label, meaning }
    }
}

/// What a range of bytes stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// No value: its children have the values.
    #[default]
    None,
    /// A number.
    Number(u64),
    /// Text, a version.
    Text(String),
    /// A time; serialized in ISO 8601.
    Time(FileTime),
    /// Bytes without further structure; serialized in hexadecimal.
    Bytes(Vec<u8>),
}

impl Value {
    /// The value for a parent of the node that holds it. Bytes belong to one range only.
    pub(super) fn for_parent(&self) -> Value {
        match self {
            Value::Bytes(_) => Value::None,
            other => other.clone(),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::None => serializer.serialize_none(),
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Time(time) => serializer.serialize_str(&super::iso::iso(*time)),
            Value::Bytes(bytes) => serializer.serialize_str(&super::bytes::hex(bytes)),
        }
    }
}

/// One bit of a set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bit {
    /// The bit alone.
    pub mask: u32,
    /// The letter that the specification gives it; empty if it gives none.
    pub letter: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means if it is set.
    pub meaning: &'static str,
    /// Whether it is set.
    pub set: bool,
}

/// A node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Unique in the tree and stable: the names from the root's children down to this node, joined by full stops.
    pub id: String,
    /// Its name among its siblings.
    #[serde(skip)]
    pub name: Cow<'static, str>,
    /// The name in the specification.
    pub label: Cow<'static, str>,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it holds.
    pub value: Value,
    /// What that means, in words.
    pub meaning: Cow<'static, str>,
    /// What is wrong with it; empty if nothing is.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub problem: Cow<'static, str>,
    /// Whether it can be used to attack the password or the session, so that a view may mask it.
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// The flags, if it is a set of flags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bits: Vec<Bit>,
    /// What it is made of.
    pub children: Vec<Node>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

const UNUSED: Title = Title::new("unused", "unused bytes", "no field points here");
const TRAILING: Title = Title::new("unused", "trailing bytes", "no field points here");
const PADDING: Title = Title::new("unused", "padding", "zeros");

impl Node {
    /// The child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// A node without value.
    pub(super) fn new(title: Title, range: Range<usize>) -> Self {
        Node {
            name: title.name.into(),
            label: title.label.into(),
            meaning: title.meaning.into(),
            start: range.start,
            end: range.end,
            ..Node::default()
        }
    }

    /// A node whose value is its bytes, which [`Node::complete`] fills in.
    pub(super) fn bytes(title: Title, range: Range<usize>) -> Self {
        Node { value: Value::Bytes(Vec::new()), ..Node::new(title, range) }
    }

    /// Adds the position to the name, which makes it unique.
    pub(super) fn name_position(&mut self) {
        self.name = format!("{}@{}", self.name, self.start).into();
    }

    /// Whether these bytes belong to no field.
    pub(super) fn is_unused(&self) -> bool {
        self.label == UNUSED.label || self.label == TRAILING.label
    }

    /// Puts children into order and adds nodes for the bytes that none of them has.
    ///
    /// A child that reaches into an earlier one keeps only the bytes after it, and reports the overlap.
    pub(super) fn cover(&mut self, bytes: &[u8], mut children: Vec<Node>) {
        children.sort_by_key(|child| (child.start, child.end));
        let mut at = self.start;
        for mut child in children {
            child.cut(at, self.end);
            self.fill(bytes, at..child.start, UNUSED);
            at = child.end;
            self.children.push(child);
        }
        self.fill(bytes, at..self.end, TRAILING);
    }

    /// Keeps the part between two positions.
    fn cut(&mut self, start: usize, end: usize) {
        if self.start >= start && self.end <= end {
            return;
        }
        if self.end > self.start && self.start < start && self.problem.is_empty() {
            let last = self.end.min(start);
            self.problem = format!("its bytes {} to {last} belong to another field as well", self.start).into();
        }
        self.start = self.start.clamp(start, end);
        self.end = self.end.clamp(self.start, end);
        self.children.clear();
    }

    /// Adds a child for bytes that no child has, if there are any.
    fn fill(&mut self, bytes: &[u8], range: Range<usize>, title: Title) {
        if !range.is_empty() {
            let zero = bytes.get(range.clone()).is_some_and(is_blank);
            let mut node = Node::bytes(if zero { PADDING } else { title }, range);
            node.name_position();
            self.children.push(node);
        }
    }

    /// Moves the node and all within it, for a message that lies inside another.
    pub(super) fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
        for child in &mut self.children {
            child.shift(by);
        }
    }

    /// Fills in ids and the values that are bytes, once names and ranges are final. The root's id is its name.
    pub(super) fn complete(&mut self, bytes: &[u8]) {
        self.fill_value(bytes);
        for child in &mut self.children {
            child.complete_within("", bytes);
        }
        self.id = self.name.clone().into_owned();
    }

    fn complete_within(&mut self, parent: &str, bytes: &[u8]) {
        self.id = if parent.is_empty() { self.name.clone().into_owned() } else { [parent, &self.name].join(".") };
        self.fill_value(bytes);
        for child in &mut self.children {
            child.complete_within(&self.id, bytes);
        }
    }

    fn fill_value(&mut self, bytes: &[u8]) {
        if let Value::Bytes(value) = &mut self.value {
            *value = bytes.get(self.start..self.end).unwrap_or_default().to_vec();
        }
    }
}
