//! The key store of the system.

use crate::bind::node::call::{Call, call};
use crate::bind::node::trouble::Trouble;
use crate::sspi::key_store::{self, Fault};
use alloc::string::{String, ToString};
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use zeroize::Zeroizing;

/// What the key store of this system is called.
#[napi]
pub const KEY_STORE_NAME: &str = key_store::NAME;

/// The secret of this name, or null.
#[napi]
pub fn read_secret(name: String) -> AsyncTask<Call<Option<String>>> {
    call(move || {
        let Some(bytes) = key_store::read(&name)? else { return Ok(None) };
        match core::str::from_utf8(&bytes) {
            Ok(text) => Ok(Some(text.to_string())),
            Err(_) => Err(Trouble::from(Fault::Refused { message: String::from("the stored secret is no text") })),
        }
    })
}

/// Stores a secret in place of the one that was there.
#[napi]
pub fn write_secret(name: String, label: String, secret: String) -> AsyncTask<Call<bool>> {
    let secret = Zeroizing::new(secret);
    call(move || {
        key_store::write(&name, &label, secret.as_bytes())?;
        Ok(true)
    })
}

/// Deletes the secret of this name. False if there was none.
#[napi]
pub fn delete_secret(name: String) -> AsyncTask<Call<bool>> {
    call(move || Ok(key_store::delete(&name)?))
}
