//! What JavaScript holds by number.

use crate::bind::wasm::client::Client;
use crate::bind::wasm::http::Ours;
use crate::bind::wasm::server::{Claim, Server};
use crate::bind::wasm::session::Shared;
use crate::error::{Error, ErrorKind};
use crate::http::authenticator::Authenticator;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What there is.
pub enum Item {
    Client(Box<Client>),
    Http(Box<Authenticator<Ours>>),
    Server(Box<Server>),
    Claim(Box<Claim>),
    Session(Shared),
}

/// Declares what can be kept: who makes a thing need not know this module, which knows them all.
macro_rules! kept {
    ($($item:ident $thing:ty)*) => {
        $(impl From<$thing> for Item {
            fn from(thing: $thing) -> Self {
                Item::$item(Box::new(thing))
            }
        })*
    };
}

kept! {
    Client Client
    Http Authenticator<Ours>
    Server Server
    Claim Claim
}

impl From<Shared> for Item {
    fn from(session: Shared) -> Self {
        Item::Session(session)
    }
}

/// Things that live longer than a call, and which places are free. JavaScript's side asks for the kind that it put there.
#[derive(Default)]
pub struct Slots {
    items: Vec<Option<Item>>,
    free: Vec<u32>,
}

impl Slots {
    /// Lends a client.
    pub fn client(&mut self, handle: u32) -> Result<&mut Client, Error> {
        match self.get(handle) {
            Some(Item::Client(client)) => Ok(client),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    /// Lends a dialogue.
    pub fn http(&mut self, handle: u32) -> Result<&mut Authenticator<Ours>, Error> {
        match self.get(handle) {
            Some(Item::Http(authenticator)) => Ok(authenticator),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    /// Lends a server.
    pub fn server(&mut self, handle: u32) -> Result<&mut Server, Error> {
        match self.get(handle) {
            Some(Item::Server(server)) => Ok(server),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    /// Lends a session.
    pub fn session(&mut self, handle: u32) -> Result<&Shared, Error> {
        match self.get(handle) {
            Some(Item::Session(session)) => Ok(session),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    /// Gives a claim back, and its number up.
    pub fn take_claim(&mut self, handle: u32) -> Result<Box<Claim>, Error> {
        match self.remove(handle) {
            Some(Item::Claim(claim)) => Ok(claim),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    fn get(&mut self, handle: u32) -> Option<&mut Item> {
        self.items.get_mut(handle as usize)?.as_mut()
    }

    /// Gives a thing up.
    #[inline(never)]
    pub fn remove(&mut self, handle: u32) -> Option<Item> {
        let item = self.items.get_mut(handle as usize)?.take()?;
        self.free.push(handle);
        Some(item)
    }

    /// Keeps a thing: its number. JavaScript runs out of memory long before numbers run out.
    pub fn insert(&mut self, thing: impl Into<Item>) -> i32 {
        self.keep(thing.into())
    }

    #[inline(never)]
    fn keep(&mut self, item: Item) -> i32 {
        let handle = self.free.pop().unwrap_or(self.items.len() as u32);
        match self.items.get_mut(handle as usize) {
            Some(place) => *place = Some(item),
            None => {
                if self.items.len().is_power_of_two() {
                    grow_memory(self.items.len());
                }
                self.items.push(Some(item));
            }
        }
        handle as i32
    }
}

/// Has the allocator ask for the memory of as many items again, all at once: to the JavaScript engine each time is a reason
/// to collect garbage, and a program that makes many clients before it lets the event loop turn would do little else.
fn grow_memory(items: usize) {
    const TYPICAL_ITEM: usize = 640;
    core::hint::black_box(Vec::<u8>::with_capacity(items * TYPICAL_ITEM));
}
