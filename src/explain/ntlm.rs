//! The three messages (MS-NLMP 2.2.1), whole or damaged.

use crate::explain::Context;
use crate::explain::bytes::{is_blank, little_endian};
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Title, Value};
use crate::explain::{av, flags, response, text, version};
use crate::ntlm::flags::Flags;
use crate::ntlm::message::MessageType;
use crate::ntlm::version::Version;
use crate::wire::field::Field;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const UNKNOWN_MESSAGE: Title = Title::new("unknownMessage", "NTLMSSP message", "");
const NEGOTIATE_MESSAGE: Title = Title::new("negotiateMessage", "NEGOTIATE_MESSAGE", "");
const CHALLENGE_MESSAGE: Title = Title::new("challengeMessage", "CHALLENGE_MESSAGE", "");
const AUTHENTICATE_MESSAGE: Title = Title::new("authenticateMessage", "AUTHENTICATE_MESSAGE", "");
const SIGNATURE: Title = Title::new("signature", "Signature", "the first bytes of every message");
const MESSAGE_TYPE: Title = Title::new("messageType", "MessageType", "");
const NEGOTIATE_FLAGS: Title = Title::new("negotiateFlags", "NegotiateFlags", "");
const SERVER_CHALLENGE: Title = Title::new("serverChallenge", "ServerChallenge", "the server's nonce");
const CHALLENGE_RESERVED: Title = Title::new("reserved", "Reserved", "a context for authentication within one machine");
const VERSION: Title = Title::new("version", "Version", "not announced by the flags, so without meaning");
const MIC: Title = Title::new("mic", "MIC", "the message integrity code, over all three messages");

/// A part of the payload, and its pointer in the header.
#[derive(Clone, Copy)]
struct Titles {
    part: Title,
    pointer: Title,
}

macro_rules! titles {
    ($name:literal $label:literal $meaning:literal) => {
        Titles {
            part: Title::new($name, $label, $meaning),
            pointer: Title::new(concat!($name, "Fields"), concat!($label, "Fields"), ""),
        }
    };
}

const DOMAIN_NAME: Titles = titles!("domainName" "DomainName" "");
const WORKSTATION: Titles = titles!("workstation" "Workstation" "");
const TARGET_NAME: Titles = titles!("targetName" "TargetName" "");
const TARGET_INFO: Titles = titles!("targetInfo" "TargetInfo" "the server's attributes");
const LM_RESPONSE: Titles = titles!("lmChallengeResponse" "LmChallengeResponse" "");
const NT_RESPONSE: Titles = titles!("ntChallengeResponse" "NtChallengeResponse" "");
const USER_NAME: Titles = titles!("userName" "UserName" "");
const SESSION_KEY: Titles = titles!(
    "encryptedRandomSessionKey" "EncryptedRandomSessionKey" "the session key that the client chose, encrypted"
);

/// A part of the payload.
#[derive(Clone, Copy)]
struct Part {
    title: Title,
    content: Content,
    field: Field,
}

/// What a part of the payload holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    OemName,
    Name,
    LmResponse,
    NtResponse,
    SessionKey,
    AvPairs,
}

/// A message on its way to a tree.
struct Message<'a> {
    bytes: &'a [u8],
    layout: Layout<'a>,
    parts: Vec<Part>,
    flags: Flags,
    context: &'a Context<'a>,
}

/// The tree of a message; the bytes begin with its signature.
pub fn explain(bytes: &[u8], context: &Context<'_>) -> (Option<MessageType>, Node) {
    let mut message =
        Message { bytes, layout: Layout::new(bytes, 0), parts: Vec::new(), flags: Flags::default(), context };
    if let Some(([name @ .., 0], node)) = message.layout.field(SIGNATURE, 8) {
        node.value = Value::Text(String::from_utf8_lossy(name).into_owned());
    }
    let number = message.layout.number(MESSAGE_TYPE, 4);
    let kind = MessageType::of(bytes).ok();
    if number.is_some()
        && let Some(node) = message.layout.nodes.last_mut()
    {
        match kind {
            Some(MessageType::Negotiate) => node.meaning = "NEGOTIATE, from the client".into(),
            Some(MessageType::Challenge) => node.meaning = "CHALLENGE, from the server".into(),
            Some(MessageType::Authenticate) => node.meaning = "AUTHENTICATE, from the client".into(),
            None => node.problem = "unknown message type; expected 1, 2 or 3".into(),
        }
    }
    let title = match kind {
        Some(MessageType::Negotiate) => {
            message.negotiate();
            NEGOTIATE_MESSAGE
        }
        Some(MessageType::Challenge) => {
            message.challenge();
            CHALLENGE_MESSAGE
        }
        Some(MessageType::Authenticate) => {
            message.authenticate();
            AUTHENTICATE_MESSAGE
        }
        None => UNKNOWN_MESSAGE,
    };
    (kind, message.finish(title))
}

/// Whether a node is that of a whole message.
pub fn is_message(node: &Node) -> bool {
    [UNKNOWN_MESSAGE, NEGOTIATE_MESSAGE, CHALLENGE_MESSAGE, AUTHENTICATE_MESSAGE]
        .iter()
        .any(|title| title.name == node.name)
}

