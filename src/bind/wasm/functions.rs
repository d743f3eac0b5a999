//! Functions without a state.

use crate::bind::wasm::Core;
use crate::channel_binding;
use crate::ntlm::keys;
use crate::secret::with_wiped_stack;
use wasm_bindgen::prelude::wasm_bindgen;

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

    /// The version of the package.
    pub fn version(&mut self) -> i32 {
        self.exchange.answer(Ok(env!("CARGO_PKG_VERSION")))
    }
}
