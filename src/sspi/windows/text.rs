//! Strings as Windows has them: UTF-16 with a zero at the end.

use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// A string for Windows, wiped when it is dropped: it may be a password.
pub struct Wide(Zeroizing<Vec<u16>>);

impl Wide {
    /// The string, with a zero behind it.
    pub fn new(text: &str) -> Self {
        // Room for all of it at once: a vector that grows would leave copies behind.
        let mut units = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        units.extend(text.encode_utf16());
        units.push(0);
        Wide(units)
    }

    /// Its length in UTF-16 units, without the zero.
    pub fn len(&self) -> u32 {
        u32::try_from(self.0.len() - 1).unwrap_or(0)
    }

    /// Where it stands.
    pub fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }

    /// The same for functions that could write to it but do not.
    pub fn as_mut_ptr(&mut self) -> *mut u16 {
        self.0.as_mut_ptr()
    }
}

/// Reads a string of Windows', or nothing from a null pointer.
///
/// # Safety
///
/// The pointer is null, or points to UTF-16 with a zero at its end.
pub unsafe fn read(text: *const u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    let mut length = 0;
    // SAFETY: as the caller promises, all units up to the zero can be read.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: as above.
    Some(String::from_utf16_lossy(unsafe { core::slice::from_raw_parts(text, length) }))
}
