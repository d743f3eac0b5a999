//! Functions without a state.

use crate::bind::wasm::Core;
use crate::bind::wasm::arguments::Arguments;
use crate::channel_binding;
use crate::error::{Error, ErrorKind};
use crate::ntlm::examine;
use crate::ntlm::keys;
use crate::secret::with_wiped_stack;
use crate::spnego::token::ntlm_token;
use crate::wire::oem::CodePage;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[wasm_bindgen]
impl Core {
    /// The NT hash of a password in UTF-16LE.
    #[wasm_bindgen(js_name = ntHash)]
    pub fn nt_hash(&mut self, length: usize) -> i32 {
        with_wiped_stack(|| {
            let hash = keys::ntowf_v1(self.exchange.arguments(length));
            self.exchange.answer(Ok(hash.expose()))
        })
    }

    /// The hash that binds to a certificate, or to one whose own hash is known.
    #[wasm_bindgen(js_name = channelBindings)]
    pub fn channel_bindings(&mut self, length: usize, is_hash: bool) -> i32 {
        let given = self.exchange.arguments(length);
        let hash =
            if is_hash { Ok(channel_binding::from_end_point(given)) } else { channel_binding::from_certificate(given) };
        self.exchange.answer(hash)
    }

    /// Whether what proves an account fits a handshake, as stands in the exchange: the proof, messages 1 (or nothing), 2 and 3.
    /// The answer: the kind of the response (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2), the message integrity code (0 absent,
    /// 1 right, 2 wrong, 3 not checked), the session key.
    pub fn examine(&mut self, length: usize) -> i32 {
        let answer = with_wiped_stack(|| examined(Arguments::new(self.exchange.arguments(length))));
        self.exchange.answer(answer)
    }

    /// The version of the package.
    pub fn version(&mut self) -> i32 {
        self.exchange.answer(Ok(env!("CARGO_PKG_VERSION")))
    }
}

fn examined(mut arguments: Arguments<'_>) -> Result<Zeroizing<[u8; 18]>, Error> {
    let hashes = arguments.proof(Some(CodePage::DEFAULT))?.ok_or(ErrorKind::InvalidOption)?;
    let negotiate = arguments.bytes()?.map(ntlm_token).transpose()?;
    let challenge = ntlm_token(arguments.bytes()?.unwrap_or_default())?;
    let authenticate = ntlm_token(arguments.bytes()?.unwrap_or_default())?;
    let found = examine::examine(negotiate, challenge, authenticate, &hashes)?;
    let mut answer = Zeroizing::new([0; 18]);
    let [version, mic, key @ ..] = &mut *answer;
    (*version, *mic) = (found.version as u8 + 1, found.mic as u8);
    key.copy_from_slice(found.exported_session_key.expose());
    Ok(answer)
}
