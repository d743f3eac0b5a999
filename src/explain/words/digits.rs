//! Numbers in words.

use alloc::string::String;

/// Writes a number, with zeros before it if it has fewer digits than wanted.
pub fn decimal(out: &mut String, number: u64, digits: u32) {
    if number > 9 || digits > 1 {
        decimal(out, number / 10, digits.saturating_sub(1));
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// Writes the last digits of a number in hexadecimal.
pub fn hex(out: &mut String, number: u32, digits: u32) {
    for digit in (0..digits).rev() {
        let value = number >> (4 * digit) & 15;
        out.push(char::from_digit(value, 16).unwrap_or_default());
    }
}
