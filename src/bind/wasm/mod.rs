//! JavaScript. Errors are thrown as numbers, which the JavaScript side makes into `NtlmError` by asking for the texts:
//! so the module holds each text once and no exception is built in vain.

mod client;
mod functions;
mod http;
mod options;
mod random;
mod server;
mod session;

use crate::error::Error;
use wasm_bindgen::JsValue;

/// What a failing call throws: the kind's number, and, from 256 on, the byte position plus one.
pub struct Thrown(Error);

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        Thrown(error)
    }
}

impl From<Thrown> for JsValue {
    fn from(Thrown(error): Thrown) -> Self {
        let position = error.position().map_or(0.0, |position| f64::from(position) + 1.0);
        JsValue::from_f64(f64::from(error.kind() as u8) + position * 256.0)
    }
}

type Result<T> = core::result::Result<T, Thrown>;
