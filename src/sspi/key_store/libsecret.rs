//! The Secret Service (GNOME Keyring, KWallet, KeePassXC) by libsecret.

use super::{Fault, SERVICE};
use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use zeroize::Zeroizing;

pub const NAME: &str = "Secret Service";

const FILE: &str = "libsecret-1.so.0";
const ADVICE: &str = "install libsecret-1-0 and a key store such as gnome-keyring, and sign in to a desktop session that unlocks it, or use --file";

/// A locked key store asks the person at the screen, who may not be there.
const PATIENCE: Duration = Duration::from_secs(60);

const ATTRIBUTE_STRING: c_int = 0;

#[repr(C)]
#[derive(Clone, Copy)]
struct Attribute {
    name: *const c_char,
    kind: c_int,
}

/// `SecretSchema`.
#[repr(C)]
struct Schema {
    name: *const c_char,
    flags: c_int,
    attributes: [Attribute; 32],
    reserved: c_int,
    more: [*mut c_void; 7],
}

// SAFETY: it points to constants.
unsafe impl Sync for Schema {}

const NO_ATTRIBUTE: Attribute = Attribute { name: ptr::null(), kind: 0 };

static SCHEMA: Schema = {
    let mut attributes = [NO_ATTRIBUTE; 32];
    attributes[0] = Attribute { name: c"service".as_ptr(), kind: ATTRIBUTE_STRING };
    attributes[1] = Attribute { name: c"username".as_ptr(), kind: ATTRIBUTE_STRING };
    Schema { name: c"ntlm-wasm".as_ptr(), flags: 0, attributes, reserved: 0, more: [ptr::null_mut(); 7] }
};

/// `GError`.
#[repr(C)]
struct GError {
    domain: u32,
    code: c_int,
    message: *const c_char,
}

type Store = unsafe extern "C" fn(
    *const Schema,
    *const c_char,
    *const c_char,
    *const c_char,
    *mut c_void,
    *mut *mut GError,
    ...
) -> c_int;
type Lookup = unsafe extern "C" fn(*const Schema, *mut c_void, *mut *mut GError, ...) -> *mut c_char;
type Clear = unsafe extern "C" fn(*const Schema, *mut c_void, *mut *mut GError, ...) -> c_int;

library!(FILE, ADVICE, {
    store: Store = b"secret_password_store_sync\0",
    lookup: Lookup = b"secret_password_lookup_sync\0",
    clear: Clear = b"secret_password_clear_sync\0",
    free_password: unsafe extern "C" fn(*mut c_char) = b"secret_password_free\0",
    // Functions of GLib are found through libsecret, which is linked to it.
    free_error: unsafe extern "C" fn(*mut GError) = b"g_error_free\0",
    new_cancellable: unsafe extern "C" fn() -> *mut c_void = b"g_cancellable_new\0",
    cancel: unsafe extern "C" fn(*mut c_void) = b"g_cancellable_cancel\0",
    unref: unsafe extern "C" fn(*mut c_void) = b"g_object_unref\0",
});

impl Library {
    /// Takes an error over.
    fn fault(&self, error: *mut GError) -> Option<Fault> {
        // SAFETY: an error of GLib's holds a message until it is freed, which is here.
        let message = unsafe {
            let message = error.as_ref().map(|error| CStr::from_ptr(error.message).to_string_lossy().into_owned())?;
            (self.free_error)(error);
            message
        };
        Some(Fault::Unavailable { message: format!("the Secret Service cannot be used ({message})"), advice: ADVICE })
    }

    /// Makes a call that is given up when there is no answer.
    fn patiently<T>(&self, call: impl FnOnce(*mut c_void, *mut *mut GError) -> T) -> Result<T, Fault> {
        // SAFETY: it is ours until it is released below, after the thread that shares it has ended.
        let cancellable = unsafe { (self.new_cancellable)() };
        let (done, waits) = mpsc::channel::<()>();
        let (cancel, shared) = (self.cancel, Shared(cancellable));
        let watch = thread::spawn(move || {
            let shared = shared;
            if waits.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                // SAFETY: cancelling is allowed from every thread.
                unsafe { cancel(shared.0) }
            }
        });
        let mut error = ptr::null_mut();
        let result = call(cancellable, &raw mut error);
        drop(done);
        let _ = watch.join();
        // SAFETY: the other thread has ended.
        unsafe { (self.unref)(cancellable) }
        match self.fault(error) {
            Some(fault) => Err(fault),
            None => Ok(result),
        }
    }
}

struct Shared(*mut c_void);

// SAFETY: GCancellable may be used by several threads.
unsafe impl Send for Shared {}

/// Calls a function of libsecret for the entry of this name. `argument`s are those between the schema and the cancellable.
macro_rules! ask {
    ($function:ident, $name:expr $(, $argument:expr)*) => {{
        let (library, service, name) = (Library::get()?, c_string(SERVICE)?, c_string($name)?);
        library.patiently(|cancellable, error| {
            // SAFETY: the strings live until the call returns; a null pointer ends the list of attributes.
            unsafe {
                (library.$function)(
                    &raw const SCHEMA,
                    $($argument,)*
                    cancellable,
                    error,
                    c"service".as_ptr(),
                    service.as_ptr(),
                    c"username".as_ptr(),
                    name.as_ptr(),
                    ptr::null::<c_char>(),
                )
            }
        })?
    }};
}

pub fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let found = ask!(lookup, name);
    if found.is_null() {
        return Ok(None);
    }
    // SAFETY: the library's string is valid until it is freed, which wipes it.
    unsafe {
        let secret = Zeroizing::new(CStr::from_ptr(found).to_bytes().to_vec());
        (Library::get()?.free_password)(found);
        Ok(Some(secret))
    }
}

pub fn write(name: &str, label: &str, secret: &[u8]) -> Result<(), Fault> {
    let label = c_string(label)?;
    let mut text = Zeroizing::new(Vec::with_capacity(secret.len() + 1));
    text.extend_from_slice(secret);
    text.push(0);
    let secret = CStr::from_bytes_with_nul(&text).map_err(|_| holds_zero())?;
    // Without a collection the default one is used.
    if ask!(store, name, ptr::null(), label.as_ptr(), secret.as_ptr()) == 0 {
        return Err(Fault::Refused { message: "the Secret Service did not store the secret".to_string() });
    }
    Ok(())
}

pub fn delete(name: &str) -> Result<bool, Fault> {
    Ok(ask!(clear, name) != 0)
}

fn c_string(text: &str) -> Result<CString, Fault> {
    CString::new(text).map_err(|_| holds_zero())
}

fn holds_zero() -> Fault {
    Fault::Refused { message: String::from("a zero byte cannot be stored in the Secret Service") }
}
