//! The subset of DER that SPNEGO and certificate parsing need: elements with a one-byte tag and a definite length (X.690 8.1).
//!
//! Lengths encoded in more bytes than necessary are accepted, because some peers send them.

use alloc::vec::Vec;

/// A DER element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// The tag, including class and constructed bit.
    pub tag: u8,
    /// The content.
    pub content: &'a [u8],
    /// The whole element, unchanged.
    pub whole: &'a [u8],
}

/// Takes the next element from the front of `rest`; returns `None` if there is no complete one.
pub fn next<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let (tag, after_tag) = rest.split_first()?;
    let (first, after_length) = after_tag.split_first()?;
    let (length, content) = if *first < 0x80 {
        (usize::from(*first), after_length)
    } else {
        let (bytes, content) = after_length.split_at_checked(usize::from(*first & 0x7f))?;
        if bytes.is_empty() {
            return None; // the indefinite form, which DER does not allow
        }
        let fold = |length: usize, byte: &u8| length.checked_mul(0x100)?.checked_add(usize::from(*byte));
        (bytes.iter().try_fold(0, fold)?, content)
    };
    let (content, behind) = content.split_at_checked(length)?;
    let whole = rest.get(..rest.len() - behind.len())?;
    *rest = behind;
    Some(Element { tag: *tag, content, whole })
}

/// Returns the content of the next element if it has this tag.
pub fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let element = next(rest)?;
    (element.tag == tag).then_some(element.content)
}

/// Turns everything written from `start` on into the content of an element.
pub fn enclose(written: &mut Vec<u8>, start: usize, tag: u8) {
    let end = written.len();
    let length = end.saturating_sub(start) as u32; // tokens are much smaller than 4 GiB
    let [a, b, c, d] = length.to_be_bytes();
    let header: &[u8] = match length {
        0..0x80 => &[tag, d],
        0x80..0x100 => &[tag, 0x81, d],
        0x100..0x1_0000 => &[tag, 0x82, c, d],
        _ => &[tag, 0x84, a, b, c, d],
    };
    written.extend_from_slice(header);
    written.copy_within(start..end, start + header.len());
    if let Some(place) = written.get_mut(start..start + header.len()) {
        place.copy_from_slice(header);
    }
}
