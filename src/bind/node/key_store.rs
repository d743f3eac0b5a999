//! The system's key store.

use crate::bind::node::call::{Call, call};
use crate::bind::node::trouble::Trouble;
use crate::sspi::key_store::{self, Fault};
use alloc::string::{String, ToString};
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use zeroize::Zeroizing;

/// Returns the name of the system's key store.
#[napi]
pub const KEY_STORE_NAME: &str = key_store::NAME;

/// Returns the secret with this name, or null.
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

/// Stores a secret and replaces an existing one.
#[napi]
pub fn write_secret(name: String, label: String, secret: String) -> AsyncTask<Call<bool>> {
    let secret = Zeroizing::new(secret);
    call(move || {
        key_store::write(&name, &label, secret.as_bytes())?;
        Ok(true)
    })
}

/// Deletes the secret with this name. Returns false if there was none.
#[napi]
pub fn delete_secret(name: String) -> AsyncTask<Call<bool>> {
    call(move || Ok(key_store::delete(&name)?))
}
