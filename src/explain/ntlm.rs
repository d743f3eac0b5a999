//! The three messages (MS-NLMP 2.2.1), whole or damaged.

use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::{av, flags, response, text, version};
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE, TextEncoding};
use crate::ntlm::version::Version;
use crate::wire::field::Field;
use crate::wire::filetime::FileTime;
use crate::wire::oem::CodePage;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a part of the payload holds.
#[derive(Clone, Copy)]
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
    /// The parts of the payload: name, label, where they lie, what they hold.
    parts: Vec<(&'static str, &'static str, Field, Content)>,
    flags: Flags,
    now: Option<FileTime>,
}

/// The tree of a message; the bytes begin with its signature.
pub fn explain(bytes: &[u8], now: Option<FileTime>) -> (Option<MessageType>, Node) {
    let mut message = Message { bytes, layout: Layout::new(bytes, 0), parts: Vec::new(), flags: Flags::default(), now };
    message
        .layout
        .field::<8>("signature", "Signature", |node, _| node.text("NTLMSSP").meaning("what every message begins with"));
    message.layout.field::<4>("messageType", "MessageType", |node, value| {
        let number = u32::from_le_bytes(value);
        let node = node.number(number);
        match number {
            1 => node.meaning("NEGOTIATE, from the client"),
            2 => node.meaning("CHALLENGE, from the server"),
            3 => node.meaning("AUTHENTICATE, from the client"),
            _ => node.problem("there are messages 1, 2 and 3"),
        }
    });
    debug_assert!(bytes.starts_with(&SIGNATURE));
    let kind = MessageType::of(bytes).ok();
    let (name, label) = match kind {
        Some(MessageType::Negotiate) => message.negotiate(),
        Some(MessageType::Challenge) => message.challenge(),
        Some(MessageType::Authenticate) => message.authenticate(),
        None => ("unknownMessage", "NTLMSSP message"),
    };
    (kind, message.finish(name, label))
}

