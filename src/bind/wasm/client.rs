//! The client.

use crate::bind::wasm::Call;
use crate::bind::wasm::exchange::Outcome;
use crate::bind::wasm::options;
use crate::bind::wasm::random::Random;
use crate::error::{Error, ErrorKind};
use crate::http::challenge;
use crate::mechanism::{Mechanism, Step};
use crate::wire::{ascii, base64};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;

/// A client and the handshake that it is in.
pub struct Client {
    mechanism: Box<dyn Mechanism>,
    done: bool,
}

const FROM_TEXT: u32 = 1;

impl Call<'_> {
    #[inline(never)]
    pub(super) fn client(&mut self) -> Result<Outcome, Error> {
        let mut arguments = self.arguments();
        let scheme = options::scheme(arguments.number());
        let mechanism = options::mechanism(scheme, &options::client(&mut arguments)?);
        Ok(Outcome::Number(self.slots.insert(Client { mechanism, done: false })))
    }

    pub(super) fn start(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let client = self.slots.client(self.handle)?;
        client.done = false;
        Ok(Outcome::Bytes(client.mechanism.start(&mut env)?.token().unwrap_or_default()))
    }

    #[inline(never)]
    pub(super) fn step(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let token = self.read()?;
        let client = self.slots.client(self.handle)?;
        let step = client.mechanism.step(&token, &mut env)?;
        client.done = !matches!(step, Step::Continue(_));
        Ok(Outcome::Bytes(step.token().unwrap_or_default()))
    }

    pub(super) fn reset(&mut self) -> Result<Outcome, Error> {
        let client = self.slots.client(self.handle)?;
        client.mechanism.reset();
        client.done = false;
        Ok(Outcome::Number(0))
    }

    pub(super) fn state(&mut self) -> Result<Outcome, Error> {
        let client = self.slots.client(self.handle)?;
        let version = client.mechanism.outcome().and_then(|outcome| outcome.ntlm_version);
        Ok(Outcome::Number(i32::from(client.done) + 2 * version.map_or(0, |version| version as i32 + 1)))
    }

    pub(super) fn client_session(&mut self) -> Result<Outcome, Error> {
        let client = self.slots.client(self.handle)?;
        let session = Rc::clone(&client.mechanism.outcome().ok_or(ErrorKind::OutOfOrder)?.session);
        Ok(Outcome::Number(self.slots.insert(session)))
    }
}

impl<'a> Call<'a> {
    /// A token from JavaScript.
    #[inline(never)]
    pub(super) fn read(&self) -> Result<Cow<'a, [u8]>, Error> {
        if self.detail & FROM_TEXT == 0 {
            return Ok(Cow::Borrowed(self.given));
        }
        base64::decode_bytes(token_of(self.given)).map(Cow::Owned)
    }
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
