//! Functions without a state.

use crate::bind::wasm::Call;
use crate::bind::wasm::exchange::Outcome;
use crate::channel_binding;
use crate::error::{Error, ErrorKind};
use crate::ntlm::examine;
use crate::ntlm::keys;
use crate::spnego::token::ntlm_token;
use crate::wire::oem::CodePage;
use alloc::vec::Vec;

impl Call<'_> {
    pub(super) fn nt_hash(&self) -> Outcome {
        Outcome::Bytes(keys::ntowf_v1(self.given).expose().to_vec())
    }

    pub(super) fn end_point(&self) -> Outcome {
        Outcome::Bytes(channel_binding::from_end_point(self.given).to_vec())
    }

    #[inline(never)]
    pub(super) fn examine(&self) -> Result<Outcome, Error> {
        let mut arguments = self.arguments();
        let hashes = arguments.proof(Some(CodePage::DEFAULT));
        let [negotiate, challenge, authenticate] = [(); 3].map(|()| arguments.bytes());
        arguments.check()?;
        let hashes = hashes.ok_or(ErrorKind::InvalidOption)?;
        let negotiate = negotiate.map(ntlm_token).transpose()?;
        let challenge = ntlm_token(challenge.unwrap_or_default())?;
        let authenticate = ntlm_token(authenticate.unwrap_or_default())?;
        let found = examine::examine(negotiate, challenge, authenticate, &hashes)?;
        let mut answer = Vec::with_capacity(18);
        answer.extend_from_slice(&[found.version as u8 + 1, found.mic as u8]);
        answer.extend_from_slice(found.exported_session_key.expose());
        Ok(Outcome::Bytes(answer))
    }
}
