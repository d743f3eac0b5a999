//! The other forms that come from outside: SPNEGO tokens, certificates, lists of challenges.

use ntlm_wasm::channel_binding;
use ntlm_wasm::http::challenge;
use ntlm_wasm::spnego::token::{NegToken, encode_init};
use ntlm_wasm::wire::base64;

/// A token that is parsed and encoded again parses to the same.
pub fn spnego(input: &[u8]) {
    match NegToken::decode(input) {
        Ok(NegToken::Init(init)) => {
            let Some(mech_token) = init.mech_token else { return };
            let bytes = encode_init(init.mech_list, mech_token);
            assert_eq!(NegToken::decode(&bytes), Ok(NegToken::Init(init)));
        }
        Ok(NegToken::Resp(resp)) => {
            let bytes = resp.encode();
            assert_eq!(NegToken::decode(&bytes), Ok(NegToken::Resp(resp)));
            assert_eq!(resp.encode(), bytes);
        }
        Err(error) => assert_eq!(error.kind().code(), "ERR_NTLM_BAD_SPNEGO"),
    }
}

/// A certificate has one binding, in whatever form it comes.
pub fn certificate(input: &[u8]) {
    let Ok(binding) = channel_binding::from_certificate(input) else { return };
    if input.first() != Some(&0x30) {
        return;
    }
    let text = base64::encode(input);
    let pem = format!("before\n-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\nbehind");
    assert_eq!(channel_binding::from_certificate(text.as_bytes()), Ok(binding));
    assert_eq!(channel_binding::from_certificate(pem.as_bytes()), Ok(binding));
}

/// A parsed list contains its items in order, and a list of only these items parses to the same.
pub fn challenge_list(input: &[u8]) {
    let read = challenge::parse(input);
    let mut rest = input;
    for found in &read {
        assert!(!found.scheme.is_empty());
        for part in [found.scheme, found.token].into_iter().filter(|part| !part.is_empty()) {
            let at = rest.windows(part.len()).position(|window| window == part).unwrap();
            rest = &rest[at + part.len()..];
        }
    }
    let written: Vec<_> = read.iter().map(|found| [found.scheme, found.token].join(&b' ')).collect();
    assert_eq!(challenge::parse(&written.join(&b','))[..], read);
}
