//! Walks along a structure of fixed fields and makes a node of each, until the bytes end.

use crate::explain::bytes::little_endian;
use crate::explain::node::{Node, Title, Value};
use crate::wire::field::Field;
use alloc::format;
use alloc::vec::Vec;

const FIELD_LENGTH: Title = Title::new("length", "Len", "its length in bytes");
const FIELD_MAXIMUM: Title = Title::new("maximum", "MaxLen", "its allocated length, which receivers ignore");
const FIELD_OFFSET: Title = Title::new("offset", "BufferOffset", "where it begins, from the first byte of the message");

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

    /// The next field. If it is incomplete, its node reports that, and no further fields are found.
    pub fn field(&mut self, title: Title, size: usize) -> Option<(&'a [u8], &mut Node)> {
        let start = self.at;
        let bytes = self.bytes.get(start..).unwrap_or_default();
        let bytes = bytes.get(..size).unwrap_or(bytes);
        self.at = start + bytes.len();
        let node = Node::bytes(title, start..self.at);
        if bytes.len() < size {
            self.cut_short(node, size);
            return None;
        }
        self.nodes.push(node);
        self.nodes.last_mut().map(|node| (bytes, node))
    }

    /// The next field, a number.
    pub fn number(&mut self, title: Title, size: usize) -> Option<u32> {
        let (bytes, node) = self.field(title, size)?;
        let number = little_endian(bytes) as u32;
        node.value = Value::Number(number.into());
        Some(number)
    }

    /// The next field, which points to a part of the payload.
    pub fn pointer(&mut self, title: Title) -> Option<Field> {
        let start = self.at;
        let mut inner = Layout::new(self.bytes, start);
        let length = inner.number(FIELD_LENGTH, 2);
        let maximum = inner.number(FIELD_MAXIMUM, 2);
        let offset = inner.number(FIELD_OFFSET, 4);
        self.at = inner.at;
        let mut node = Node::new(title, start..self.at);
        node.cover(self.bytes, inner.nodes);
        let (Some(length), Some(maximum), Some(offset)) = (length, maximum, offset) else {
            self.cut_short(node, Field::SIZE);
            return None;
        };
        node.meaning = if length == 0 { "empty".into() } else { format!("{length} bytes at {offset}").into() };
        self.nodes.push(node);
        Some(Field { length: length as u16, maximum: maximum as u16, offset })
    }

    /// Reports the field in which the token ends. The fields after it are not reported.
    fn cut_short(&mut self, mut node: Node, size: usize) {
        if self.nodes.last().is_none_or(|last| last.problem.is_empty()) {
            // The meaning applies to the whole field only.
            node.meaning = "".into();
            let present = node.end - node.start;
            node.problem = format!("the token ends within this field: {present} of its {size} bytes are here").into();
            self.nodes.push(node);
        }
    }
}
