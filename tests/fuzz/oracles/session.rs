//! The messages of a session, in any order of calls and over any flags: what arrives is what was sent, and damage never passes.

use super::choices::Choices;
use core::ops::Range;
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::seal::{Role, SIGNATURE_SIZE, SecuritySession};
use ntlm_wasm::secret::Secret;

const MOST_MESSAGES: usize = 32;

pub fn session(input: &[u8]) {
    let mut choices = Choices(input);
    let flags = Flags(choices.number());
    let key = [choices.byte(); 16];
    let [mut client, mut server] =
        [Role::Client, Role::Server].map(|role| SecuritySession::new(flags, Secret::new(key), role));
    for _ in 0..MOST_MESSAGES {
        if choices.0.is_empty() {
            return;
        }
        let (from, to) = if choices.flag() { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let intact = match choices.byte() % 4 {
            0 => signed(&mut choices, from, to),
            1 => sealed(&mut choices, from, to),
            2 => wrapped(&mut choices, from, to),
            _ => noise(&mut choices, to),
        };
        // After damage the ends count differently, and the connection is to be closed.
        if !intact {
            return;
        }
    }
}

fn signed(choices: &mut Choices<'_>, from: &mut SecuritySession, to: &mut SecuritySession) -> bool {
    let text = choices.bytes();
    let Ok(mut signature) = from.sign(text) else {
        assert!(!from.signs());
        return true;
    };
    let intact = damage(choices, &mut signature, &pad(from, Flags::SIGN));
    assert_eq!(to.verify(text, &signature).is_ok(), intact, "a signature");
    intact
}

fn sealed(choices: &mut Choices<'_>, from: &mut SecuritySession, to: &mut SecuritySession) -> bool {
    let text = choices.bytes();
    let mut message = text.to_vec();
    let Ok(signature) = from.seal(&mut message) else {
        assert!(!from.flags().contains(Flags::SEAL));
        return true;
    };
    let intact = damage(choices, &mut message, &(0..0));
    assert_eq!(to.unseal(&mut message, &signature).is_ok(), intact, "a sealed message");
    assert!(if intact { message == text } else { message.iter().all(|byte| *byte == 0) }, "what was opened");
    intact
}

fn wrapped(choices: &mut Choices<'_>, from: &mut SecuritySession, to: &mut SecuritySession) -> bool {
    let text = choices.bytes();
    let Ok(mut message) = from.wrap(text) else {
        assert!(!from.signs() && !from.flags().contains(Flags::SEAL));
        return true;
    };
    assert_eq!(message.len(), SIGNATURE_SIZE + text.len());
    // A signature that says nothing says nothing of the text.
    let spare = if is_protected(from) { pad(from, Flags::SIGN | Flags::SEAL) } else { SIGNATURE_SIZE..message.len() };
    let intact = damage(choices, &mut message, &spare);
    match to.unwrap(&message) {
        Ok(opened) => assert!(intact && opened == text, "a wrapped message"),
        Err(error) => assert!(!intact, "{error:?}"),
    }
    intact
}

/// Bytes that were not sealed are not a message.
fn noise(choices: &mut Choices<'_>, to: &mut SecuritySession) -> bool {
    assert!(to.unwrap(choices.rest()).is_err() || !is_protected(to), "noise passes");
    false
}

fn is_protected(session: &SecuritySession) -> bool {
    (session.flags() & (Flags::SIGN | Flags::SEAL)) != Flags::default()
}

/// Where signatures without extended session security hold a random pad, which may be anything (MS-NLMP 3.4.4.1).
fn pad(session: &SecuritySession, signing: Flags) -> Range<usize> {
    let old = (session.flags() & signing) != Flags::default() && !session.flags().contains(Flags::ESS);
    if old { 4..8 } else { 0..0 }
}

/// Changes a byte now and then, but none of those to spare; true if all are as they were.
fn damage(choices: &mut Choices<'_>, bytes: &mut [u8], spare: &Range<usize>) -> bool {
    if choices.byte() % 4 != 3 || bytes.is_empty() {
        return true;
    }
    let (at, change) = (usize::from(choices.byte()) % bytes.len(), choices.byte() | 1);
    if spare.contains(&at) {
        return true;
    }
    bytes[at] ^= change;
    false
}
