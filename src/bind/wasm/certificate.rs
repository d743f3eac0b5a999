//! Channel bindings.

use crate::channel_binding;
use crate::error::Error;
use alloc::vec::Vec;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The 16 bytes that bind to a certificate in DER, PEM, base64 or PKCS#7.
#[wasm_bindgen(js_name = channelBindings)]
pub fn channel_bindings(certificate: &[u8]) -> Result<Vec<u8>, JsValue> {
    let hash: Result<_, Error> = channel_binding::from_certificate(certificate);
    Ok(hash?.to_vec())
}

/// The 16 bytes that bind to a certificate with this hash, with or without `tls-server-end-point:` in front.
#[wasm_bindgen(js_name = channelBindingsOfHash)]
pub fn channel_bindings_of_hash(hash: &[u8]) -> Vec<u8> {
    channel_binding::from_end_point(hash).to_vec()
}
