//! Just the DER that SPNEGO and the search for a certificate need: elements with a one-byte tag and a definite length (X.690 8.1).
//!
//! Lengths in more bytes than needed are read, as some peers write them so.

use alloc::vec::Vec;

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its tag, class and constructed bit included.
    pub tag: u8,
    /// Its content.
    pub content: &'a [u8],
    /// The whole of it, as it stood.
    pub whole: &'a [u8],
}

/// Takes the next element off the front of `rest`; `None` when there is none that is complete.
pub fn next<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let (tag, after_tag) = rest.split_first()?;
    let (first, after_length) = after_tag.split_first()?;
    let (length, content) = if *first < 0x80 {
        (usize::from(*first), after_length)
    } else {
        let (bytes, content) = after_length.split_at_checked(usize::from(*first & 0x7f))?;
        if bytes.is_empty() {
            return None; // the indefinite form, which DER does not have
        }
        let fold = |length: usize, byte: &u8| length.checked_mul(0x100)?.checked_add(usize::from(*byte));
        (bytes.iter().try_fold(0, fold)?, content)
    };
    let (content, behind) = content.split_at_checked(length)?;
    let whole = rest.get(..rest.len() - behind.len())?;
    *rest = behind;
    Some(Element { tag: *tag, content, whole })
}

/// Takes the next element if it has this tag.
pub fn expect<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let element = next(rest)?;
    (element.tag == tag).then_some(element.content)
}

/// Writes an element around its content, which is given in parts.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut written = Vec::with_capacity(length + 6);
    written.push(tag);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 0x80 => written.push(short),
        (Ok(one), _) => written.extend_from_slice(&[0x81, one]),
        (_, Ok(two)) => written.extend_from_slice(&[&[0x82][..], &two.to_be_bytes()].concat()),
        // Tokens are far from 4 GiB: message 3, the largest, has six fields of at most 64 KiB each.
        _ => written.extend_from_slice(&[&[0x84][..], &(length as u32).to_be_bytes()].concat()),
    }
    parts.iter().for_each(|part| written.extend_from_slice(part));
    written
}
