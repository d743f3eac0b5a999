//! Walks along a structure of fixed fields and makes a node of each, until the bytes end.

use crate::explain::node::Node;
use crate::wire::field::Field;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

/// Where the walk is, and what it has found.
pub struct Layout<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What has been found.
    pub nodes: Vec<Node>,
}

impl<'a> Layout<'a> {
    /// A walk from a place on.
    pub const fn new(bytes: &'a [u8], at: usize) -> Self {
        Layout { bytes, at, nodes: Vec::new() }
    }

    /// Where the next field begins.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The next field, of `N` bytes. If it is not all there, a node says so, and nothing more will be found.
    pub fn field<const N: usize>(
        &mut self,
        name: &'static str,
        label: &'static str,
        explain: impl FnOnce(Node, [u8; N]) -> Node,
    ) -> Option<[u8; N]> {
        let range = self.claim(N);
        let node = Node::bytes(name, label, range.clone());
        let Some(value) = self.bytes.get(range).and_then(|bytes| <[u8; N]>::try_from(bytes).ok()) else {
            self.cut_short(node, N);
            return None;
        };
        self.nodes.push(explain(node, value));
        Some(value)
    }

    /// The next field, of 16 bits.
    pub fn u16(&mut self, name: &'static str, label: &'static str, meaning: &'static str) -> Option<u16> {
        self.field(name, label, |node, value| node.number(u16::from_le_bytes(value)).meaning(meaning))
            .map(u16::from_le_bytes)
    }

    /// The next field, of 32 bits.
    pub fn u32(&mut self, name: &'static str, label: &'static str, meaning: &'static str) -> Option<u32> {
        self.field(name, label, |node, value| node.number(u32::from_le_bytes(value)).meaning(meaning))
            .map(u32::from_le_bytes)
    }

    /// The next field, bytes without a form.
    pub fn raw<const N: usize>(
        &mut self,
        name: &'static str,
        label: &'static str,
        meaning: &'static str,
    ) -> Option<[u8; N]> {
        self.field(name, label, |node, _| node.meaning(meaning))
    }

    /// The next field, which points to a part of the payload.
    pub fn pointer(&mut self, name: &'static str, label: &'static str) -> Option<Field> {
        let start = self.at;
        let mut inner = Layout::new(self.bytes, start);
        let length = inner.u16("length", "Len", "its length in bytes");
        let maximum = inner.u16("maximum", "MaxLen", "the space kept for it, which receivers ignore");
        let offset = inner.u32("offset", "BufferOffset", "where it begins, from the first byte of the message");
        self.at = inner.at;
        let node = Node::new(name, label, start..self.at).cover(self.bytes, inner.nodes);
        let found =
            length.zip(maximum).zip(offset).map(|((length, maximum), offset)| Field { length, maximum, offset });
        match found {
            Some(field) if field.length == 0 => self.nodes.push(node.meaning("empty")),
            Some(field) => self.nodes.push(node.meaning(format!("{} bytes at {}", field.length, field.offset))),
            None => self.cut_short(node, Field::SIZE),
        }
        found
    }

    /// Tells of the field in which the token ends; of those that should follow there is nothing to tell.
    fn cut_short(&mut self, mut node: Node, size: usize) {
        if self.nodes.last().is_none_or(|last| last.problem.is_empty()) {
            let there = node.end - node.start;
            node.problem = format!("the token ends within this field: {there} of its {size} bytes are there");
            self.nodes.push(node);
        }
    }

    fn claim(&mut self, size: usize) -> Range<usize> {
        let start = self.at;
        self.at = start.saturating_add(size).min(self.bytes.len());
        start..self.at
    }
}
