//! Session security.

use crate::bind::wasm::Result;
use crate::ntlm::seal::SecuritySession;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// What protects the messages of one connection.
#[wasm_bindgen]
pub struct Session(Rc<RefCell<SecuritySession>>);

impl Session {
    pub(super) const fn new(session: Rc<RefCell<SecuritySession>>) -> Self {
        Session(session)
    }
}

#[wasm_bindgen]
impl Session {
    /// Signs the next outgoing message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.borrow_mut().sign(message)?.to_vec())
    }

    /// Checks the next incoming message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        Ok(self.0.borrow_mut().verify(message, signature)?)
    }

    /// Signs and encrypts the next outgoing message: the signature, then the sealed bytes.
    pub fn seal(&self, message: Vec<u8>) -> Result<Vec<u8>> {
        let mut body = Zeroizing::new(message);
        let signature = self.0.borrow_mut().seal(&mut body)?;
        Ok([&signature[..], &body].concat())
    }

    /// Decrypts and checks the next incoming message.
    pub fn unseal(&self, sealed: Vec<u8>, signature: &[u8]) -> Result<Uint8Array> {
        let mut body = Zeroizing::new(sealed);
        self.0.borrow_mut().unseal(&mut body, signature)?;
        Ok(Uint8Array::from(&body[..]))
    }

    /// Seals, or signs where sealing was not agreed on, into one piece.
    pub fn wrap(&self, message: Vec<u8>) -> Result<Vec<u8>> {
        Ok(self.0.borrow_mut().wrap(&Zeroizing::new(message))?)
    }

    /// Takes apart what the other side wrapped.
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<Uint8Array> {
        let message = Zeroizing::new(self.0.borrow_mut().unwrap(wrapped)?);
        Ok(Uint8Array::from(&message[..]))
    }

    /// In datagram mode, says which message comes next.
    #[wasm_bindgen(js_name = setSequence)]
    pub fn set_sequence(&self, sequence: u32) {
        self.0.borrow_mut().set_sequence(sequence);
    }

    /// The key that other protocols take from here. Copied straight into JavaScript's memory: none stays in the module's.
    #[wasm_bindgen(js_name = exportedSessionKey)]
    pub fn exported_session_key(&self) -> Uint8Array {
        Uint8Array::from(&self.0.borrow().exported_session_key().expose()[..])
    }

    /// The flags that were agreed on.
    pub fn flags(&self) -> u32 {
        self.0.borrow().flags().0
    }
}
