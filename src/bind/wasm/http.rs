//! The dialogue of one HTTP connection.

use crate::bind::wasm::Call;
use crate::bind::wasm::exchange::Outcome;
use crate::bind::wasm::options;
use crate::bind::wasm::random::Random;
use crate::error::Error;
use crate::http::authenticator::{Authenticator, Factory, Header, Next, Response, Scheme, Side};
use crate::mechanism::Mechanism;
use crate::ntlm::client::Client;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// Makes the mechanisms of the core, which need two legs.
pub struct Ours(Rc<Client>);

impl Factory for Ours {
    type Mechanism = dyn Mechanism;

    const ONE_LEG: bool = false;

    fn make(&self, scheme: Scheme) -> Box<dyn Mechanism> {
        options::mechanism(scheme, &self.0)
    }
}

impl Call<'_> {
    #[inline(never)]
    pub(super) fn http(&mut self) -> Result<Outcome, Error> {
        let mut arguments = self.arguments();
        let side = if arguments.number() == 0 { Side::Origin } else { Side::Proxy };
        let schemes: Vec<Scheme> = (0..arguments.count()).map(|_| options::scheme(arguments.number())).collect();
        let client = options::client(&mut arguments)?;
        Ok(Outcome::Number(self.slots.insert(Authenticator::over(side, schemes, Ours(client)))))
    }

    #[inline(never)]
    pub(super) fn begin(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let header = self.slots.http(self.handle)?.begin(&mut env)?;
        Ok(written(b'+', header))
    }

    #[inline(never)]
    pub(super) fn next(&mut self) -> Result<Outcome, Error> {
        let mut random = Random;
        let mut env = self.env(&mut random);
        let http = self.slots.http(self.handle)?;
        let (status, keep_alive) = ((self.detail >> 1) as u16, self.detail & 1 != 0);
        Ok(match http.next(&Response { status, challenges: &[self.given], keep_alive }, &mut env)? {
            Next::Deliver => Outcome::Bytes(Vec::new()),
            Next::Send { header, last: true } => written(b'!', header),
            Next::Send { header, last: false } => written(b'+', header),
            Next::Reconnect { header } => written(b'<', header),
        })
    }

    pub(super) fn http_state(&mut self) -> Result<Outcome, Error> {
        let http = self.slots.http(self.handle)?;
        let scheme = http.scheme().map_or(0, |scheme| i32::from(number(scheme)));
        Ok(Outcome::Number(i32::from(http.is_authenticated()) + 2 * scheme))
    }
}

/// What JavaScript calls a scheme.
const fn number(scheme: Scheme) -> u8 {
    match scheme {
        Scheme::Ntlm => 1,
        Scheme::Negotiate => 2,
    }
}

/// What to do, the scheme, and the token.
fn written(action: u8, header: Header) -> Outcome {
    let mut answer = header.token;
    answer.extend_from_slice(&[number(header.scheme), action]);
    Outcome::Bytes(answer)
}
