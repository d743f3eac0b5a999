//! A labelled range of bytes, with what it holds.
//!
//! INVARIANT, from [`Node::cover`] on: the children of a node lie within it, one after the other, and leave no byte out.

use crate::explain::bytes::is_blank;
use crate::explain::texts::{Text, Title};
use crate::explain::words::{Words, decimal};
use crate::wire::filetime::FileTime;
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
    /// Text, a version.
    Text(String),
    /// A moment.
    Time(FileTime),
    /// Its bytes as they are.
    Bytes,
}

/// One bit of a set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// The bit alone.
    pub mask: u32,
    /// The letter that the specification gives it; empty if it gives none.
    pub letter: Text,
    /// Its name.
    pub name: Text,
    /// What it means if it is set.
    pub meaning: Text,
    /// Whether it is.
    pub set: bool,
}

/// A node of the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name among its siblings; joined by full stops with those of its parents it is unique.
    pub name: String,
    /// What to call it: the name in the specification.
    pub label: String,
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

impl Value {
    /// The same, for a node whose range is another: what is but bytes has no value then.
    pub(super) fn elsewhere(&self) -> Value {
        match self {
            Value::None | Value::Bytes => Value::None,
            Value::Number(number) => Value::Number(*number),
            Value::Text(text) => Value::Text(text.clone()),
            Value::Time(time) => Value::Time(*time),
        }
    }
}

impl Node {
    /// The child of a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }
}

// Nodes are filled in by reference: handed from call to call by value, they were a third of the decoder's code.
impl Node {
    /// A node without value.
    #[inline(never)]
    pub(super) fn new(title: Title, range: Range<usize>) -> Self {
        let mut node = Node { start: range.start, end: range.end, ..Node::default() };
        title.name().put(&mut node.name);
        title.label().put(&mut node.label);
        title.meaning().put(&mut node.meaning);
        node
    }

    /// A node whose value is its bytes.
    #[inline(never)]
    pub(super) fn bytes(title: Title, range: Range<usize>) -> Self {
        Node { value: Value::Bytes, ..Node::new(title, range) }
    }

    /// Adds to the name where it begins, which makes it unique.
    #[inline(never)]
    pub(super) fn name_place(&mut self) {
        self.name.push('@');
        decimal(&mut self.name, self.start as u64, 1);
    }

    /// Holds this.
    #[inline(never)]
    pub(super) fn holds(&mut self, value: Value) {
        self.value = value;
    }

    /// Means this.
    #[inline(never)]
    pub(super) fn means(&mut self, text: Text) {
        self.meaning.clear();
        text.put(&mut self.meaning);
    }

    /// Means what these words say.
    #[inline(never)]
    pub(super) fn means_words(&mut self, words: &str) {
        self.meaning.clear();
        self.meaning.push_str(words);
    }

    /// Has this wrong with it. The numbers fill the text's gaps.
    #[inline(never)]
    pub(super) fn wrong(&mut self, text: Text, numbers: &[usize]) {
        let mut words = Words::of(text, &mut self.problem);
        for number in numbers {
            words = words.number(*number as u64);
        }
        words.end();
    }

    /// Whether it has this title's name.
    #[inline(never)]
    pub(super) fn is(&self, title: Title) -> bool {
        title.name().is(&self.name)
    }

    /// The child of a title.
    #[inline(never)]
    pub(super) fn part(&self, title: Title) -> Option<&Node> {
        self.children.iter().find(|child| child.is(title))
    }

    /// Puts children into order and adds nodes for the bytes that none of them has.
    ///
    /// A child that reaches into an earlier one keeps what is its own alone, and says so.
    #[inline(never)]
    pub(super) fn cover(&mut self, bytes: &[u8], children: Vec<Node>) {
        // Nearly always they are in order already: a real sort would be larger than all the rest of this file.
        self.children = children;
        for end in 1..self.children.len() {
            let mut at = end;
            while at > 0 && self.is_behind(at - 1, at) {
                self.children.swap(at - 1, at);
                at -= 1;
            }
        }
        let (mut place, mut at) = (0, self.start);
        while let Some(child) = self.children.get_mut(place) {
            child.cut(at, self.end);
            let (start, end) = (child.start, child.end);
            place += 1 + self.fill(place, bytes, at..start, Title::UNUSED);
            at = end;
        }
        self.fill(place, bytes, at..self.end, Title::TRAILING);
    }

    /// Whether a child belongs behind another one.
    fn is_behind(&self, one: usize, other: usize) -> bool {
        let place = |at: usize| self.children.get(at).map(|child| (child.start, child.end));
        place(one) > place(other)
    }

    /// Keeps the part between two places.
    fn cut(&mut self, start: usize, end: usize) {
        if self.start >= start && self.end <= end {
            return;
        }
        if self.end > self.start && self.start < start && self.problem.is_empty() {
            self.wrong(Text::OVERLAPS, &[self.start, self.end.min(start)]);
        }
        self.start = self.start.clamp(start, end);
        self.end = self.end.clamp(self.start, end);
        self.children.clear();
    }

    /// Puts a node in a place among the children for bytes that none of them has, if there are any. How many it put there.
    #[inline(never)]
    fn fill(&mut self, place: usize, bytes: &[u8], range: Range<usize>, title: Title) -> usize {
        if range.is_empty() {
            return 0;
        }
        let zero = bytes.get(range.clone()).is_some_and(is_blank);
        let mut node = Node::bytes(if zero { Title::PADDING } else { title }, range);
        node.name_place();
        self.children.insert(place, node);
        1
    }

    /// Moves the node and all within it, for a message that lies inside another.
    pub(super) fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
        for child in &mut self.children {
            child.shift(by);
        }
    }
}
