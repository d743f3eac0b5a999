//! Prints messages 1 and 3 for a challenge in base64:
//!
//! ```text
//! cargo run --example handshake -- TlRMTVNTUAACAAAA…
//! ```
#![expect(clippy::print_stdout, reason = "the output of the example")]

use ntlm_wasm::env::Env;
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::client::{Client, ClientConfig};
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::filetime::FileTime;
use std::env::args;
use std::time::SystemTime;

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let client = Client::new(ClientConfig {
        workstation: "WS01".into(),
        target_name: Some("HTTP/intranet.corp.example".into()),
        ..ClientConfig::with_password("CORP\\alice", "Password")
    });
    let negotiated = client.negotiate()?;
    println!("Authorization: NTLM {}", base64::encode(negotiated.message()));

    let Some(challenge) = args().nth(1) else { return Ok(()) };
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
    let mut env = Env { now: FileTime::from(SystemTime::now()), random: &mut random };
    let authenticated = negotiated.authenticate(&client, &base64::decode(&challenge)?, &mut env)?;
    println!("Authorization: NTLM {}", base64::encode(&authenticated.message));
    Ok(())
}
