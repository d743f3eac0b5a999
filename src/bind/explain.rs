//! JavaScript: the explaining decoder. It is asked now and then by people, so its answers are JSON.

use crate::explain::{Context, explain_to_json, find_to_json};
use crate::wire::filetime::FileTime;
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

/// The first token of an input, explained; empty if there is none. Empty means absent for the earlier tokens too, and what is
/// no number for the time in milliseconds since 1970.
#[wasm_bindgen]
pub fn explain(input: &[u8], negotiate: &[u8], challenge: &[u8], now: f64) -> String {
    let context = Context {
        now: (!now.is_nan()).then(|| FileTime::from_unix_milliseconds(now as i64)),
        negotiate: Some(negotiate),
        challenge: Some(challenge),
    };
    explain_to_json(input, &context)
}

/// Where the tokens of an input are.
#[wasm_bindgen]
pub fn find(input: &[u8]) -> String {
    find_to_json(input)
}
