//! Randomness, which JavaScript brings.

use crate::env;
use crate::error::{Error, ErrorKind};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "../random.js")]
unsafe extern "C" {
    /// Fills a view with what nobody can predict; false if that cannot be had. It does not throw.
    #[wasm_bindgen(js_name = fillRandomly)]
    fn fill_randomly(bytes: &mut [u8]) -> bool;
}

/// Randomness as JavaScript has it.
#[derive(Default)]
pub struct Random;

impl env::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if fill_randomly(bytes) { Ok(()) } else { Err(ErrorKind::NoRandomness.into()) }
    }
}
