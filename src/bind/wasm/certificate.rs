//! Channel bindings.

use crate::channel_binding;
use crate::error::Error;
use alloc::vec::Vec;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Returns the 16-byte channel binding of a certificate in DER, PEM, base64 or PKCS#7.
#[wasm_bindgen(js_name = channelBindings)]
pub fn channel_bindings(certificate: &[u8]) -> Result<Vec<u8>, JsValue> {
    let hash: Result<_, Error> = channel_binding::from_certificate(certificate);
    Ok(hash?.to_vec())
}

/// Returns the 16-byte channel binding of a certificate hash, with or without the prefix `tls-server-end-point:`.
#[wasm_bindgen(js_name = channelBindingsOfHash)]
pub fn channel_bindings_of_hash(hash: &[u8]) -> Vec<u8> {
    channel_binding::from_end_point(hash).to_vec()
}
