//! What is weak or odd about a token.

mod messages;
mod remarks;
mod spnego;

use crate::explain::Context;
use crate::explain::extent::{Extent, extent};
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
use remarks::{CUT_OFF, DAMAGED, Remark, UNREADABLE, UNUSED_BYTES};
use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The token is damaged, cut off or rejected: it cannot work.
    Broken,
    /// It exposes the password, or is a sign of an attack.
    Dangerous,
    /// Protection is missing, and some servers reject that.
    Weak,
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
    /// What to do about it.
    pub advice: &'static str,
    /// The id of the node that it is about.
    pub node: String,
}

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
        let complete = match extent(bytes) {
            Extent::CutOff(declared) => {
                findings.cut_off(tree, bytes.len(), declared);
                bytes.len()
            }
            Extent::Whole => usize::MAX,
        };
        findings.damages(tree, complete);
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

    /// Adds a finding about a node of the message, with a specific sentence.
    fn say(&mut self, remark: Remark, text: impl Into<Cow<'static, str>>) {
        let node = [&self.prefix, remark.node].concat();
        self.insert(remark, node, text.into());
    }

    /// Adds a finding after all that are as severe.
    fn insert(&mut self, Remark { id, severity, advice, .. }: Remark, node: String, text: Cow<'static, str>) {
        let at = self.list.partition_point(|finding| finding.severity <= severity);
        self.list.insert(at, Finding { id, severity, text, advice, node });
    }

    fn cut_off(&mut self, tree: &Node, present: usize, declared: Option<usize>) {
        let text = match declared {
            Some(declared) => {
                format!("cut off by the paste, a log or a console: {present} of its {declared} bytes are here")
            }
            None => format!("cut off by the paste, a log or a console: only {present} bytes are here"),
        };
        let last = tree.children.last().map_or(&tree.id, |node| &node.id);
        self.insert(CUT_OFF, last.clone(), text.into());
    }

    /// Reports damage, except in what reaches to the end of a token that was cut off there.
    fn damages(&mut self, node: &Node, cut: usize) {
        for child in &node.children {
            if self.list.len() < MOST_DAMAGES && child.end < cut {
                self.damage(child);
            }
            self.damages(child, cut);
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
            && self.list.iter().all(|finding| finding.severity != Severity::Broken)
        {
            let at = error.position().unwrap_or_default();
            self.say(UNREADABLE, format!("this message cannot be read from byte {at} on"));
        }
    }
}
