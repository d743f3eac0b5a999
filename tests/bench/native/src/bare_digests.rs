//! The floor: the calls into RustCrypto that a handshake with an integrity code cannot do without, on data of the same lengths,
//! with the randomness, and nothing around them.

use crate::{Contender, Failure, Task};
use hmac::{Hmac, KeyInit, Mac};
use md4::{Digest, Md4};
use md5::Md5;

/// Message 1, message 3 and the part of message 3 that the proof covers, for the challenge of the benchmark.
const MESSAGE_1: usize = 40;
const MESSAGE_3: usize = 400;
const BLOB: usize = 240;

pub fn contender(task: &Task) -> Result<Contender, Failure> {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let name = wide(&(task.username.to_uppercase() + &task.domain));
    let password = wide(&task.password);
    let challenge = task.challenge.clone();
    let (challenge_too, key) = (challenge.clone(), response_key(&password, &name));
    Ok(Contender {
        messages: None,
        cases: vec![
            ("message 1 and 3, bytes", Box::new(move || respond(&keyed(&response_key(&password, &name)), &challenge))),
            (
                "message 1 and 3, reused, bytes",
                Box::new({
                    let key = keyed(&key);
                    move || respond(&key, &challenge_too)
                }),
            ),
        ],
    })
}

fn response_key(password: &[u8], name: &[u8]) -> [u8; 16] {
    digest(&keyed(&Md4::digest(password).into()), &[name])
}

/// Proof, session key and integrity code.
fn respond(key: &Hmac<Md5>, challenge: &[u8]) -> u8 {
    let mut random = [0; 40];
    if getrandom::fill(&mut random).is_err() {
        return 0;
    }
    let mut blob = [7; BLOB];
    blob[..random.len()].copy_from_slice(&random);
    let proof = digest(key, &[&challenge[24..32], &blob]);
    let session = digest(key, &[&proof]);
    digest(&keyed(&session), &[&[1; MESSAGE_1], challenge, &[3; MESSAGE_3]])[0]
}

fn keyed(key: &[u8; 16]) -> Hmac<Md5> {
    let mut block = [0; 64];
    block[..16].copy_from_slice(key);
    Hmac::new(&block.into())
}

fn digest(key: &Hmac<Md5>, parts: &[&[u8]]) -> [u8; 16] {
    let mut code = key.clone();
    parts.iter().for_each(|part| code.update(part));
    code.finalize().into_bytes().into()
}
