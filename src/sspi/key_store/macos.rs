//! The login keychain of macOS, by the Security framework.

use super::{Fault, SERVICE};
use alloc::format;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr;
use zeroize::Zeroizing;

pub const NAME: &str = "macOS Keychain";

const FILE: &str = "/System/Library/Frameworks/Security.framework/Security";
const ADVICE: &str = "unlock the login keychain, or store the password with --file";

type Item = *mut c_void;
type Find = unsafe extern "C" fn(Item, u32, *const u8, u32, *const u8, *mut u32, *mut *mut c_void, *mut Item) -> i32;
type Add = unsafe extern "C" fn(Item, u32, *const u8, u32, *const u8, u32, *const u8, *mut Item) -> i32;

/// `errSecItemNotFound`.
const NOT_FOUND: i32 = -25_300;

library!(FILE, ADVICE, {
    find: Find = b"SecKeychainFindGenericPassword\0",
    add: Add = b"SecKeychainAddGenericPassword\0",
    modify: unsafe extern "C" fn(Item, *const c_void, u32, *const u8) -> i32 = b"SecKeychainItemModifyAttributesAndData\0",
    delete: unsafe extern "C" fn(Item) -> i32 = b"SecKeychainItemDelete\0",
    free: unsafe extern "C" fn(*const c_void, *mut c_void) -> i32 = b"SecKeychainItemFreeContent\0",
    // Found through Security, which is linked to it.
    release: unsafe extern "C" fn(Item) = b"CFRelease\0",
});

impl Library {
    /// The item of this name with its secret.
    fn item(&self, name: &str) -> Result<Option<(Owned<'_>, Zeroizing<Vec<u8>>)>, Fault> {
        let (mut length, mut data, mut item) = (0, ptr::null_mut(), ptr::null_mut());
        // SAFETY: names go with their lengths; what is found is ours to free and to release.
        let status = unsafe {
            (self.find)(
                ptr::null_mut(),
                size(SERVICE.as_bytes())?,
                SERVICE.as_ptr(),
                size(name.as_bytes())?,
                name.as_ptr(),
                &raw mut length,
                &raw mut data,
                &raw mut item,
            )
        };
        if status == NOT_FOUND {
            return Ok(None);
        }
        checked(status)?;
        let mut secret = Zeroizing::new(Vec::new());
        if !data.is_null() {
            // SAFETY: the keychain says that so many bytes lie there.
            unsafe {
                secret.extend_from_slice(core::slice::from_raw_parts(data.cast::<u8>(), length as usize));
                (self.free)(ptr::null(), data);
            }
        }
        Ok(Some((Owned { library: self, item }, secret)))
    }
}

/// An item that is released when it is dropped.
struct Owned<'a> {
    library: &'a Library,
    item: Item,
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        if !self.item.is_null() {
            // SAFETY: it was given to us, and to no other owner.
            unsafe { (self.library.release)(self.item) }
        }
    }
}

pub fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    Ok(Library::get()?.item(name)?.map(|(_, secret)| secret))
}

pub fn write(name: &str, _label: &str, secret: &[u8]) -> Result<(), Fault> {
    let library = Library::get()?;
    if let Some((owned, _)) = library.item(name)? {
        // SAFETY: the item is alive; the bytes go with their length.
        return checked(unsafe { (library.modify)(owned.item, ptr::null(), size(secret)?, secret.as_ptr()) });
    }
    // SAFETY: names and bytes go with their lengths; the item itself is not wanted.
    checked(unsafe {
        (library.add)(
            ptr::null_mut(),
            size(SERVICE.as_bytes())?,
            SERVICE.as_ptr(),
            size(name.as_bytes())?,
            name.as_ptr(),
            size(secret)?,
            secret.as_ptr(),
            ptr::null_mut(),
        )
    })
}

pub fn delete(name: &str) -> Result<bool, Fault> {
    let library = Library::get()?;
    let Some((owned, _)) = library.item(name)? else { return Ok(false) };
    // SAFETY: the item is alive.
    checked(unsafe { (library.delete)(owned.item) })?;
    Ok(true)
}

fn size(bytes: &[u8]) -> Result<u32, Fault> {
    u32::try_from(bytes.len()).map_err(|_| Fault::Refused { message: "the text is too long for the keychain".into() })
}

fn checked(status: i32) -> Result<(), Fault> {
    if status == 0 {
        return Ok(());
    }
    Err(Fault::Refused { message: format!("the keychain refused (OSStatus {status})") })
}
