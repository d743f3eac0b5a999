//! Errors as exceptions.

use crate::error::Error;
use crate::secret::with_wiped_stack;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen(raw_module = "../error.js")]
extern "C" {
    /// Creates the `NtlmError` that JavaScript catches. The error texts are stored in JavaScript, where they compress better.
    #[wasm_bindgen(js_name = createError)]
    fn create_error(code: &str, position: Option<u32>) -> JsValue;
}

impl From<Error> for JsValue {
    #[cold]
    #[inline(never)]
    fn from(error: Error) -> Self {
        create_error(error.kind().code(), error.position())
    }
}

/// Runs a step that handles secrets, wipes the stack it used, and converts its error to an exception.
pub fn guard<T>(step: impl FnOnce() -> Result<T, Error>) -> Result<T, JsValue> {
    with_wiped_stack(step).map_err(JsValue::from)
}
