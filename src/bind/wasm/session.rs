//! Session security.

use crate::bind::wasm::error::guard;
use crate::bind::wasm::handshake::SharedHandshake;
use crate::error::{Error, ErrorKind};
use crate::ntlm::seal;
use alloc::boxed::Box;
use alloc::vec::Vec;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Protects the messages after a handshake (MS-NLMP 3.4).
#[wasm_bindgen]
pub struct SecuritySession(Owner);

/// The owner of the state.
enum Owner {
    /// A client's mechanism, which needs the session too: SPNEGO signs its list of mechanisms.
    Client(SharedHandshake),
    /// This object.
    Server(Box<seal::SecuritySession>),
}

#[wasm_bindgen]
impl SecuritySession {
    /// Signs the next outgoing message and returns the signature.
    pub fn sign(&mut self, message: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| session.sign(message).map(|signature| signature.to_vec()))
    }

    /// Checks the signature of the next incoming message.
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), JsValue> {
        self.with(&mut |session| session.verify(message, signature).map(|()| Vec::new())).map(drop)
    }

    /// Seals the next outgoing message and returns the signature followed by the encrypted message.
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| session.sealed(message))
    }

    /// Decrypts and checks the next incoming message.
    pub fn unseal(&mut self, sealed: &[u8], signature: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| session.unsealed(sealed, signature))
    }

    /// Seals the next outgoing message, or signs it if sealing was not negotiated.
    pub fn wrap(&mut self, message: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| session.wrap(message))
    }

    /// Decrypts and checks the next incoming message, which the peer wrapped.
    pub fn unwrap(&mut self, wrapped: &[u8]) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| session.unwrap(wrapped))
    }

    /// Sets the number of the next message in both directions, in datagram mode.
    #[wasm_bindgen(js_name = setSequence)]
    pub fn set_sequence(&mut self, sequence: u32) -> Result<(), JsValue> {
        self.with(&mut |session| {
            session.set_sequence(sequence);
            Ok(Vec::new())
        })
        .map(drop)
    }

    /// Returns the session key.
    #[wasm_bindgen(getter, js_name = exportedSessionKey)]
    pub fn exported_session_key(&mut self) -> Result<Vec<u8>, JsValue> {
        self.with(&mut |session| Ok(session.exported_session_key().expose().to_vec()))
    }

    /// Returns the negotiated NegotiateFlags.
    #[wasm_bindgen(getter, js_name = negotiateFlags)]
    pub fn negotiate_flags(&self) -> Result<u32, JsValue> {
        let flags = match &self.0 {
            Owner::Server(session) => Some(session.flags()),
            Owner::Client(handshake) => handshake.borrow().mechanism.outcome().map(|outcome| outcome.session.flags()),
        };
        flags.map(|flags| flags.0).ok_or_else(|| Error::from(ErrorKind::OutOfOrder).into())
    }
}

impl SecuritySession {
    /// Creates the session of a client's handshake.
    pub(super) const fn of_client(handshake: SharedHandshake) -> Self {
        SecuritySession(Owner::Client(handshake))
    }

    /// Creates the session of a server's handshake.
    pub(super) fn of_server(session: seal::SecuritySession) -> Self {
        SecuritySession(Owner::Server(Box::new(session)))
    }

    fn with(
        &mut self,
        step: &mut dyn FnMut(&mut seal::SecuritySession) -> Result<Vec<u8>, Error>,
    ) -> Result<Vec<u8>, JsValue> {
        guard(|| match &mut self.0 {
            Owner::Server(session) => step(session),
            Owner::Client(handshake) => match handshake.borrow_mut().mechanism.outcome_mut() {
                Some(outcome) => step(&mut outcome.session),
                None => Err(ErrorKind::OutOfOrder.into()),
            },
        })
    }
}
