//! Session security.

use crate::bind::wasm::Call;
use crate::bind::wasm::exchange::Outcome;
use crate::bind::wasm::operation::Operation;
use crate::error::Error;
use crate::ntlm::seal::SecuritySession;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

/// A session, which the mechanism that made it keeps too.
pub type Shared = Rc<RefCell<SecuritySession>>;

impl Call<'_> {
    #[inline(never)]
    pub(super) fn protect(&mut self) -> Result<Outcome, Error> {
        let mut session = self.slots.session(self.handle)?.borrow_mut();
        let (message, signature) = self.given.split_at_checked(self.detail as usize).unwrap_or_default();
        Ok(Outcome::Bytes(match self.operation {
            Operation::Sign => session.sign(message)?.to_vec(),
            Operation::CheckSignature => session.verify(message, signature).map(|()| Vec::new())?,
            Operation::Seal => session.sealed(message)?,
            Operation::Unseal => session.unsealed(message, signature)?,
            Operation::Wrap => session.wrap(message)?,
            Operation::Unwrap => session.unwrap(message)?,
            _ => session.exported_session_key().expose().to_vec(),
        }))
    }

    pub(super) fn session_flags(&mut self) -> Result<Outcome, Error> {
        let session = self.slots.session(self.handle)?;
        Ok(Outcome::Bytes(session.borrow().flags().0.to_le_bytes().to_vec()))
    }

    pub(super) fn set_sequence(&mut self) -> Result<Outcome, Error> {
        self.slots.session(self.handle)?.borrow_mut().set_sequence(self.detail);
        Ok(Outcome::Number(0))
    }
}
