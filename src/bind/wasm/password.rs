//! The NT hash, and password checks against a recorded handshake.

use crate::bind::wasm::error::guard;
use crate::bind::wasm::options::{self, MicVerdict, ResponseName};
use crate::error::ErrorKind;
use crate::ntlm::examine;
use crate::ntlm::keys;
use crate::spnego::token::ntlm_token;
use crate::wire::oem::CodePage;
use crate::wire::text::slice_to_bytes;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem::take;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// Returns the NT hash of a password in UTF-16, which may contain lone surrogates.
#[wasm_bindgen(js_name = ntHash)]
pub fn nt_hash(password: Vec<u16>) -> Result<Vec<u8>, JsValue> {
    guard(|| Ok(keys::ntowf_v1(&slice_to_bytes(&password)).expose().to_vec()))
}

/// The properties of a handshake whose password is known.
#[wasm_bindgen]
pub struct PasswordCheck {
    ntlm_version: ResponseName,
    mic: MicVerdict,
    exported_session_key: Vec<u8>,
}

#[wasm_bindgen]
impl PasswordCheck {
    /// Returns the kind of response.
    #[wasm_bindgen(getter, js_name = ntlmVersion)]
    pub fn ntlm_version(&self) -> ResponseName {
        self.ntlm_version
    }

    /// Returns the result of checking the message integrity code.
    #[wasm_bindgen(getter)]
    pub fn mic(&self) -> MicVerdict {
        self.mic
    }

    /// Returns the session key; it can be taken once.
    #[wasm_bindgen(getter, js_name = exportedSessionKey)]
    pub fn exported_session_key(&mut self) -> Vec<u8> {
        take(&mut self.exported_session_key)
    }
}

/// Checks a recorded handshake against a password or NT hash. Throws `ERR_NTLM_PROOF_MISMATCH` if it does not match.
#[wasm_bindgen(js_name = checkPassword)]
pub fn check_password(
    password: Option<String>,
    nt_hash: Option<Vec<u8>>,
    negotiate: Option<Vec<u8>>,
    challenge: &[u8],
    authenticate: &[u8],
) -> Result<PasswordCheck, JsValue> {
    guard(|| {
        let hashes = options::hashes(password, nt_hash, Some(CodePage::DEFAULT))?.ok_or(ErrorKind::InvalidOption)?;
        let negotiate = negotiate.as_deref().map(ntlm_token).transpose()?;
        let found = examine::examine(negotiate, ntlm_token(challenge)?, ntlm_token(authenticate)?, &hashes)?;
        Ok(PasswordCheck {
            ntlm_version: found.version.into(),
            mic: found.mic.into(),
            exported_session_key: found.exported_session_key.expose().to_vec(),
        })
    })
}
