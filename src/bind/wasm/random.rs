//! Randomness: the only place where the crate asks the system for it.

use crate::env::Random;
use crate::error::{Error, ErrorKind};
use core::cell::RefCell;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroize;

const POOL_SIZE: usize = 512;

/// Bytes fetched ahead, as each call out of the module costs more than all that a handshake computes. Taken bytes are wiped.
struct Pool {
    bytes: [u8; POOL_SIZE],
    left: usize,
}

std::thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_SIZE], left: 0 }) };
}

impl Pool {
    fn take(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        if self.left < bytes.len() {
            getrandom::fill(&mut self.bytes).map_err(|_| ErrorKind::NoRandomness)?;
            self.left = POOL_SIZE;
        }
        let end = self.left;
        let start = end.checked_sub(bytes.len()).ok_or(ErrorKind::NoRandomness)?;
        let taken = self.bytes.get_mut(start..end).ok_or(ErrorKind::NoRandomness)?;
        bytes.copy_from_slice(taken);
        taken.zeroize();
        self.left = start;
        Ok(())
    }
}

/// The system's randomness, or, for tests that must repeat, a function of the caller.
#[derive(Clone, Default)]
pub struct Source(pub Option<Function>);

impl Random for Source {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let Some(function) = &self.0 else { return POOL.with_borrow_mut(|pool| pool.take(bytes)) };
        let length = JsValue::from_f64(bytes.len() as f64);
        let answer = function.call1(&JsValue::UNDEFINED, &length).map_err(|_| ErrorKind::NoRandomness)?;
        let given: Uint8Array = answer.dyn_into().map_err(|_| ErrorKind::NoRandomness)?;
        if given.length() as usize != bytes.len() {
            return Err(ErrorKind::NoRandomness.into());
        }
        given.copy_to(bytes);
        Ok(())
    }
}
