//! Session security.

use crate::bind::wasm::Core;
use crate::error::Error;
use crate::ntlm::seal::SecuritySession;
use crate::secret::with_wiped_stack;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// What may be done with a message.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Protection {
    /// Signs the next outgoing message: the signature.
    Sign,
    /// Checks the next incoming message: nothing.
    Verify,
    /// Encrypts and signs the next outgoing message: the signature, then the sealed bytes.
    Seal,
    /// Decrypts and checks the next incoming message: the plain text.
    Unseal,
    /// Seals, or signs where sealing was not agreed on, into one piece.
    Wrap,
    /// Takes apart what the other side wrapped.
    Unwrap,
    /// The key that other protocols take from here.
    Key,
}

/// A session, which the mechanism that made it keeps too.
type Shared = Rc<RefCell<SecuritySession>>;

#[wasm_bindgen]
impl Core {
    /// Does so with the message in the exchange, behind which a signature may stand.
    pub fn protect(&mut self, handle: u32, protection: Protection, message_length: usize, length: usize) -> i32 {
        let answer = with_wiped_stack(|| {
            let session = self.slots.get::<Shared>(handle)?;
            let (message, signature) =
                self.exchange.arguments(length).split_at_checked(message_length).unwrap_or_default();
            protect(&mut session.borrow_mut(), protection, message, signature)
        });
        self.exchange.answer(answer.map(|bytes| WipedBytes(Zeroizing::new(bytes))))
    }

    /// The flags that were agreed on.
    #[wasm_bindgen(js_name = sessionFlags)]
    pub fn session_flags(&mut self, handle: u32) -> u32 {
        self.slots.get::<Shared>(handle).map_or(0, |session| session.borrow().flags().0)
    }

    /// In datagram mode, says which message comes next.
    #[wasm_bindgen(js_name = setSequence)]
    pub fn set_sequence(&mut self, handle: u32, sequence: u32) {
        if let Ok(session) = self.slots.get::<Shared>(handle) {
            session.borrow_mut().set_sequence(sequence);
        }
    }
}

/// An answer that may be secret.
struct WipedBytes(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for WipedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn protect(
    session: &mut SecuritySession,
    protection: Protection,
    message: &[u8],
    signature: &[u8],
) -> Result<Vec<u8>, Error> {
    match protection {
        Protection::Sign => Ok(session.sign(message)?.to_vec()),
        Protection::Verify => session.verify(message, signature).map(|()| Vec::new()),
        Protection::Seal => {
            let mut body = Zeroizing::new(message.to_vec());
            let signature = session.seal(&mut body)?;
            Ok([&signature[..], &body].concat())
        }
        Protection::Unseal => {
            let mut body = Zeroizing::new(message.to_vec());
            session.unseal(&mut body, signature)?;
            Ok(core::mem::take(&mut *body))
        }
        Protection::Wrap => session.wrap(message),
        Protection::Unwrap => session.unwrap(message),
        Protection::Key => Ok(session.exported_session_key().expose().to_vec()),
    }
}
