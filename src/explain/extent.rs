//! Whether a token is all there.

use crate::explain::spnego;
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE};
use alloc::vec::Vec;

/// How far a token reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it is there, or its lengths cannot be right.
    Whole,
    /// The end is missing. Its full length, if enough of it is there to know.
    CutOff(Option<usize>),
}

/// Between the fields of a payload there is at most so much padding.
const WIDEST_GAP: usize = 8;

/// The extent of a token by its own lengths. Lengths that leave gaps are damage: nothing that was cut off would have filled them.
pub fn extent(token: &[u8]) -> Extent {
    let declared = if token.starts_with(&SIGNATURE) { message(token) } else { wrapped(token) };
    match declared {
        Declared::Unknown => Extent::CutOff(None),
        Declared::Length(length) if length > token.len() => Extent::CutOff(Some(length)),
        Declared::Length(_) | Declared::Implausible => Extent::Whole,
    }
}

/// What a token says about its length.
enum Declared {
    /// Its header is cut off.
    Unknown,
    /// This many bytes.
    Length(usize),
    /// What cannot be.
    Implausible,
}

/// No token is larger.
const LARGEST: usize = 200_000;

fn wrapped(token: &[u8]) -> Declared {
    match spnego::declared_length(token) {
        None => Declared::Unknown,
        Some(length) if length <= LARGEST => Declared::Length(length),
        Some(_) => Declared::Implausible,
    }
}

fn message(bytes: &[u8]) -> Declared {
    if bytes.len() < 12 {
        return Declared::Unknown;
    }
    let Ok(kind) = MessageType::of(bytes) else { return Declared::Implausible };
    let (header, fields): (usize, &[usize]) = match kind {
        MessageType::Negotiate => (16, &[16, 24]),
        MessageType::Challenge => (32, &[12, 40]),
        MessageType::Authenticate => (52, &[12, 20, 28, 36, 44, 52]),
    };
    if bytes.len() < header {
        return Declared::Unknown;
    }
    let number =
        |at: usize, size: usize| bytes.get(at..at + size).map(|value| super::bytes::little_endian(value) as usize);
    let flags_at = if kind == MessageType::Challenge { 20 } else { 12 };
    let flags = Flags(number(flags_at, 4).unwrap_or_default() as u32);
    let mut parts = Vec::new();
    let mut payload = usize::MAX;
    for &at in fields {
        // Old clients leave junk in fields that the flags do not announce.
        let announced = match (kind, at) {
            (MessageType::Negotiate, 16) => flags.contains(Flags::OEM_DOMAIN_SUPPLIED),
            (MessageType::Negotiate, _) => flags.contains(Flags::OEM_WORKSTATION_SUPPLIED),
            (MessageType::Challenge, 40) => flags.contains(Flags::TARGET_INFO),
            _ => true,
        };
        if !announced || at + 8 > payload {
            continue;
        }
        let (Some(length), Some(offset)) = (number(at, 2), number(at + 4, 4)) else { return Declared::Unknown };
        if length > 0 {
            payload = payload.min(offset);
            parts.push((offset, offset.saturating_add(length)));
        }
    }
    let mut end = header.max(parts.iter().map(|part| part.0).min().unwrap_or_default());
    // In their order. There are six at most.
    while let Some((first, _)) = parts.iter().enumerate().min_by_key(|(_, part)| part.0) {
        let (start, stop) = parts.swap_remove(first);
        if stop > bytes.len() && start > end.saturating_add(WIDEST_GAP) {
            return Declared::Implausible;
        }
        end = end.max(stop);
    }
    // The header of messages 1 and 2 ends with the version, if there is one.
    let versioned = match kind {
        MessageType::Negotiate => 32..40,
        MessageType::Challenge => 48..56,
        MessageType::Authenticate => 0..0,
    };
    if flags.contains(Flags::VERSION) && payload >= versioned.end && bytes.len() > versioned.start {
        end = end.max(versioned.end);
    }
    // The payload begins right after the header, which has 88 bytes at most.
    if payload != usize::MAX && payload > 160 { Declared::Implausible } else { Declared::Length(end) }
}
