//! The C interface of GSS-API (RFC 2744), loaded on first use.
//!
//! MIT Kerberos, Heimdal and Apple's framework share these functions and structures.

use crate::sspi::failure::{Failure, Reason};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use std::sync::OnceLock;

/// A major or minor status.
pub type Status = u32;
/// An opaque name, credential or context.
pub type Handle = *mut c_void;

/// A buffer: a length and a pointer.
#[repr(C)]
pub struct Buffer {
    pub length: usize,
    pub value: *mut c_void,
}

impl Buffer {
    pub const EMPTY: Buffer = Buffer { length: 0, value: ptr::null_mut() };

    /// Borrows bytes that the library only reads.
    pub const fn over(bytes: &[u8]) -> Self {
        Buffer { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

/// An object identifier. Apple packs these structures to two bytes, on Intel only.
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
pub struct Oid {
    length: u32,
    elements: *const c_void,
}

// SAFETY: the pointer is to constants.
unsafe impl Sync for Oid {}

impl Oid {
    pub const fn of(content: &'static [u8]) -> Self {
        Oid { length: content.len() as u32, elements: content.as_ptr().cast() }
    }

    pub const fn as_ptr(&self) -> *mut Oid {
        ptr::from_ref(self).cast_mut()
    }

    /// Returns the encoded identifier.
    pub const fn content(&self) -> &[u8] {
        // SAFETY: made from a slice, or by the library and valid as long as its set.
        unsafe { core::slice::from_raw_parts(self.elements.cast(), self.length as usize) }
    }
}

/// Object identifiers.
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
pub struct OidSet {
    pub count: usize,
    pub elements: *mut Oid,
}

/// `gss_channel_bindings_struct`.
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
#[cfg_attr(all(target_vendor = "apple", target_arch = "x86_64"), repr(C, packed(2)))]
pub struct ChannelBindings {
    initiator_type: u32,
    initiator: Buffer,
    acceptor_type: u32,
    acceptor: Buffer,
    application_data: Buffer,
}

impl ChannelBindings {
    /// Creates bindings with application data only. The data must outlive them.
    pub const fn over(data: &[u8]) -> Self {
        ChannelBindings {
            initiator_type: 0,
            initiator: Buffer::EMPTY,
            acceptor_type: 0,
            acceptor: Buffer::EMPTY,
            application_data: Buffer::over(data),
        }
    }
}

/// One entry of a credential store.
#[repr(C)]
pub struct StoreEntry {
    pub key: *const c_char,
    pub value: *const c_char,
}

/// `gss_key_value_set_desc`.
#[repr(C)]
pub struct Store {
    pub count: u32,
    pub elements: *const StoreEntry,
}

/// A set of buffers, the result of `gss_inquire_sec_context_by_oid`.
#[repr(C)]
pub struct BufferSet {
    pub count: usize,
    pub elements: *mut Buffer,
}

/// Declares the function table and its loader.
macro_rules! functions {
    ($($need:ident $name:ident($($argument:ty),*);)*) => {
        /// The functions of the library.
        pub struct Library {
            file: &'static str,
            $(pub $name: functions!(@type $need unsafe extern "C" fn($($argument),*) -> Status),)*
        }

        impl Library {
            /// Loads the functions. A missing required function is an error.
            fn with(file: &'static str, from: &libloading::Library) -> Result<Self, libloading::Error> {
                Ok(Library { file, $($name: functions!(@get $need from $name),)* })
            }
        }
    };
    (@type required $function:ty) => { $function };
    (@type optional $function:ty) => { Option<$function> };
    (@get required $from:ident $name:ident) => {
        // SAFETY: the type is that of RFC 2744, and the library is never unloaded.
        *unsafe { $from.get(concat!(stringify!($name), "\0").as_bytes()) }?
    };
    (@get optional $from:ident $name:ident) => {
        // SAFETY: the type is that of the extension's headers, and the library is never unloaded.
        unsafe { $from.get(concat!(stringify!($name), "\0").as_bytes()) }.ok().map(|symbol| *symbol)
    };
}

functions! {
    required gss_import_name(*mut Status, *const Buffer, *mut Oid, *mut Handle);
    required gss_display_name(*mut Status, Handle, *mut Buffer, *mut *mut Oid);
    required gss_release_name(*mut Status, *mut Handle);
    required gss_release_buffer(*mut Status, *mut Buffer);
    required gss_indicate_mechs(*mut Status, *mut *mut OidSet);
    required gss_release_oid_set(*mut Status, *mut *mut OidSet);
    required gss_display_status(*mut Status, Status, c_int, *mut Oid, *mut u32, *mut Buffer);
    required gss_acquire_cred(*mut Status, Handle, u32, *const OidSet, c_int, *mut Handle, *mut *mut OidSet, *mut u32);
    optional gss_acquire_cred_from(*mut Status, Handle, u32, *const OidSet, c_int, *const Store, *mut Handle, *mut *mut OidSet, *mut u32);
    optional gss_acquire_cred_with_password(*mut Status, Handle, *const Buffer, u32, *const OidSet, c_int, *mut Handle, *mut *mut OidSet, *mut u32);
    optional gss_set_neg_mechs(*mut Status, Handle, *const OidSet);
    required gss_inquire_cred(*mut Status, Handle, *mut Handle, *mut u32, *mut c_int, *mut *mut OidSet);
    required gss_release_cred(*mut Status, *mut Handle);
    required gss_init_sec_context(*mut Status, Handle, *mut Handle, Handle, *mut Oid, u32, u32, *const ChannelBindings, *const Buffer, *mut *mut Oid, *mut Buffer, *mut u32, *mut u32);
    required gss_delete_sec_context(*mut Status, *mut Handle, *mut Buffer);
    required gss_inquire_context(*mut Status, Handle, *mut Handle, *mut Handle, *mut u32, *mut *mut Oid, *mut u32, *mut c_int, *mut c_int);
    optional gss_inquire_sec_context_by_oid(*mut Status, Handle, *mut Oid, *mut *mut BufferSet);
    optional gss_release_buffer_set(*mut Status, *mut *mut BufferSet);
    required gss_get_mic(*mut Status, Handle, u32, *const Buffer, *mut Buffer);
    required gss_verify_mic(*mut Status, Handle, *const Buffer, *const Buffer, *mut u32);
    required gss_wrap(*mut Status, Handle, c_int, u32, *const Buffer, *mut c_int, *mut Buffer);
    required gss_unwrap(*mut Status, Handle, *const Buffer, *mut Buffer, *mut c_int, *mut u32);
}

/// File names of the library, best first.
#[cfg(target_vendor = "apple")]
const FILES: &[&str] = &["/System/Library/Frameworks/GSS.framework/GSS", "libgssapi_krb5.2.2.dylib"];
/// File names of the library, best first: MIT, then Heimdal.
#[cfg(not(target_vendor = "apple"))]
const FILES: &[&str] = &["libgssapi_krb5.so.2", "libgssapi.so.3"];

impl Library {
    /// Returns the system's library. It is never unloaded, because it holds thread-local data and other libraries.
    pub fn get() -> Result<&'static Library, Failure> {
        static LIBRARY: OnceLock<Result<Library, Failure>> = OnceLock::new();
        LIBRARY.get_or_init(Library::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Library, Failure> {
        let mut attempts = Vec::new();
        for &file in FILES {
            // SAFETY: loading runs the library's initializers, as in any program linked to it.
            match unsafe { libloading::Library::new(file) } {
                Ok(library) => match Library::with(file, alloc::boxed::Box::leak(alloc::boxed::Box::new(library))) {
                    Ok(library) => return Ok(library),
                    Err(error) => attempts.push(format!("{file}: {error}")),
                },
                Err(_) => attempts.push(format!("{file} is not there")),
            }
        }
        Err(Failure::described(
            Reason::Unavailable,
            format!("no GSS-API library could be loaded ({})", attempts.join(", ")),
            "install MIT Kerberos (libgssapi-krb5-2, krb5-libs) or Heimdal, or give explicit credentials",
        ))
    }

    /// Returns the file name.
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Copies and releases a buffer of the library.
    pub fn bytes(&self, buffer: &mut Buffer) -> Vec<u8> {
        if buffer.value.is_null() {
            return Vec::new();
        }
        // SAFETY: the library set the length, and releases its own buffer.
        unsafe {
            let bytes = core::slice::from_raw_parts(buffer.value.cast::<u8>(), buffer.length).to_vec();
            (self.gss_release_buffer)(&mut 0, buffer);
            bytes
        }
    }

    /// Like `bytes`, as text.
    pub fn text(&self, buffer: &mut Buffer) -> String {
        String::from_utf8_lossy(&self.bytes(buffer)).trim_end_matches('\0').into()
    }

    /// Returns whether the library has a mechanism, built in or as a plug-in.
    pub fn has(&self, mechanism: &Oid) -> bool {
        let (mut minor, mut set) = (0, ptr::null_mut());
        // SAFETY: the set is the library's until it is released.
        unsafe {
            (self.gss_indicate_mechs)(&mut minor, &mut set);
            let Some(oids) = set.as_ref() else { return false };
            let found = (0..oids.count).any(|index| {
                let oid = oids.elements.add(index).read_unaligned();
                oid.content() == mechanism.content()
            });
            (self.gss_release_oid_set)(&mut minor, &mut set);
            found
        }
    }
}
