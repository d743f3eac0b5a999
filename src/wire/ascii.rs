//! Text of protocols as bytes. The searching and trimming of `str` handles all of Unicode, which costs ten times the code.

/// What stands before and behind the first occurrence of a separator.
pub fn split_once<'a>(text: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(separator.len()).position(|window| window == separator)?;
    Some((text.get(..at)?, text.get(at + separator.len()..)?))
}

/// A decimal number, if it is one and not too large.
pub fn parse_u16(digits: &[u8]) -> Option<u16> {
    let add = |number: u16, digit: &u8| {
        let value = digit.checked_sub(b'0').filter(|value| *value < 10)?;
        number.checked_mul(10)?.checked_add(u16::from(value))
    };
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}
