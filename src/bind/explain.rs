//! The decoder for JavaScript. Its results become plain objects.

use crate::explain::{Context, explain as explain_token};
use crate::wire::filetime::FileTime;
use serde::Serialize;
use serde_wasm_bindgen::{Error, Serializer};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Decodes a token; returns `undefined` if the bytes do not begin with one. An empty array means that an earlier token is absent.
/// `now` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn explain(token: &[u8], negotiate: &[u8], challenge: &[u8], now: Option<f64>) -> Result<JsValue, Error> {
    let context = Context {
        now: now.map(|now| FileTime::from_unix_milliseconds(now as i64)),
        negotiate: Some(negotiate),
        challenge: Some(challenge),
    };
    match explain_token(token, &context) {
        Some(explanation) => explanation.serialize(&Serializer::new().serialize_missing_as_null(true)),
        None => Ok(JsValue::UNDEFINED),
    }
}