impl Message<'_> {
    fn negotiate(&mut self) -> (&'static str, &'static str) {
        self.flags();
        for (name, label, flag) in [
            ("domainName", "DomainName", Flags::OEM_DOMAIN_SUPPLIED),
            ("workstation", "Workstation", Flags::OEM_WORKSTATION_SUPPLIED),
        ] {
            // Short headers end before these, and then the payload begins.
            let left = self.layout.remaining();
            if left == 0 || (left >= Field::SIZE && !self.header_has(Field::SIZE)) {
                break;
            }
            if self.flags.contains(flag) {
                self.part(name, label, Content::OemName);
            } else {
                // Old clients leave junk where the flags announce nothing.
                self.unannounced(name, label);
            }
        }
        self.version();
        ("negotiateMessage", "NEGOTIATE_MESSAGE")
    }

    fn challenge(&mut self) -> (&'static str, &'static str) {
        self.part("targetName", "TargetName", Content::Name);
        self.flags();
        self.layout.raw::<8>("serverChallenge", "ServerChallenge", "the server's nonce");
        if self.header_has(16) {
            self.layout.raw::<8>("reserved", "Reserved", "a context, for log-ons within one machine");
            self.part("targetInfo", "TargetInfo", Content::AvPairs);
            if !self.flags.contains(Flags::TARGET_INFO) {
                // The information may be there although the flag is missing, but what lies outside then is junk.
                self.parts.retain(|(name, _, field, _)| *name != "targetInfo" || field.of(self.bytes).is_ok());
            }
        }
        self.version();
        ("challengeMessage", "CHALLENGE_MESSAGE")
    }

    fn authenticate(&mut self) -> (&'static str, &'static str) {
        self.part("lmChallengeResponse", "LmChallengeResponse", Content::LmResponse);
        self.part("ntChallengeResponse", "NtChallengeResponse", Content::NtResponse);
        self.part("domainName", "DomainName", Content::Name);
        self.part("userName", "UserName", Content::Name);
        self.part("workstation", "Workstation", Content::Name);
        if self.header_has(Field::SIZE + 4) {
            self.part("encryptedRandomSessionKey", "EncryptedRandomSessionKey", Content::SessionKey);
            self.flags();
        }
        let version = self.version();
        if version && self.header_has(16) {
            self.layout.field::<16>("mic", "MIC", |node, value| {
                if value == [0; 16] {
                    return node.meaning("zeros: there is no message integrity code");
                }
                // Its key comes from the password: whoever has all three messages can try passwords on it.
                node.meaning("the message integrity code, over all three messages").sensitive()
            });
        }
        ("authenticateMessage", "AUTHENTICATE_MESSAGE")
    }

    fn flags(&mut self) {
        let flags = self.layout.field("negotiateFlags", "NegotiateFlags", flags::negotiate);
        self.flags = flags.map_or(Flags::default(), |flags| Flags(u32::from_le_bytes(flags)));
    }

    /// The version, if the header has a place for it.
    fn version(&mut self) -> bool {
        if !self.header_has(Version::SIZE) {
            return false;
        }
        let announced = self.flags.contains(Flags::VERSION);
        self.layout.field("version", "Version", |node, value| version::node(node, value, announced)).is_some()
    }

    /// Whether the header goes on for so many bytes: which of its sizes it has shows where the payload begins.
    fn header_has(&self, more: usize) -> bool {
        let at = self.layout.position();
        let begins = |field: &Field| field.length > 0 && (field.offset as usize) >= at;
        let payload = self.parts.iter().filter(|(_, _, field, _)| begins(field)).map(|(_, _, field, _)| field.offset);
        payload.min().map_or(self.bytes.len(), |offset| offset as usize).min(self.bytes.len()) >= at + more
    }

    fn part(&mut self, name: &'static str, label: &'static str, content: Content) {
        let (pointer, pointer_label) = pointer_names(name);
        if let Some(field) = self.layout.pointer(pointer, pointer_label) {
            self.parts.push((name, label, field, content));
        }
    }

    fn unannounced(&mut self, name: &'static str, label: &'static str) {
        let (pointer, pointer_label) = pointer_names(name);
        if self.layout.pointer(pointer, pointer_label).is_some_and(|field| field.length != 0)
            && let Some(node) = self.layout.nodes.last_mut()
        {
            node.meaning = format!("not announced by the flags, so it means nothing ({label})");
        }
    }

    fn finish(mut self, name: &'static str, label: &'static str) -> Node {
        let mut nodes = core::mem::take(&mut self.layout.nodes);
        let header = self.layout.position();
        nodes.extend(self.parts.iter().map(|part| self.payload(*part, header)));
        Node::new(name, label, 0..self.bytes.len()).cover(self.bytes, nodes)
    }

    fn payload(
        &self,
        (name, label, field, content): (&'static str, &'static str, Field, Content),
        header: usize,
    ) -> Node {
        let size = self.bytes.len();
        let length = usize::from(field.length);
        let start = if length == 0 {
            (field.offset as usize).clamp(header.min(size), size)
        } else {
            (field.offset as usize).min(size)
        };
        let end = start.saturating_add(length).min(size);
        let mut node = Node::new(name, label, start..end);
        if end - start < length {
            node.problem =
                format!("it should lie at {} with {length} bytes, of which {} are there", field.offset, end - start);
        } else if length > 0 && start < header {
            node.problem = format!("it points into the header, at {start}");
        }
        if length == 0 {
            let value = if matches!(content, Content::OemName | Content::Name) {
                Value::Text(String::new())
            } else {
                Value::None
            };
            return Node { value, ..node.meaning("empty") };
        }
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        let oem = TextEncoding::Oem(CodePage::DEFAULT);
        match content {
            Content::OemName => text::node(node, bytes, oem),
            Content::Name => text::node(node, bytes, TextEncoding::of(self.flags, CodePage::DEFAULT)),
            Content::LmResponse => response::lm(node, self.bytes),
            Content::NtResponse => response::nt(node, self.bytes, self.flags.contains(Flags::ESS), self.now),
            Content::SessionKey => Node { value: Value::Bytes, ..node }
                .sensitive()
                .meaning("the session key that the client chose, encrypted"),
            Content::AvPairs => {
                let meaning = "what the server tells of itself";
                node.meaning(meaning).cover(self.bytes, av::pairs(self.bytes, start..end, self.now))
            }
        }
    }
}

/// What the specification calls the pointer to a part of the payload.
fn pointer_names(name: &'static str) -> (&'static str, &'static str) {
    match name {
        "domainName" => ("domainNameFields", "DomainNameFields"),
        "workstation" => ("workstationFields", "WorkstationFields"),
        "targetName" => ("targetNameFields", "TargetNameFields"),
        "targetInfo" => ("targetInfoFields", "TargetInfoFields"),
        "lmChallengeResponse" => ("lmChallengeResponseFields", "LmChallengeResponseFields"),
        "ntChallengeResponse" => ("ntChallengeResponseFields", "NtChallengeResponseFields"),
        "userName" => ("userNameFields", "UserNameFields"),
        _ => ("encryptedRandomSessionKeyFields", "EncryptedRandomSessionKeyFields"),
    }
}
