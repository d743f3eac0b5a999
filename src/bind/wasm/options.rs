//! The options of a client, in the order in which JavaScript writes them.

use crate::bind::wasm::arguments::Arguments;
use crate::error::Error;
use crate::http::authenticator::Scheme;
use crate::mechanism::{Mechanism, NtlmMechanism};
use crate::ntlm::client::{Client, ClientConfig, MicPolicy, requested_flags};
use crate::ntlm::credential::Credential;
use crate::ntlm::flags::Flags;
use crate::spnego::client::SpnegoClient;
use alloc::boxed::Box;
use alloc::rc::Rc;

const SIGN: u32 = 1;
const SEAL: u32 = 2;
const FLAGS_GIVEN: u32 = 4;

/// A client with these options. Of a password its hashes remain.
#[inline(never)]
pub fn client(options: &mut Arguments<'_>) -> Result<Rc<Client>, Error> {
    let switches = options.number();
    let flags = options.number();
    let level = options.number() as u8;
    let mic = match options.number() {
        0 => MicPolicy::Auto,
        1 => MicPolicy::Always,
        _ => MicPolicy::Never,
    };
    let code_page = options.code_page();
    let hashes = options.proof((level < 3).then_some(code_page));
    let user = options.text();
    let domain = options.optional_text();
    let workstation = options.text();
    let target_name = options.optional_text();
    let channel_bindings = options.hash();
    let version = options.version();
    options.check()?;
    let given = (switches & FLAGS_GIVEN != 0).then_some(Flags(flags));
    Ok(Rc::new(Client::new(ClientConfig {
        credential: Credential::of(user, domain, hashes),
        workstation,
        target_name,
        channel_bindings,
        lm_compatibility_level: level,
        mic,
        flags: requested_flags(given, switches & SIGN != 0, switches & SEAL != 0, level),
        version,
        code_page,
    })))
}

/// The scheme that a number stands for.
pub const fn scheme(number: u32) -> Scheme {
    if number == 0 { Scheme::Ntlm } else { Scheme::Negotiate }
}

/// The mechanism of a scheme.
#[inline(never)]
pub fn mechanism(scheme: Scheme, client: &Rc<Client>) -> Box<dyn Mechanism> {
    let client = Rc::clone(client);
    match scheme {
        Scheme::Ntlm => Box::new(NtlmMechanism::new(client)),
        Scheme::Negotiate => Box::new(SpnegoClient::new(client)),
    }
}
