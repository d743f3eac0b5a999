//! Functions without a state.

use crate::bind::wasm::Result;
use crate::channel_binding;
use crate::error::ErrorKind;
use crate::ntlm::credential::Hashes;
use crate::wire::oem::CodePage;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// The NT hash of a password in UTF-16 code units. Copied straight into JavaScript's memory.
#[wasm_bindgen(js_name = ntHash)]
pub fn nt_hash(password: Vec<u16>) -> Uint8Array {
    let password = Zeroizing::new(password);
    Uint8Array::from(&Hashes::of_password(&password, CodePage::DEFAULT).nt.expose()[..])
}

/// The hash that binds to a certificate.
#[wasm_bindgen(js_name = channelBindingsOfCertificate)]
pub fn channel_bindings_of_certificate(certificate: &[u8]) -> Result<Vec<u8>> {
    Ok(channel_binding::from_certificate(certificate)?.to_vec())
}

/// The hash that binds to a certificate whose own hash is known.
#[wasm_bindgen(js_name = channelBindingsOfEndPoint)]
pub fn channel_bindings_of_end_point(hash: &[u8]) -> Vec<u8> {
    channel_binding::from_end_point(hash).to_vec()
}

/// Code, message and advice of an error's number, one a line.
#[wasm_bindgen(js_name = errorTexts)]
pub fn error_texts(number: usize) -> String {
    let kind = ErrorKind::ALL.get(number).copied().unwrap_or(ErrorKind::InvalidOption);
    [kind.code(), kind.message(), kind.advice()].join("\n")
}

/// All error codes, one a line.
#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> String {
    ErrorKind::ALL.iter().map(|kind| kind.code()).collect::<Vec<_>>().join("\n")
}

/// The version of the package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_string()
}
