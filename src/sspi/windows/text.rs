//! Windows strings: UTF-16 with a terminating zero.

use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// A string for Windows, wiped when dropped, because it may be a password.
pub struct Wide(Zeroizing<Vec<u16>>);

impl Wide {
    /// Converts a string and appends the terminator.
    pub fn new(text: &str) -> Self {
        // Allocated once: a growing vector would leave copies in freed memory.
        let mut units = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        units.extend(text.encode_utf16());
        units.push(0);
        Wide(units)
    }

    /// Returns the length in UTF-16 units, without the terminator.
    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len() - 1).unwrap_or(0)
    }

    /// Returns a pointer to the string.
    pub fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }

    /// Returns a mutable pointer, for functions that do not write to it.
    pub fn as_mut_ptr(&mut self) -> *mut u16 {
        self.0.as_mut_ptr()
    }
}

/// Copies a Windows string. A null pointer is `None`.
///
/// # Safety
///
/// The pointer must be null, or point to UTF-16 with a terminating zero.
pub unsafe fn read(text: *const u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    let mut length = 0;
    // SAFETY: the caller guarantees that all units up to the terminator can be read.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: as above.
    Some(String::from_utf16_lossy(unsafe { core::slice::from_raw_parts(text, length) }))
}
