//! How often a handshake asks for memory. It is the same on every machine, unlike time, so it is what keeps a handshake from becoming
//! slower unnoticed.

use crate::support::{Counter, client_config, env, password, server_config};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use ntlm_wasm::ntlm::client::Client;
use ntlm_wasm::ntlm::policy::Policy;
use ntlm_wasm::ntlm::server::Server;
use std::alloc::System;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// Counts what each thread asks for.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        unsafe { System.realloc(block, layout, size) }
    }
}

fn counted<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = COUNT.get();
    let result = work();
    (result, COUNT.get() - before)
}

/// Each message takes one allocation; message 3 takes two more for its responses.
#[test]
fn a_handshake_allocates_rarely() {
    let client = Client::new(client_config("DOMAIN\\alice", Some(password("secret"))));
    let server = Server::new(server_config(Policy::default()));
    let (negotiated, for_message_1) = counted(|| client.negotiate().unwrap());
    let challenged = server.challenge(negotiated.message().to_vec(), &mut env(&mut Counter(7))).unwrap();
    let mut random = Counter(7);
    let challenge = challenged.message().to_vec();
    let (_, for_message_3) = counted(|| negotiated.authenticate(&client, &challenge, &mut env(&mut random)).unwrap());
    assert_eq!((for_message_1, for_message_3), (1, 3));
}