impl Message<'_> {
    fn negotiate(&mut self) {
        self.flags();
        for (titles, flag) in
            [(DOMAIN_NAME, Flags::OEM_DOMAIN_SUPPLIED), (WORKSTATION, Flags::OEM_WORKSTATION_SUPPLIED)]
        {
            // Short headers end before these fields.
            let left = self.layout.remaining();
            if left == 0 || (left >= Field::SIZE && !self.header_has(Field::SIZE)) {
                break;
            }
            if self.flags.contains(flag) {
                self.part(titles, Content::OemName);
            } else {
                // Old clients leave junk in fields that the flags do not announce.
                self.unannounced(titles);
            }
        }
        self.version();
    }

    fn challenge(&mut self) {
        self.part(TARGET_NAME, Content::Name);
        self.flags();
        self.layout.field(SERVER_CHALLENGE, 8);
        if self.header_has(16) {
            self.layout.field(CHALLENGE_RESERVED, 8);
            self.part(TARGET_INFO, Content::AvPairs);
            // Target information may be present although the flag is missing; a pointer outside the message is junk then.
            if !self.flags.contains(Flags::TARGET_INFO)
                && self
                    .parts
                    .last()
                    .is_some_and(|part| part.content == Content::AvPairs && part.field.of(self.bytes).is_err())
            {
                self.parts.pop();
            }
        }
        self.version();
    }

    fn authenticate(&mut self) {
        for (titles, content) in [
            (LM_RESPONSE, Content::LmResponse),
            (NT_RESPONSE, Content::NtResponse),
            (DOMAIN_NAME, Content::Name),
            (USER_NAME, Content::Name),
            (WORKSTATION, Content::Name),
        ] {
            self.part(titles, content);
        }
        if self.header_has(Field::SIZE + 4) {
            self.part(SESSION_KEY, Content::SessionKey);
            self.flags();
        }
        if self.version()
            && self.header_has(16)
            && let Some((value, node)) = self.layout.field(MIC, 16)
        {
            if is_blank(value) {
                node.meaning = "zeros: there is no message integrity code".into();
            } else {
                // Its key comes from the password: passwords can be tried on it with all three messages.
                node.sensitive = true;
            }
        }
    }

    fn flags(&mut self) {
        if let Some((value, node)) = self.layout.field(NEGOTIATE_FLAGS, 4) {
            self.flags = Flags(little_endian(value) as u32);
            flags::negotiate(node, self.flags.0);
        }
    }

    /// The version, if the header has a place for it.
    fn version(&mut self) -> bool {
        if self.header_has(Version::SIZE)
            && let Some((_, node)) = self.layout.field(VERSION, Version::SIZE)
        {
            version::explain(node, self.bytes, self.flags.contains(Flags::VERSION));
            return true;
        }
        false
    }

    /// Whether the header has this many more bytes. The header ends where the payload begins.
    fn header_has(&self, more: usize) -> bool {
        let at = self.layout.position();
        let offsets = self.parts.iter().filter(|part| part.field.length > 0).map(|part| part.field.offset as usize);
        offsets.filter(|offset| *offset >= at).fold(self.bytes.len(), usize::min) >= at + more
    }

    fn part(&mut self, titles: Titles, content: Content) {
        if let Some(field) = self.layout.pointer(titles.pointer) {
            self.parts.push(Part { title: titles.part, content, field });
        }
    }

    fn unannounced(&mut self, titles: Titles) {
        if self.layout.pointer(titles.pointer).is_some_and(|field| field.length != 0)
            && let Some(node) = self.layout.nodes.last_mut()
        {
            node.meaning = format!("not announced by the flags, so without meaning ({})", titles.part.label).into();
        }
    }

    fn finish(mut self, title: Title) -> Node {
        let mut nodes = core::mem::take(&mut self.layout.nodes);
        for part in &self.parts {
            nodes.push(self.payload(part));
        }
        let mut node = Node::new(title, 0..self.bytes.len());
        node.cover(self.bytes, nodes);
        node
    }

    fn payload(&self, &Part { title, content, field }: &Part) -> Node {
        let (size, header) = (self.bytes.len(), self.layout.position());
        let (length, offset) = (usize::from(field.length), field.offset as usize);
        let start = offset.min(size);
        let end = start.saturating_add(length).min(size);
        if length == 0 {
            let start = start.max(header.min(size));
            let mut node = Node::new(title, start..start);
            if matches!(content, Content::OemName | Content::Name) {
                node.value = Value::Text(String::new());
            }
            node.meaning = "empty".into();
            return node;
        }
        let mut node = Node::new(title, start..end);
        if end - start < length {
            let present = end - start;
            node.problem = format!("it points to {length} bytes at {offset}, but only {present} are here").into();
        } else if start < header {
            node.problem = format!("it points into the header, at {start}").into();
        }
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        match content {
            Content::Name if self.flags.contains(Flags::UNICODE) => text::unicode(&mut node, bytes),
            Content::OemName | Content::Name => text::oem(&mut node, bytes),
            Content::LmResponse => response::lm(&mut node, self.bytes),
            Content::NtResponse => response::nt(&mut node, self.bytes, self.flags.contains(Flags::ESS), self.context),
            Content::SessionKey => {
                node.value = Value::Bytes(Vec::new());
                node.sensitive = true;
            }
            Content::AvPairs => node.cover(self.bytes, av::pairs(self.bytes, start..end, self.context)),
        }
        node
    }
}
