//! What is weak or odd about a token.

mod messages;
mod spnego;

use crate::explain::Context;
use crate::explain::node::Node;
use crate::explain::spnego::message;
use crate::explain::texts::{Remark, Text, Title};
use crate::explain::words::Words;
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::challenge::Challenge;
use crate::ntlm::message::MessageType;
use crate::ntlm::negotiate::Negotiate;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::take;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The token is damaged.
    Error,
    /// Someone could make use of it, or a server may refuse it.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// Its name.
    pub const fn name(self) -> Text {
        Text(Text::SEVERITY_ERROR.0 + self as u16)
    }
}

/// One finding. Its id never changes its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub id: Text,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, and what follows, in a sentence.
    pub text: String,
    /// The id of the node that it is about.
    pub node: String,
}

/// Findings on their way, worst first.
#[derive(Default)]
pub struct Findings {
    list: Vec<Finding>,
    /// What stands before the ids of nodes that remarks name: that of the message, with a full stop behind it, if it is not the root.
    prefix: String,
    /// The sentence that is being said.
    sentence: String,
}

const MOST_DAMAGES: usize = 20;

impl Findings {
    /// Finds what is damaged, then what the token of SPNEGO and the message have to say.
    pub fn of(tree: &Node, bytes: &[u8], context: &Context<'_>) -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.damages(tree);
        let mut inner = Some(tree);
        if tree.is(Title::SPNEGO_TOKEN) {
            findings.spnego(tree, bytes);
            findings.prefix.clear();
            inner = message(tree, &mut findings.prefix);
        }
        if let Some(message) = inner.and_then(|node| bytes.get(node.start..node.end)) {
            findings.message(message, context);
        }
        findings.list
    }

    /// Begins the sentence of a remark with gaps, which is to be added next.
    #[inline(never)]
    fn say(&mut self, remark: Remark) -> Words<'_> {
        Words::of(remark.sentence(), &mut self.sentence)
    }

    /// Adds a finding with the sentence that was said.
    #[inline(never)]
    fn add(&mut self, severity: Severity, remark: Remark) {
        let mut node = String::new();
        node.push_str(&self.prefix);
        remark.node().put(&mut node);
        let at = self.list.iter().rposition(|finding| finding.severity <= severity).map_or(0, |last| last + 1);
        self.list.insert(at, Finding { id: remark.id(), severity, text: take(&mut self.sentence), node });
    }

    #[inline(never)]
    fn warn(&mut self, remark: Remark) {
        self.say(remark).end();
        self.add(Severity::Warning, remark);
    }

    #[inline(never)]
    fn note(&mut self, remark: Remark) {
        self.say(remark).end();
        self.add(Severity::Note, remark);
    }

    /// The prefix is the id of the node, or empty if it is the root.
    fn damages(&mut self, node: &Node) {
        let length = self.prefix.len();
        for child in &node.children {
            if length > 0 {
                self.prefix.push('.');
            }
            self.prefix.push_str(&child.name);
            if self.list.len() < MOST_DAMAGES {
                self.damage(child);
            }
            self.damages(child);
            self.prefix.truncate(length);
        }
    }

    fn damage(&mut self, node: &Node) {
        let (start, size) = (node.start as u64, (node.end - node.start) as u64);
        if !node.problem.is_empty() {
            self.say(Remark::DAMAGED).words(&node.label).number(start).words(&node.problem).end();
            self.add(Severity::Error, Remark::DAMAGED);
        } else if Title::UNUSED.label().is(&node.label) || Title::TRAILING.label().is(&node.label) {
            self.say(Remark::UNUSED_BYTES).number(size).number(start).end();
            self.add(Severity::Note, Remark::UNUSED_BYTES);
        }
    }

    fn message(&mut self, bytes: &[u8], context: &Context<'_>) {
        let read = MessageType::of(bytes).and_then(|kind| match kind {
            MessageType::Negotiate => Negotiate::decode(bytes).map(|message| self.negotiate(&message)),
            MessageType::Challenge => Challenge::decode(bytes).map(|message| self.challenge(&message, context)),
            MessageType::Authenticate => {
                Authenticate::decode(bytes).map(|message| self.authenticate(&message, context))
            }
        });
        // What the parser of the protocol refuses is damaged, even if the walk took no offence.
        if let Err(error) = read
            && self.list.iter().all(|finding| finding.severity != Severity::Error)
        {
            let at = u64::from(error.position().unwrap_or_default());
            self.say(Remark::UNREADABLE).number(at).end();
            self.add(Severity::Error, Remark::UNREADABLE);
        }
    }
}
