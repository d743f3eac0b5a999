//! The core in its own language: what the WebAssembly module does, without the border to JavaScript.

use crate::{Contender, Failure, Task};
use base64::prelude::{BASE64_STANDARD, Engine};
use ntlm_wasm::env::Env;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::ntlm::client::{Authenticated, Client, ClientConfig, MicPolicy, Negotiated, requested_flags};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::version::Version;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::oem::CodePage;
use ntlm_wasm::wire::text::encode_utf16le;

pub fn contender(task: &Task) -> Result<Contender, Failure> {
    let client = client(task);
    let first = client.negotiate().map_err(said)?;
    let message1 = first.message().to_vec();
    let message3 = handshake(&client, &task.challenge).map_err(said)?.message;
    let (whole, challenge, text) = (task.clone(), task.challenge.clone(), BASE64_STANDARD.encode(&task.challenge));
    let base64_task = task.clone();
    Ok(Contender {
        messages: Some([message1, message3]),
        cases: vec![
            ("message 1 and 3, bytes", Box::new(move || last_byte(handshake(&self::client(&whole), &whole.challenge)))),
            ("message 1 and 3, reused, bytes", Box::new(move || last_byte(handshake(&client, &challenge)))),
            ("message 1 and 3", Box::new(move || in_base64(&self::client(&base64_task), &text))),
        ],
    })
}

fn client(task: &Task) -> Client {
    Client::new(ClientConfig {
        credential: Credential::new(
            &task.username,
            Some(&task.domain),
            Some(Hashes::of_password(&encode_utf16le(&task.password))),
        ),
        workstation: task.workstation.as_str().into(),
        target_name: None,
        channel_bindings: None,
        lm_compatibility_level: 3,
        mic: MicPolicy::Auto,
        flags: requested_flags(None, false, false, 3),
        version: Version::DEFAULT,
        code_page: CodePage::DEFAULT,
    })
}

fn handshake(client: &Client, challenge: &[u8]) -> Result<Authenticated, Error> {
    answer(client.negotiate()?, client, challenge)
}

fn answer(first: Negotiated, client: &Client, challenge: &[u8]) -> Result<Authenticated, Error> {
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
    let mut env = Env { now: FileTime::default(), random: &mut random };
    first.authenticate(client, challenge, &mut env)
}

/// With the base64 of HTTP around it, both ways.
fn in_base64(client: &Client, challenge: &str) -> u8 {
    let challenge = BASE64_STANDARD.decode(challenge).unwrap_or_default();
    let Ok(first) = client.negotiate() else { return 0 };
    let text1 = BASE64_STANDARD.encode(first.message());
    let Ok(done) = answer(first, client, &challenge) else { return 0 };
    let text3 = BASE64_STANDARD.encode(&done.message);
    text1.as_bytes().last().copied().unwrap_or(0) ^ text3.as_bytes().last().copied().unwrap_or(0)
}

fn last_byte(done: Result<Authenticated, Error>) -> u8 {
    done.ok().and_then(|done| done.message.last().copied()).unwrap_or(0)
}

fn said(error: Error) -> Failure {
    format!("{error:?}").into()
}
