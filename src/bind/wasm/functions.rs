//! Functions without a state.

use crate::bind::wasm::Core;
use crate::bind::wasm::arguments::password;
use crate::channel_binding;
use crate::error::ErrorKind;
use crate::secret::with_wiped_stack;
use crate::wire::oem::CodePage;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Core {
    /// The NT hash of a password in UTF-16LE.
    #[wasm_bindgen(js_name = ntHash)]
    pub fn nt_hash(&mut self, length: usize) -> i32 {
        with_wiped_stack(|| {
            let hashes = password(self.exchange.arguments(length), CodePage::DEFAULT);
            self.exchange.answer(Ok(hashes.nt.expose()))
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

    /// Code, message and advice of an error's number, one a line.
    #[wasm_bindgen(js_name = errorTexts)]
    pub fn error_texts(&mut self, number: usize) -> i32 {
        let kind = ErrorKind::ALL.get(number).copied().unwrap_or(ErrorKind::InvalidOption);
        self.exchange.answer(Ok([kind.code(), kind.message(), kind.advice()].join("\n")))
    }

    /// All error codes, one a line.
    #[wasm_bindgen(js_name = errorCodes)]
    pub fn error_codes(&mut self) -> i32 {
        let codes: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.code()).collect();
        self.exchange.answer(Ok(codes.join("\n")))
    }

    /// The version of the package.
    pub fn version(&mut self) -> i32 {
        self.exchange.answer(Ok(env!("CARGO_PKG_VERSION")))
    }
}
