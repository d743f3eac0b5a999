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
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
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
}

const MOST_DAMAGES: usize = 20;

impl Findings {
    /// Finds what is damaged, then what the token of SPNEGO and the message have to say.
    pub fn of(tree: &Node, bytes: &[u8], context: &Context<'_>) -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.damages(tree, "");
        let mut inner = Some(tree);
        if tree.is(Title::SPNEGO_TOKEN) {
            findings.spnego(tree, bytes);
            let mut path = Vec::new();
            inner = message(tree, &mut path);
            findings.prefix.clear();
            for name in path {
                findings.prefix.push_str(name);
                findings.prefix.push('.');
            }
        }
        if let Some(message) = inner.and_then(|node| bytes.get(node.start..node.end)) {
            findings.message(message, context);
        }
        findings.list
    }

    /// Adds a finding, with its sentence filled in.
    #[inline(never)]
    fn add(&mut self, severity: Severity, remark: Remark, text: String) {
        let mut node = self.prefix.clone();
        remark.node().put(&mut node);
        let at = self.list.partition_point(|finding| finding.severity <= severity);
        self.list.insert(at, Finding { id: remark.id(), severity, text, node });
    }

    #[inline(never)]
    fn warn(&mut self, remark: Remark) {
        self.add(Severity::Warning, remark, Words::of(remark.sentence()).end());
    }

    #[inline(never)]
    fn note(&mut self, remark: Remark) {
        self.add(Severity::Note, remark, Words::of(remark.sentence()).end());
    }

    /// `prefix` is the id of the node, with a full stop behind it if it is not the root.
    fn damages(&mut self, node: &Node, prefix: &str) {
        for child in &node.children {
            self.prefix.clear();
            self.prefix.push_str(prefix);
            self.prefix.push_str(&child.name);
            let (start, size) = (child.start as u64, (child.end - child.start) as u64);
            if self.list.len() < MOST_DAMAGES {
                if !child.problem.is_empty() {
                    let mut words = Words::of(Remark::DAMAGED.sentence());
                    let text = words.words(&child.label).number(start).words(&child.problem).end();
                    self.add(Severity::Error, Remark::DAMAGED, text);
                } else if Title::UNUSED.label().is(&child.label) || Title::TRAILING.label().is(&child.label) {
                    let text = Words::of(Remark::UNUSED_BYTES.sentence()).number(size).number(start).end();
                    self.add(Severity::Note, Remark::UNUSED_BYTES, text);
                }
            }
            let mut prefix = self.prefix.clone();
            prefix.push('.');
            self.damages(child, &prefix);
        }
        self.prefix.clear();
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
            let text = Words::of(Remark::UNREADABLE.sentence()).number(at).end();
            self.add(Severity::Error, Remark::UNREADABLE, text);
        }
    }
}
