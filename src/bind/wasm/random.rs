//! Randomness, which JavaScript brings.

use crate::env;
use crate::error::{Error, ErrorKind};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "../random.js")]
unsafe extern "C" {
    /// Fills so much of the memory with what nobody can predict; false if that cannot be had. It does not throw.
    #[wasm_bindgen(js_name = fillRandomly)]
    safe fn fill_randomly(start: *mut u8, length: usize) -> bool;
}

/// Randomness as JavaScript has it.
#[derive(Default)]
pub struct Random;

impl env::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if fill_randomly(bytes.as_mut_ptr(), bytes.len()) { Ok(()) } else { Err(ErrorKind::NoRandomness.into()) }
    }
}
