//! JavaScript: what a certificate says about its channel. SHA-2 with its tables, and X.509, serve nothing else.

use crate::channel_binding;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

/// `tls-server-end-point:` and the hash of a certificate in DER, PEM, base64 or PKCS#7; nothing if there is none in it.
#[wasm_bindgen(js_name = endPoint)]
pub fn end_point(certificate: &[u8]) -> Vec<u8> {
    channel_binding::application_data(certificate).unwrap_or_default()
}
