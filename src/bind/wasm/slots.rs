//! What JavaScript holds by number.

use crate::bind::wasm::client::Client;
use crate::bind::wasm::server::{Claim, Server};
use crate::error::{Error, ErrorKind};
use crate::http::authenticator::Authenticator;
use crate::ntlm::seal::SecuritySession;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

/// One thing that lives longer than a call.
///
/// All are small. A large one would make room in the others, which would be filled with whatever the stack held: secrets too.
pub enum Item {
    /// A client.
    Client(Client),
    /// The dialogue of an HTTP connection.
    Http(Box<Authenticator>),
    /// A server.
    Server(Box<Server>),
    /// A client that a server has heard, but not yet believed.
    Claim(Box<Claim>),
    /// What protects the messages of a connection.
    Session(Rc<RefCell<SecuritySession>>),
}

/// The items, and which places are free.
#[derive(Default)]
pub struct Slots {
    items: Vec<Option<Item>>,
    free: Vec<u32>,
}

impl Slots {
    /// Keeps an item: its number. JavaScript runs out of memory long before numbers run out.
    #[inline(never)]
    pub fn insert(&mut self, item: Item) -> i32 {
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

    /// Gives an item up.
    #[inline(never)]
    pub fn remove(&mut self, handle: u32) -> Option<Item> {
        let item = self.items.get_mut(handle as usize)?.take()?;
        self.free.push(handle);
        Some(item)
    }

    /// The item behind a number. JavaScript's side asks for the kind that it put there.
    #[inline(never)]
    pub fn get(&mut self, handle: u32) -> Option<&mut Item> {
        self.items.get_mut(handle as usize)?.as_mut()
    }

    /// A client.
    pub fn client(&mut self, handle: u32) -> Result<&mut Client, Error> {
        if let Some(Item::Client(client)) = self.get(handle) { Ok(client) } else { Err(ErrorKind::OutOfOrder.into()) }
    }

    /// The dialogue of an HTTP connection.
    pub fn http(&mut self, handle: u32) -> Result<&mut Authenticator, Error> {
        if let Some(Item::Http(dialogue)) = self.get(handle) { Ok(dialogue) } else { Err(ErrorKind::OutOfOrder.into()) }
    }

    /// A server.
    pub fn server(&mut self, handle: u32) -> Result<&mut Server, Error> {
        if let Some(Item::Server(server)) = self.get(handle) { Ok(server) } else { Err(ErrorKind::OutOfOrder.into()) }
    }

    /// A claim, which is given up.
    pub fn take_claim(&mut self, handle: u32) -> Result<Claim, Error> {
        if let Some(Item::Claim(claim)) = self.remove(handle) { Ok(*claim) } else { Err(ErrorKind::OutOfOrder.into()) }
    }

    /// The protection of a connection.
    pub fn session(&mut self, handle: u32) -> Result<&Rc<RefCell<SecuritySession>>, Error> {
        if let Some(Item::Session(session)) = self.get(handle) {
            Ok(session)
        } else {
            Err(ErrorKind::OutOfOrder.into())
        }
    }
}

/// Has the allocator ask for the memory of as many items again, all at once: to the JavaScript engine each time is a reason
/// to collect garbage, and a program that makes many clients before it lets the event loop turn would do little else.
fn grow_memory(items: usize) {
    const TYPICAL_ITEM: usize = 640;
    core::hint::black_box(Vec::<u8>::with_capacity(items * TYPICAL_ITEM));
}
