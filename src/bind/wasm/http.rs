//! The dialogue of one HTTP connection.

use crate::bind::wasm::Core;
use crate::bind::wasm::arguments::{Arguments, text};
use crate::bind::wasm::exchange::number;
use crate::bind::wasm::options;
use crate::bind::wasm::random::{Random, env};
use crate::error::Error;
use crate::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
use crate::secret::with_wiped_stack;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Core {
    /// A dialogue: the side (0 origin, 1 proxy), how many schemes, each of them, and the options stand in the exchange.
    pub fn http(&mut self, length: usize) -> i32 {
        match with_wiped_stack(|| dialogue(&mut Arguments::new(self.exchange.arguments(length)))) {
            Ok(dialogue) => self.slots.insert(dialogue),
            Err(error) => number(error),
        }
    }

    /// Begins on a new connection: the value of the first leg's header.
    pub fn begin(&mut self, handle: u32, now: f64) -> i32 {
        let header = self.slots.get::<Authenticator>(handle).and_then(|http| http.begin(&mut env(&mut Random, now)));
        self.exchange.answer(header)
    }

    /// Decides on a response, whose challenges stand in the exchange, one a line. The answer begins with what to do
    /// (`=` deliver, `+` send, `!` send the last leg, `<` reconnect), behind which stands the header's value.
    pub fn next(&mut self, handle: u32, length: usize, status: u16, keep_alive: bool, now: f64) -> i32 {
        let next = with_wiped_stack(|| {
            let http = self.slots.get::<Authenticator>(handle)?;
            let challenges: Vec<&str> = text(self.exchange.arguments(length))?.split('\n').collect();
            let response = Response { status, challenges: &challenges, keep_alive };
            http.next(&response, &mut env(&mut Random, now))
        });
        self.exchange.answer(next.map(|next| match next {
            Next::Deliver => String::from("="),
            Next::Send { header, last } => prefixed(if last { '!' } else { '+' }, &header),
            Next::Reconnect { header } => prefixed('<', &header),
        }))
    }

    /// Where the dialogue stands: 1 when the final token was accepted, plus 2 with NTLM in use, 4 with Negotiate.
    #[wasm_bindgen(js_name = httpState)]
    pub fn http_state(&mut self, handle: u32) -> u32 {
        self.slots.get::<Authenticator>(handle).map_or(0, |http| {
            let scheme = match http.scheme() {
                Some(Scheme::Ntlm) => 2,
                Some(Scheme::Negotiate) => 4,
                None => 0,
            };
            u32::from(http.is_authenticated()) + scheme
        })
    }
}

fn dialogue(arguments: &mut Arguments<'_>) -> Result<Authenticator, Error> {
    let side = if arguments.number()? == 0 { Side::Origin } else { Side::Proxy };
    let mut schemes = Vec::new();
    for _ in 0..arguments.number()? {
        schemes.push(options::scheme(arguments.number()?));
    }
    let client = options::client(arguments)?;
    Ok(Authenticator::new(side, schemes, Box::new(move |scheme| options::mechanism(scheme, &client))))
}

fn prefixed(action: char, header: &str) -> String {
    let mut text = String::from(action);
    text.push_str(header);
    text
}
