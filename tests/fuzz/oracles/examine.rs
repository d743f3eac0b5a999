//! A recorded handshake looked at afterwards: only what the password made is said to match it.

use super::choices::Choices;
use super::parties::{Random, client_of, env, hashes, server};
use ntlm_wasm::ntlm::credential::Hashes;
use ntlm_wasm::ntlm::examine::{Mic, examine};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::response::NtlmVersion;

pub fn examined(input: &[u8]) {
    let mut choices = Choices(input);
    let server = server(choices.byte());
    let client = client_of(&mut choices);
    let Ok(negotiated) = client.negotiate() else { return };
    let negotiate = negotiated.message().to_vec();
    let Ok(challenged) = server.challenge(negotiate.clone(), &mut env(&mut Random(9))) else { return };
    let challenge = challenged.message();
    let Ok(sent) = negotiated.authenticate(&client, challenge, &mut env(&mut Random(4))) else { return };
    anything(&mut Choices(input), &negotiate, challenge);
    if client.is_connectionless() || client.config().credential.hashes.is_none() {
        return;
    }
    // Text in a code page is not searched. No flag shows extended session security that only the client requires.
    let plain = sent.session.flags().contains(Flags::UNICODE) && sent.version == Some(NtlmVersion::V2);
    let Ok(genuine) = examine(Some(&negotiate), challenge, &sent.message, &hashes()) else {
        return assert!(!plain, "the right password does not match");
    };
    assert_eq!(Some(genuine.version), sent.version);
    assert_eq!(genuine.exported_session_key.expose(), sent.session.exported_session_key().expose());
    assert_ne!(genuine.mic, Mic::Wrong);
    assert!(examine(Some(&negotiate), challenge, &sent.message, &other_hashes()).is_err(), "another password matches");
    let unheard = examine(None, challenge, &sent.message, &hashes()).map(|examined| examined.mic);
    assert_eq!(unheard.ok(), Some(if genuine.mic == Mic::Right { Mic::Unchecked } else { genuine.mic }));
    changed(&mut choices, genuine.mic, [&negotiate, challenge, &sent.message]);
}

/// A code that fits does so for these three messages only.
fn changed(choices: &mut Choices<'_>, mic: Mic, messages: [&[u8]; 3]) {
    let mut messages = messages.map(<[u8]>::to_vec);
    let message = &mut messages[usize::from(choices.byte()) % 3];
    let at = usize::from(u16::from_le_bytes([choices.byte(), choices.byte()])) % message.len();
    message[at] ^= choices.byte() | 1;
    let [negotiate, challenge, message] = &messages;
    if let Ok(examined) = examine(Some(negotiate), challenge, message, &hashes()) {
        assert!(mic != Mic::Right || examined.mic != Mic::Right, "a changed message fits its code");
    }
}

/// Arbitrary pasted input.
fn anything(choices: &mut Choices<'_>, negotiate: &[u8], challenge: &[u8]) {
    let message = [choices.one_of(&[&b""[..], b"NTLMSSP\0\x03\0\0\0"]), choices.rest()].concat();
    assert!(examine(Some(negotiate), challenge, &message, &hashes()).is_err(), "noise matches a password");
    assert!(examine(None, &message, &message, &hashes()).is_err());
}

fn other_hashes() -> Hashes {
    Hashes::of_nt_hash(*b"somebody-knows-.")
}
