//! The dialogue of one HTTP connection.

use crate::bind::wasm::Call;
use crate::bind::wasm::exchange::Outcome;
use crate::bind::wasm::options;
use crate::bind::wasm::random::Random;
use crate::error::Error;
use crate::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

impl Call<'_> {
    #[inline(never)]
    pub(super) fn http(&mut self) -> Result<Outcome, Error> {
        let mut arguments = self.arguments();
        let side = if arguments.number() == 0 { Side::Origin } else { Side::Proxy };
        let schemes: Vec<Scheme> = (0..arguments.count()).map(|_| options::scheme(arguments.number())).collect();
        let client = options::client(&mut arguments)?;
        let factory = Box::new(move |scheme| options::mechanism(scheme, &client));
        Ok(Outcome::Number(self.slots.insert(Authenticator::new(side, schemes, factory))))
    }

    #[inline(never)]
    pub(super) fn begin(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let header = self.slots.get::<Authenticator>(self.handle)?.begin(&mut env)?;
        Ok(Outcome::Bytes(header.into_bytes()))
    }

    #[inline(never)]
    pub(super) fn next(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let http = self.slots.get::<Authenticator>(self.handle)?;
        let (status, keep_alive) = ((self.detail >> 1) as u16, self.detail & 1 != 0);
        let (action, header) = match http.next(&Response { status, challenges: &[self.given], keep_alive }, &mut env)? {
            Next::Deliver => (b'=', String::new()),
            Next::Send { header, last: true } => (b'!', header),
            Next::Send { header, last: false } => (b'+', header),
            Next::Reconnect { header } => (b'<', header),
        };
        let mut answer = header.into_bytes();
        answer.insert(0, action);
        Ok(Outcome::Bytes(answer))
    }

    pub(super) fn http_state(&mut self) -> Result<Outcome, Error> {
        let http = self.slots.get::<Authenticator>(self.handle)?;
        let scheme = match http.scheme() {
            Some(Scheme::Ntlm) => 2,
            Some(Scheme::Negotiate) => 4,
            None => 0,
        };
        Ok(Outcome::Number(i32::from(http.is_authenticated()) + scheme))
    }
}
