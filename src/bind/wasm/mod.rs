//! JavaScript: one exported object with one way in, which holds everything by number, and one stretch of memory for bytes.
//!
//! Each function that wasm-bindgen carries costs code on both sides, and each string and array an allocation, a copy and a look
//! at the encoding. So one call takes and returns numbers, and what it is about lies in the exchange: JavaScript writes the
//! arguments there, then finds the answer in the same place, and wipes it in either case. Numbers below zero are errors.

mod arguments;
mod client;
mod exchange;
mod functions;
mod http;
mod operation;
mod options;
mod random;
mod server;
mod session;
mod slots;

use crate::env::Env;
use crate::error::Error;
use crate::secret::with_wiped_stack;
use crate::wire::filetime::FileTime;
use arguments::Arguments;
use exchange::{Exchange, Outcome};
use operation::Operation;
use random::Random;
use slots::Slots;
use wasm_bindgen::prelude::wasm_bindgen;

/// All that lives in the module.
#[wasm_bindgen]
#[derive(Default)]
pub struct Core {
    exchange: Exchange,
    slots: Slots,
}

/// What an operation is done with.
struct Call<'a> {
    operation: Operation,
    /// What it is done to.
    handle: u32,
    /// What is written in the exchange.
    given: &'a [u8],
    /// A number or switches: each operation says which.
    detail: u32,
    /// The time.
    now: FileTime,
    slots: &'a mut Slots,
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

    /// Does something with so many bytes of the exchange, at a time in milliseconds since 1970. What comes back is the length
    /// of the answer in the exchange, or a number if the operation says so, or an error below zero.
    pub fn call(&mut self, operation: Operation, handle: u32, length: usize, detail: u32, now: f64) -> i32 {
        let now = FileTime::from_unix_milliseconds(now as i64);
        let given = self.exchange.arguments(length);
        let mut call = Call { operation, handle, given, detail, now, slots: &mut self.slots };
        let outcome = if operation.is_light() { call.perform() } else { with_wiped_stack(|| call.perform()) };
        match outcome {
            Ok(outcome) => self.exchange.keep(outcome),
            Err(error) => -(error.number() as i32),
        }
    }
}

impl<'a> Call<'a> {
    fn perform(&mut self) -> Result<Outcome, Error> {
        match self.operation {
            Operation::Close => Ok(self.close()),
            Operation::NtHash => Ok(self.nt_hash()),
            Operation::EndPoint => Ok(self.end_point()),
            Operation::Examine => self.examine(),
            Operation::Client => self.client(),
            Operation::Start => self.start(),
            Operation::Step => self.step(),
            Operation::Reset => self.reset(),
            Operation::State => self.state(),
            Operation::ClientSession => self.client_session(),
            Operation::Http => self.http(),
            Operation::Begin => self.begin(),
            Operation::Next => self.next(),
            Operation::HttpState => self.http_state(),
            Operation::Server => self.server(),
            Operation::Challenge => self.challenge(),
            Operation::Challenged => self.challenged(),
            Operation::Receive => self.receive(),
            Operation::Verify => self.verify(),
            Operation::SetSequence => self.set_sequence(),
            Operation::SessionFlags => self.session_flags(),
            Operation::Sign
            | Operation::CheckSignature
            | Operation::Seal
            | Operation::Unseal
            | Operation::Wrap
            | Operation::Unwrap
            | Operation::Key => self.protect(),
        }
    }

    /// What was written, part by part.
    const fn arguments(&self) -> Arguments<'a> {
        Arguments::new(self.given)
    }

    /// The surroundings of a step.
    fn env<'b>(&self, random: &'b mut Random) -> Env<'b> {
        Env { now: self.now, random }
    }

    /// Gives up what the handle stands for, and wipes its secrets.
    fn close(&mut self) -> Outcome {
        self.slots.remove(self.handle);
        Outcome::Number(0)
    }
}
