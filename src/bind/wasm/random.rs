//! Randomness, which JavaScript brings.

use crate::env::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::wire::filetime::FileTime;
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

/// The surroundings at a time in milliseconds since 1970.
///
/// A number beyond the range becomes its end, and what is not a number becomes 0.
pub fn env(random: &mut Random, now: f64) -> Env<'_> {
    Env { now: time(now), random }
}

/// A time in milliseconds since 1970.
pub fn time(now: f64) -> FileTime {
    FileTime::from_unix_milliseconds(now as i64)
}
