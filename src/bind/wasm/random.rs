//! Randomness, which JavaScript brings.

use crate::env::{self, Env};
use crate::error::{Error, ErrorKind};
use crate::wire::filetime::FileTime;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
unsafe extern "C" {
    /// An object with a method `fill`.
    pub type Random;

    /// Fills a view with what nobody can predict; false if that cannot be had. It does not throw.
    #[wasm_bindgen(method, structural)]
    fn fill(this: &Random, bytes: &mut [u8]) -> bool;
}

impl env::Random for &Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if Random::fill(self, bytes) { Ok(()) } else { Err(ErrorKind::NoRandomness.into()) }
    }
}

/// The surroundings at a time in milliseconds since 1970.
///
/// A number beyond the range becomes its end, and what is not a number becomes 0.
pub fn env<'a>(random: &'a mut &Random, now: f64) -> Env<'a> {
    Env { now: time(now), random }
}

/// A time in milliseconds since 1970.
pub fn time(now: f64) -> FileTime {
    FileTime::from_unix_milliseconds(now as i64)
}
