//! What is weak or odd about a token.

mod messages;
mod spnego;

use crate::explain::Context;
use crate::explain::node::Node;
use crate::explain::spnego::message;
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::challenge::Challenge;
use crate::ntlm::message::MessageType;
use crate::ntlm::negotiate::Negotiate;
use alloc::format;
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
    pub id: &'static str,
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
    /// The id of the message, with a full stop behind it if it is not the root.
    prefix: String,
}

const MOST_DAMAGES: usize = 20;

impl Findings {
    /// Finds what is damaged, then what the token of SPNEGO and the message have to say.
    pub fn of(tree: &Node, bytes: &[u8], context: &Context<'_>) -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.damages(tree, &mut Vec::new());
        let mut path = Vec::new();
        let message = if tree.name == "spnegoToken" {
            let inner = message(tree, &mut path);
            findings.spnego(tree, bytes);
            findings.prefix = path.iter().map(|name| format!("{name}.")).collect();
            inner
        } else {
            Some(tree)
        };
        if let Some(message) = message.and_then(|node| bytes.get(node.start..node.end)) {
            findings.message(message, context);
        }
        findings.list
    }

    fn add(&mut self, severity: Severity, id: &'static str, node: &str, text: impl Into<String>) {
        let node = format!("{}{node}", self.prefix);
        let at = self.list.partition_point(|finding| finding.severity <= severity);
        self.list.insert(at, Finding { id, severity, text: text.into(), node });
    }

    fn warn(&mut self, id: &'static str, node: &str, text: impl Into<String>) {
        self.add(Severity::Warning, id, node, text);
    }

    fn note(&mut self, id: &'static str, node: &str, text: impl Into<String>) {
        self.add(Severity::Note, id, node, text);
    }

    fn damages<'a>(&mut self, node: &'a Node, path: &mut Vec<&'a str>) {
        for child in &node.children {
            path.push(&child.name);
            if self.list.len() < MOST_DAMAGES {
                if !child.problem.is_empty() {
                    let text = format!("{}, at byte {}: {}", child.label, child.start, child.problem);
                    self.add(Severity::Error, "damaged", &path.join("."), text);
                } else if child.label == "unused bytes" || child.label == "trailing bytes" {
                    let size = child.end - child.start;
                    let text = format!("{size} bytes at {} belong to no field", child.start);
                    self.note("unused-bytes", &path.join("."), text);
                }
            }
            self.damages(child, path);
            path.pop();
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
            let at = error.position().unwrap_or_default();
            self.add(
                Severity::Error,
                "damaged",
                "messageType",
                format!("nobody could read this message, from byte {at} on"),
            );
        }
    }
}
