//! Text of protocols as bytes. The searching and trimming of `str` handles all of Unicode, which costs ten times the code.

/// What stands before and behind the first occurrence of a separator.
pub fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(separator.len()).position(|window| window == separator)?;
    Some((text.get(..at)?, text.get(at + separator.len()..)?))
}
