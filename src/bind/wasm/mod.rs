//! JavaScript: one exported object that holds everything by number, and one stretch of memory for bytes in and out.
//!
//! Each type and each signature that wasm-bindgen carries costs code on both sides, and each of its strings and arrays an
//! allocation, a copy and a look at the encoding. So calls take and return numbers. What they are about lies in the exchange:
//! JavaScript writes its arguments there, then finds the answer in the same place, and wipes it in either case.
//! Numbers below zero are errors.

mod arguments;
mod client;
mod exchange;
mod functions;
mod http;
mod options;
mod random;
mod server;
mod session;
mod slots;

use exchange::Exchange;
use slots::Slots;
use wasm_bindgen::prelude::wasm_bindgen;

/// All that lives in the module.
#[wasm_bindgen]
#[derive(Default)]
pub struct Core {
    exchange: Exchange,
    slots: Slots,
}

#[wasm_bindgen]
impl Core {
    /// Begins with nothing in it.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Core {
        Core::default()
    }

    /// Where the exchange lies, which has room for so many bytes from now on.
    pub fn room(&mut self, size: usize) -> *mut u8 {
        self.exchange.room(size)
    }

    /// Drops what a number stands for, and wipes its secrets.
    pub fn close(&mut self, handle: u32) {
        self.slots.remove(handle);
    }
}
