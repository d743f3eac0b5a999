//! The three messages (MS-NLMP 2.2.1), whole or damaged.

use crate::explain::Context;
use crate::explain::bytes::{is_blank, little_endian};
use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::texts::{Text, Title};
use crate::explain::words::Words;
use crate::explain::{av, flags, response, text, version};
use crate::ntlm::flags::Flags;
use crate::ntlm::message::MessageType;
use crate::ntlm::version::Version;
use crate::wire::field::Field;
use crate::wire::utf8;
use alloc::string::String;
use alloc::vec::Vec;

/// A part of the payload.
#[derive(Clone, Copy)]
struct Part {
    /// Its title; that of its pointer comes next.
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
    if let Some(([name @ .., 0], node)) = message.layout.field(Title::SIGNATURE, 8) {
        node.holds(Value::Text(utf8::to_string(name)));
    }
    let number = message.layout.number(Title::MESSAGE_TYPE, 4);
    let kind = MessageType::of(bytes).ok();
    if number.is_some()
        && let Some(node) = message.layout.nodes.last_mut()
    {
        match kind {
            Some(kind) => node.means(Text(Text::TYPE_1.0 + kind as u16 - 1)),
            None => node.wrong(Text::WRONG_TYPE, &[]),
        }
    }
    match kind {
        Some(MessageType::Negotiate) => message.negotiate(),
        Some(MessageType::Challenge) => message.challenge(),
        Some(MessageType::Authenticate) => message.authenticate(),
        None => {}
    }
    let title = Title::UNKNOWN_MESSAGE.later(kind.map_or(0, |kind| kind as u16));
    (kind, message.finish(title))
}

impl Message<'_> {
    fn negotiate(&mut self) {
        self.flags();
        for (title, flag) in
            [(Title::DOMAIN_NAME, Flags::OEM_DOMAIN_SUPPLIED), (Title::WORKSTATION, Flags::OEM_WORKSTATION_SUPPLIED)]
        {
            // Short headers end before these, and then the payload begins.
            let left = self.layout.remaining();
            if left == 0 || (left >= Field::SIZE && !self.header_has(Field::SIZE)) {
                break;
            }
            if self.flags.contains(flag) {
                self.part(title, Content::OemName);
            } else {
                // Old clients leave junk where the flags announce nothing.
                self.unannounced(title);
            }
        }
        self.version();
    }

    fn challenge(&mut self) {
        self.part(Title::TARGET_NAME, Content::Name);
        self.flags();
        self.layout.field(Title::SERVER_CHALLENGE, 8);
        if self.header_has(16) {
            self.layout.field(Title::CHALLENGE_RESERVED, 8);
            self.part(Title::TARGET_INFO, Content::AvPairs);
            // The information may be there although the flag is missing, but what lies outside then is junk.
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
        for (title, content) in [
            (Title::LM_RESPONSE, Content::LmResponse),
            (Title::NT_RESPONSE, Content::NtResponse),
            (Title::DOMAIN_NAME, Content::Name),
            (Title::USER_NAME, Content::Name),
            (Title::WORKSTATION, Content::Name),
        ] {
            self.part(title, content);
        }
        if self.header_has(Field::SIZE + 4) {
            self.part(Title::SESSION_KEY, Content::SessionKey);
            self.flags();
        }
        if self.version()
            && self.header_has(16)
            && let Some((value, node)) = self.layout.field(Title::MIC, 16)
        {
            if is_blank(value) {
                node.means(Text::NO_MIC);
            } else {
                // Its key comes from the password: whoever has all three messages can try passwords on it.
                node.sensitive = true;
            }
        }
    }

    fn flags(&mut self) {
        if let Some((value, node)) = self.layout.field(Title::NEGOTIATE_FLAGS, 4) {
            self.flags = Flags(little_endian(value) as u32);
            flags::negotiate(node, self.flags.0);
        }
    }

    /// The version, if the header has a place for it.
    fn version(&mut self) -> bool {
        if self.header_has(Version::SIZE)
            && let Some((_, node)) = self.layout.field(Title::VERSION, Version::SIZE)
        {
            version::explain(node, self.bytes, self.flags.contains(Flags::VERSION));
            return true;
        }
        false
    }

    /// Whether the header goes on for so many bytes: which of its sizes it has shows where the payload begins.
    #[inline(never)]
    fn header_has(&self, more: usize) -> bool {
        let at = self.layout.position();
        let offsets = self.parts.iter().filter(|part| part.field.length > 0).map(|part| part.field.offset as usize);
        offsets.filter(|offset| *offset >= at).fold(self.bytes.len(), usize::min) >= at + more
    }

    #[inline(never)]
    fn part(&mut self, title: Title, content: Content) {
        if let Some(field) = self.layout.pointer(title.later(1)) {
            self.parts.push(Part { title, content, field });
        }
    }

    fn unannounced(&mut self, title: Title) {
        if self.layout.pointer(title.later(1)).is_some_and(|field| field.length != 0)
            && let Some(node) = self.layout.nodes.last_mut()
        {
            Words::of(Text::UNANNOUNCED, &mut node.meaning).text(title.label()).end();
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
                node.holds(Value::Text(String::new()));
            }
            node.means(Text::EMPTY);
            return node;
        }
        let mut node = Node::new(title, start..end);
        if end - start < length {
            node.wrong(Text::OUT_OF_REACH, &[offset, length, end - start]);
        } else if start < header {
            node.wrong(Text::IN_HEADER, &[start]);
        }
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        match content {
            Content::Name if self.flags.contains(Flags::UNICODE) => text::unicode(&mut node, bytes),
            Content::OemName | Content::Name => text::oem(&mut node, bytes),
            Content::LmResponse => response::lm(&mut node, self.bytes),
            Content::NtResponse => response::nt(&mut node, self.bytes, self.flags.contains(Flags::ESS), self.context),
            Content::SessionKey => {
                node.holds(Value::Bytes);
                node.sensitive = true;
            }
            Content::AvPairs => node.cover(self.bytes, av::pairs(self.bytes, start..end, self.context)),
        }
        node
    }
}
