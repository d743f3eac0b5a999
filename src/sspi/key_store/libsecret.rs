//! The Secret Service (GNOME Keyring, KWallet, KeePassXC) by libsecret.

use super::{Fault, SERVICE};
use alloc::ffi::CString;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr;
use core::time::Duration;
use std::sync::{OnceLock, mpsc};
use std::thread;
use zeroize::Zeroizing;

pub const NAME: &str = "Secret Service";

const FILE: &str = "libsecret-1.so.0";
const ADVICE: &str =
    "install libsecret-1-0 and a key store such as gnome-keyring, and run this in a session that has a D-Bus";

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

struct Library {
    store: Store,
    lookup: Lookup,
    clear: Clear,
    free_password: unsafe extern "C" fn(*mut c_char),
    free_error: unsafe extern "C" fn(*mut GError),
    new_cancellable: unsafe extern "C" fn() -> *mut c_void,
    cancel: unsafe extern "C" fn(*mut c_void),
    unref: unsafe extern "C" fn(*mut c_void),
}

impl Library {
    fn get() -> Result<&'static Library, Fault> {
        static LIBRARY: OnceLock<Result<Library, Fault>> = OnceLock::new();
        LIBRARY.get_or_init(Library::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Library, Fault> {
        let missing = |error: libloading::Error| Fault::Unavailable {
            message: format!("the key store needs {FILE}, which cannot be loaded ({error})"),
            advice: ADVICE,
        };
        // SAFETY: what such a library does when it is loaded is what every program linked to it trusts in. It is never unloaded.
        let library = unsafe { libloading::Library::new(FILE) }.map_err(missing)?;
        let library = alloc::boxed::Box::leak(alloc::boxed::Box::new(library));
        // SAFETY: the types are those of the headers. GLib's functions are found by way of libsecret, which needs them.
        unsafe {
            Ok(Library {
                store: *library.get(b"secret_password_store_sync\0").map_err(missing)?,
                lookup: *library.get(b"secret_password_lookup_sync\0").map_err(missing)?,
                clear: *library.get(b"secret_password_clear_sync\0").map_err(missing)?,
                free_password: *library.get(b"secret_password_free\0").map_err(missing)?,
                free_error: *library.get(b"g_error_free\0").map_err(missing)?,
                new_cancellable: *library.get(b"g_cancellable_new\0").map_err(missing)?,
                cancel: *library.get(b"g_cancellable_cancel\0").map_err(missing)?,
                unref: *library.get(b"g_object_unref\0").map_err(missing)?,
            })
        }
    }

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

const END: *const c_char = ptr::null();

pub fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let (library, service, name) = (Library::get()?, c_string(SERVICE)?, c_string(name)?);
    let found = library.patiently(|cancellable, error| {
        // SAFETY: the strings live until the call returns; the list of attributes ends with a null pointer.
        unsafe {
            (library.lookup)(
                &raw const SCHEMA,
                cancellable,
                error,
                c"service".as_ptr(),
                service.as_ptr(),
                c"username".as_ptr(),
                name.as_ptr(),
                END,
            )
        }
    })?;
    if found.is_null() {
        return Ok(None);
    }
    // SAFETY: it is a string of the library's until it is freed, which wipes it.
    unsafe {
        let secret = Zeroizing::new(CStr::from_ptr(found).to_bytes().to_vec());
        (library.free_password)(found);
        Ok(Some(secret))
    }
}

pub fn write(name: &str, label: &str, secret: &[u8]) -> Result<(), Fault> {
    let (library, service, name, label) = (Library::get()?, c_string(SERVICE)?, c_string(name)?, c_string(label)?);
    let mut text = Zeroizing::new(Vec::with_capacity(secret.len() + 1));
    text.extend_from_slice(secret);
    text.push(0);
    let secret = CStr::from_bytes_with_nul(&text).map_err(|_| holds_zero())?;
    let stored = library.patiently(|cancellable, error| {
        // SAFETY: as above. Without a collection the default one is used.
        unsafe {
            (library.store)(
                &raw const SCHEMA,
                ptr::null(),
                label.as_ptr(),
                secret.as_ptr(),
                cancellable,
                error,
                c"service".as_ptr(),
                service.as_ptr(),
                c"username".as_ptr(),
                name.as_ptr(),
                END,
            )
        }
    })?;
    if stored == 0 {
        return Err(Fault::Refused { message: "the Secret Service did not store the secret".to_string() });
    }
    Ok(())
}

pub fn delete(name: &str) -> Result<bool, Fault> {
    let (library, service, name) = (Library::get()?, c_string(SERVICE)?, c_string(name)?);
    let deleted = library.patiently(|cancellable, error| {
        // SAFETY: as above.
        unsafe {
            (library.clear)(
                &raw const SCHEMA,
                cancellable,
                error,
                c"service".as_ptr(),
                service.as_ptr(),
                c"username".as_ptr(),
                name.as_ptr(),
                END,
            )
        }
    })?;
    Ok(deleted != 0)
}

fn c_string(text: &str) -> Result<CString, Fault> {
    CString::new(text).map_err(|_| holds_zero())
}

fn holds_zero() -> Fault {
    Fault::Refused { message: String::from("a zero byte cannot be stored in the Secret Service") }
}
