//! What JavaScript holds by number.

use crate::error::{Error, ErrorKind};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

/// Things that live longer than a call, and which places are free. JavaScript's side asks for the kind that it put there.
#[derive(Default)]
pub struct Slots {
    items: Vec<Option<Box<dyn Any>>>,
    free: Vec<u32>,
}

impl Slots {
    /// Keeps a thing: its number. JavaScript runs out of memory long before numbers run out.
    pub fn insert<T: Any>(&mut self, item: T) -> i32 {
        self.keep(Box::new(item))
    }

    /// Lends a thing.
    pub fn get<T: Any>(&mut self, handle: u32) -> Result<&mut T, Error> {
        let item = self.items.get_mut(handle as usize).and_then(Option::as_mut);
        item.and_then(|item| item.downcast_mut()).ok_or(ErrorKind::OutOfOrder.into())
    }

    /// Gives a thing back, and its number up.
    pub fn take<T: Any>(&mut self, handle: u32) -> Result<T, Error> {
        match self.remove(handle).map(|item| item.downcast()) {
            Some(Ok(item)) => Ok(*item),
            _ => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    /// Gives a thing up.
    #[inline(never)]
    pub fn remove(&mut self, handle: u32) -> Option<Box<dyn Any>> {
        let item = self.items.get_mut(handle as usize)?.take()?;
        self.free.push(handle);
        Some(item)
    }

    #[inline(never)]
    fn keep(&mut self, item: Box<dyn Any>) -> i32 {
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
