//! The client.

use crate::bind::wasm::Core;
use crate::bind::wasm::arguments::Arguments;
use crate::bind::wasm::exchange::number;
use crate::bind::wasm::options;
use crate::bind::wasm::random::{Random, env};
use crate::error::Error;
use crate::http::challenge;
use crate::mechanism::{Mechanism, Step};
use crate::secret::with_wiped_stack;
use crate::wire::{ascii, base64};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

/// A client and the handshake that it is in.
pub struct Client {
    mechanism: Box<dyn Mechanism>,
    done: bool,
}

#[wasm_bindgen]
impl Core {
    /// A client for the scheme and the options in the exchange: its number.
    pub fn client(&mut self, length: usize) -> i32 {
        let mut arguments = Arguments::new(self.exchange.arguments(length));
        let made = with_wiped_stack(|| {
            let scheme = options::scheme(arguments.number()?);
            Ok(options::mechanism(scheme, &options::client(&mut arguments)?))
        });
        match made {
            Ok(mechanism) => self.slots.insert(Client { mechanism, done: false }),
            Err(error) => number(error),
        }
    }

    /// The first token, in base64 or as bytes.
    pub fn start(&mut self, handle: u32, as_text: bool, now: f64) -> i32 {
        let token = self.slots.get::<Client>(handle).and_then(|client| {
            client.done = false;
            client.mechanism.start(&mut env(&mut Random, now))
        });
        self.exchange.answer(token.map(|step| written(step.token().unwrap_or_default(), as_text)))
    }

    /// The answer to a token in base64, in a header's value, or in bytes. Empty when nothing is left to send.
    pub fn step(&mut self, handle: u32, length: usize, from_text: bool, as_text: bool, now: f64) -> i32 {
        let answer = with_wiped_stack(|| {
            let client = self.slots.get::<Client>(handle)?;
            let token = read(self.exchange.arguments(length), from_text)?;
            let step = client.mechanism.step(&token, &mut env(&mut Random, now))?;
            client.done = !matches!(step, Step::Continue(_));
            Ok(step.token().unwrap_or_default())
        });
        self.exchange.answer(answer.map(|token| written(token, as_text)))
    }

    /// Forgets the handshake.
    pub fn reset(&mut self, handle: u32) {
        if let Ok(client) = self.slots.get::<Client>(handle) {
            client.mechanism.reset();
            client.done = false;
        }
    }

    /// Where the handshake stands: 1 when the last token was made, plus twice the kind of response that was sent
    /// (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2, 0 none).
    pub fn state(&mut self, handle: u32) -> u32 {
        self.slots.get::<Client>(handle).map_or(0, |client| {
            let version = client.mechanism.outcome().and_then(|outcome| outcome.ntlm_version);
            u32::from(client.done) + 2 * version.map_or(0, |version| version as u32 + 1)
        })
    }

    /// What protects the messages to come: its number, or an error's before the handshake has come so far.
    #[wasm_bindgen(js_name = clientSession)]
    pub fn client_session(&mut self, handle: u32) -> i32 {
        let outcome = self.slots.get::<Client>(handle).ok().and_then(|client| client.mechanism.outcome());
        match outcome.map(|outcome| Rc::clone(&outcome.session)) {
            Some(session) => self.slots.insert(session),
            None => number(crate::error::ErrorKind::OutOfOrder.into()),
        }
    }
}

/// A token for JavaScript.
#[inline(never)]
pub fn written(token: Vec<u8>, as_text: bool) -> Vec<u8> {
    if as_text { base64::encode(&token).into_bytes() } else { token }
}

/// A token from JavaScript.
#[inline(never)]
pub fn read(given: &[u8], from_text: bool) -> Result<Cow<'_, [u8]>, Error> {
    if from_text { base64::decode_bytes(token_of(given)).map(Cow::Owned) } else { Ok(Cow::Borrowed(given)) }
}

/// The token within `NTLM TlRMTVNTUA...`, with or without the header's name, or the text itself.
fn token_of(text: &[u8]) -> &[u8] {
    // Base64 has no spaces, a header's value has one.
    if !text.contains(&b' ') {
        return text;
    }
    let value = ascii::split_once(text, b":").map_or(text, |(_name, value)| value);
    let known = |scheme: &[u8]| scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate");
    let challenges = challenge::parse(value);
    let with_token = challenges.iter().find(|challenge| !challenge.token.is_empty() && known(challenge.scheme));
    with_token.map_or(text, |challenge| challenge.token)
}
