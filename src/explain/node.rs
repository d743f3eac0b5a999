//! A labelled range of bytes, with what it holds.
//!
//! INVARIANT, from [`Node::cover`] on: the children of a node lie within it, one after the other, and leave no byte out.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// What a range of bytes stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Nothing of its own: its children say it.
    #[default]
    None,
    /// A number.
    Number(u64),
    /// Text, a time, a version.
    Text(String),
    /// Its bytes as they are.
    Bytes,
}

/// One bit of a set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// The bit alone.
    pub mask: u32,
    /// The letter that the specification gives it; empty if it gives none.
    pub letter: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means if it is set.
    pub meaning: &'static str,
    /// Whether it is.
    pub set: bool,
}

/// A node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name among its siblings; joined by full stops with those of its parents it is unique.
    pub name: Cow<'static, str>,
    /// What to call it: the name in the specification.
    pub label: Cow<'static, str>,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it holds.
    pub value: Value,
    /// What that means, in words.
    pub meaning: String,
    /// What is wrong with it; empty if nothing is.
    pub problem: String,
    /// Whether it could serve to attack the password or the session, so that a view may mask it.
    pub sensitive: bool,
    /// The flags, if it is a set of flags.
    pub bits: Vec<Bit>,
    /// What it is made of.
    pub children: Vec<Node>,
}

impl Node {
    /// A node without value.
    pub fn new(name: impl Into<Cow<'static, str>>, label: impl Into<Cow<'static, str>>, range: Range<usize>) -> Self {
        Node { name: name.into(), label: label.into(), start: range.start, end: range.end, ..Node::default() }
    }

    /// A node whose value is its bytes.
    pub fn bytes(name: &'static str, label: &'static str, range: Range<usize>) -> Self {
        Node { value: Value::Bytes, ..Node::new(name, label, range) }
    }

    /// With a number.
    #[must_use]
    pub fn number(mut self, value: impl Into<u64>) -> Self {
        self.value = Value::Number(value.into());
        self
    }

    /// With text.
    #[must_use]
    pub fn text(mut self, value: impl Into<String>) -> Self {
        self.value = Value::Text(value.into());
        self
    }

    /// With what it means.
    #[must_use]
    pub fn meaning(mut self, meaning: impl Into<String>) -> Self {
        self.meaning = meaning.into();
        self
    }

    /// With what is wrong with it.
    #[must_use]
    pub fn problem(mut self, problem: impl Into<String>) -> Self {
        self.problem = problem.into();
        self
    }

    /// Marked as something to be masked.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Puts children into order and adds nodes for the bytes that none of them has.
    ///
    /// A child that reaches into an earlier one keeps what is its own alone, and says so.
    #[must_use]
    pub fn cover(mut self, bytes: &[u8], children: Vec<Node>) -> Self {
        // Nearly always they are in order already: a real sort would be larger than all the rest of this file.
        let mut sorted: Vec<Node> = Vec::with_capacity(children.len());
        for child in children {
            let at = sorted.partition_point(|other| (other.start, other.end) <= (child.start, child.end));
            sorted.insert(at, child);
        }
        let mut at = self.start;
        for child in sorted {
            let child = child.after(at, self.end);
            if child.start > at {
                self.children.push(unclaimed(bytes, at..child.start, "unused bytes"));
            }
            at = child.end;
            self.children.push(child);
        }
        if at < self.end {
            self.children.push(unclaimed(bytes, at..self.end, "trailing bytes"));
        }
        self
    }

    /// The part of the node between two places.
    fn after(mut self, start: usize, end: usize) -> Self {
        if self.start >= start && self.end <= end {
            return self;
        }
        if self.end > self.start && self.start < start && self.problem.is_empty() {
            self.problem =
                format!("its bytes {} to {} belong to another field as well", self.start, self.end.min(start));
        }
        self.start = self.start.clamp(start, end);
        self.end = self.end.clamp(self.start, end);
        self.children.clear();
        self
    }

    /// Moves the node and all within it, for a message that lies inside another.
    pub fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
        self.children.iter_mut().for_each(|child| child.shift(by));
    }

    /// The child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
}

fn unclaimed(bytes: &[u8], range: Range<usize>, label: &'static str) -> Node {
    let zero = bytes.get(range.clone()).is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    let meaning = if zero { "zeros, to fill up" } else { "no field points here" };
    let name = format!("unused@{}", range.start);
    Node { value: Value::Bytes, ..Node::new(name, if zero { "padding" } else { label }, range).meaning(meaning) }
}
