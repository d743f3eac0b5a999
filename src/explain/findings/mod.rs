//! What is weak or odd about a token.

mod messages;
mod spnego;

use crate::explain::Context;
use crate::explain::node::Node;
use crate::explain::spnego::{message, title};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::challenge::Challenge;
use crate::ntlm::message::MessageType;
use crate::ntlm::negotiate::Negotiate;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The token is damaged.
    Error,
    /// An attacker could make use of it, or a server may refuse it.
    Warning,
    /// Good to know.
    Note,
}

/// One finding. Its id never changes its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, and what follows, in a sentence.
    pub text: Cow<'static, str>,
    /// The id of the node that it is about.
    pub node: String,
}

/// A kind of finding.
#[derive(Clone, Copy)]
struct Remark {
    id: &'static str,
    severity: Severity,
    /// The id of the node that it is about, from the message on.
    node: &'static str,
    /// The sentence; empty if it depends on the token.
    text: &'static str,
}

impl Remark {
    const fn new(id: &'static str, severity: Severity, node: &'static str, text: &'static str) -> Self {
        Remark { id, severity, node, text }
    }
}

const DAMAGED: Remark = Remark::new("damaged", Severity::Error, "", "");
const UNREADABLE: Remark = Remark::new("damaged", Severity::Error, "messageType", "");
const UNUSED_BYTES: Remark = Remark::new("unused-bytes", Severity::Note, "", "");

/// Collects findings, worst first.
#[derive(Default)]
pub struct Findings {
    list: Vec<Finding>,
    /// The id of the message with a full stop, if the message is not the root.
    prefix: String,
}

const MOST_DAMAGES: usize = 20;

impl Findings {
    /// Finds what is damaged, then what there is to say about the SPNEGO token and the message.
    pub fn of(tree: &Node, bytes: &[u8], context: &Context<'_>) -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.damages(tree);
        let mut inner = Some(tree);
        if tree.name == title::SPNEGO_TOKEN.name {
            findings.spnego(tree, bytes);
            inner = message(tree);
            findings.prefix = inner.map(|message| [&message.id, "."].concat()).unwrap_or_default();
        }
        if let Some(message) = inner.and_then(|node| bytes.get(node.start..node.end)) {
            findings.message(message, context);
        }
        findings.list
    }

    /// Adds a finding about a node of the message, with its usual sentence.
    fn add(&mut self, remark: Remark) {
        self.say(remark, remark.text);
    }

    /// Adds a finding about a node of the message, with a sentence of its own.
    fn say(&mut self, remark: Remark, text: impl Into<Cow<'static, str>>) {
        let node = [&self.prefix, remark.node].concat();
        self.insert(remark, node, text.into());
    }

    /// Adds a finding after all that are as severe.
    fn insert(&mut self, Remark { id, severity, .. }: Remark, node: String, text: Cow<'static, str>) {
        let at = self.list.partition_point(|finding| finding.severity <= severity);
        self.list.insert(at, Finding { id, severity, text, node });
    }

    fn damages(&mut self, node: &Node) {
        for child in &node.children {
            if self.list.len() < MOST_DAMAGES {
                self.damage(child);
            }
            self.damages(child);
        }
    }

    fn damage(&mut self, node: &Node) {
        if !node.problem.is_empty() {
            let text = format!("{}, at byte {}: {}", node.label, node.start, node.problem);
            self.insert(DAMAGED, node.id.clone(), text.into());
        } else if node.is_unused() {
            let text = format!("{} bytes at {} belong to no field", node.end - node.start, node.start);
            self.insert(UNUSED_BYTES, node.id.clone(), text.into());
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
        // What the parser of the protocol refuses is damaged, even if the walk found no problem.
        if let Err(error) = read
            && self.list.iter().all(|finding| finding.severity != Severity::Error)
        {
            let at = error.position().unwrap_or_default();
            self.say(UNREADABLE, format!("nobody could read this message, from byte {at} on"));
        }
    }
}
