//! Windows Credential Manager.

use super::{Fault, SERVICE};
use crate::sspi::windows::text::Wide;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ptr;
use windows_sys::Win32::Foundation::{ERROR_NO_SUCH_LOGON_SESSION, ERROR_NOT_FOUND, GetLastError};
use windows_sys::Win32::Security::Credentials::{
    CRED_PERSIST_LOCAL_MACHINE, CRED_TYPE_GENERIC, CREDENTIALW, CredDeleteW, CredFree, CredReadW, CredWriteW,
};
use zeroize::{Zeroize, Zeroizing};

pub const NAME: &str = "Windows Credential Manager";

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE`.
const MAX_SECRET: usize = 2560;

pub fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    let target = target(name);
    let mut found: *mut CREDENTIALW = ptr::null_mut();
    // SAFETY: the name ends with a zero; what is found is ours to free.
    if unsafe { CredReadW(target.as_ptr(), CRED_TYPE_GENERIC, 0, &raw mut found) } == 0 {
        return absent_or_fault().map(|()| None);
    }
    // SAFETY: it holds so many bytes, which are wiped before they are freed.
    unsafe {
        let credential = &mut *found;
        let length = credential.CredentialBlobSize as usize;
        let secret = if credential.CredentialBlob.is_null() {
            Zeroizing::new(Vec::new())
        } else {
            let bytes = core::slice::from_raw_parts_mut(credential.CredentialBlob, length);
            let secret = Zeroizing::new(bytes.to_vec());
            bytes.zeroize();
            secret
        };
        CredFree(found.cast());
        Ok(Some(secret))
    }
}

pub fn write(name: &str, label: &str, secret: &[u8]) -> Result<(), Fault> {
    if secret.len() > MAX_SECRET {
        return Err(Fault::Refused { message: String::from("the secret is too long for Credential Manager") });
    }
    let (mut target, mut user, mut comment) = (target(name), Wide::new(name), Wide::new(label));
    let mut blob = Zeroizing::new(secret.to_vec());
    let credential = CREDENTIALW {
        Type: CRED_TYPE_GENERIC,
        TargetName: target.as_mut_ptr(),
        Comment: comment.as_mut_ptr(),
        CredentialBlobSize: u32::try_from(blob.len()).unwrap_or(0),
        CredentialBlob: blob.as_mut_ptr(),
        Persist: CRED_PERSIST_LOCAL_MACHINE,
        UserName: user.as_mut_ptr(),
        ..CREDENTIALW::default()
    };
    // SAFETY: everything that it points to lives until the call returns, and is only read.
    if unsafe { CredWriteW(&raw const credential, 0) } == 0 {
        return Err(fault());
    }
    Ok(())
}

pub fn delete(name: &str) -> Result<bool, Fault> {
    // SAFETY: the name ends with a zero.
    if unsafe { CredDeleteW(target(name).as_ptr(), CRED_TYPE_GENERIC, 0) } == 0 {
        return absent_or_fault().map(|()| false);
    }
    Ok(true)
}

fn target(name: &str) -> Wide {
    Wide::new(&format!("{SERVICE}/{name}"))
}

fn absent_or_fault() -> Result<(), Fault> {
    // SAFETY: it reads a number of this thread.
    if unsafe { GetLastError() } == ERROR_NOT_FOUND { Ok(()) } else { Err(fault()) }
}

fn fault() -> Fault {
    // SAFETY: as above.
    let number = unsafe { GetLastError() };
    let message = format!("Credential Manager refused (error {number})");
    if number == ERROR_NO_SUCH_LOGON_SESSION {
        let advice = "sign in to Windows with a user profile: a session over the network has no Credential Manager";
        return Fault::Unavailable { message, advice };
    }
    Fault::Refused { message }
}
