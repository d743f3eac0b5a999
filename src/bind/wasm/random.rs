//! Randomness: `crypto.getRandomValues` through a pool, or the caller's function.

use crate::env;
use crate::error::{Error, ErrorKind};
use core::cell::RefCell;
use js_sys::{Function, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;

/// The source of randomness of an object.
#[derive(Clone, Default)]
pub struct Random(Option<Function>);

impl Random {
    /// Creates a source from the caller's function, otherwise from the runtime's generator.
    pub const fn new(function: Option<Function>) -> Self {
        Random(function)
    }
}

impl env::Random for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let filled = match &self.0 {
            Some(function) => call(function, bytes),
            None => POOL.0.borrow_mut().take(bytes),
        };
        filled.ok_or(ErrorKind::NoRandomness.into())
    }
}

fn call(function: &Function, bytes: &mut [u8]) -> Option<()> {
    let length = bytes.len() as u32;
    let given = function.call1(&JsValue::UNDEFINED, &length.into()).ok()?;
    let given = given.dyn_into::<Uint8Array>().ok()?;
    if given.length() != length {
        return None;
    }
    given.copy_to(bytes);
    Some(())
}

const POOL_SIZE: usize = 1024;

/// Random bytes fetched in advance: calling the generator takes 40 % of a handshake.
struct Pool {
    bytes: [u8; POOL_SIZE],
    left: usize,
}

impl Pool {
    /// Takes bytes from the pool.
    fn take(&mut self, bytes: &mut [u8]) -> Option<()> {
        if self.left < bytes.len() {
            getrandom::fill(&mut self.bytes).ok()?;
            self.left = POOL_SIZE;
        }
        self.left = self.left.checked_sub(bytes.len())?;
        let taken = self.bytes.get_mut(self.left..self.left + bytes.len())?;
        bytes.copy_from_slice(taken);
        // Wipe the taken bytes: some of them become session keys.
        taken.fill(0);
        Some(())
    }
}

struct SingleThreaded(RefCell<Pool>);

// SAFETY: the module is built without threads (`atomics`), so only one thread can reach the pool.
#[cfg(not(target_feature = "atomics"))]
unsafe impl Sync for SingleThreaded {}

static POOL: SingleThreaded = SingleThreaded(RefCell::new(Pool { bytes: [0; POOL_SIZE], left: 0 }));
