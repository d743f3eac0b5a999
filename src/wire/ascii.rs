//! ASCII protocol text as bytes. The search and trim functions of `str` support all of Unicode and need ten times the code.

/// Splits at the first occurrence of a separator.
pub fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(separator.len()).position(|window| window == separator)?;
    Some((text.get(..at)?, text.get(at + separator.len()..)?))
}
