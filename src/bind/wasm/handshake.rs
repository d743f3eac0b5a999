//! The state that a client shares with its JavaScript session object.

use crate::bind::wasm::options;
use crate::http::authenticator::Scheme;
use crate::mechanism::Mechanism;
use crate::ntlm::client::Client;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::cell::RefCell;

/// A handshake.
pub struct Handshake {
    /// The mechanism, which owns the security session.
    pub mechanism: Box<dyn Mechanism>,
    /// Whether the final token was created.
    pub done: bool,
}

/// A handshake with its owners: the client, and the session object.
pub type SharedHandshake = Rc<RefCell<Handshake>>;

impl Handshake {
    /// Creates a handshake that has not started.
    pub fn new(scheme: Scheme, client: &Arc<Client>) -> SharedHandshake {
        Rc::new(RefCell::new(Handshake { mechanism: options::mechanism(scheme, client), done: false }))
    }
}
