//! The three messages and their attributes: what is written is read as the same, and every part lies within the message.

use ntlm_wasm::ntlm::authenticate::{Authenticate, MIC_END};
use ntlm_wasm::ntlm::av_pair::{AvPairWriter, AvPairs};
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::version::Version;

/// Each decoder gets the input as it is, and once more with the signature and type that it wants before it.
pub fn negotiate_challenge_authenticate(input: &[u8]) {
    for kind in 1..=3_u8 {
        let prefixed = [&b"NTLMSSP\0"[..], &[kind, 0, 0, 0], input].concat();
        for message in [input, &prefixed] {
            match kind {
                1 => negotiate(message),
                2 => challenge(message),
                _ => authenticate(message),
            }
        }
    }
}

fn negotiate(message: &[u8]) {
    let Ok(decoded) = Negotiate::decode(message) else { return };
    assert_within(message, &[decoded.domain, decoded.workstation]);
    let bytes = decoded.encode().unwrap();
    let again = Negotiate::decode(&bytes).unwrap();
    assert_eq!(Negotiate { version: announced(decoded.flags, decoded.version), ..decoded }, again);
    assert_eq!(bytes, again.encode().unwrap());
}

fn challenge(message: &[u8]) {
    let Ok(decoded) = Challenge::decode(message) else { return };
    let info = decoded.target_info.unwrap_or_default();
    assert_within(message, &[decoded.target_name, info.as_bytes()]);
    info.iter().for_each(|pair| assert_within(info.as_bytes(), &[pair.value]));
    let bytes = decoded.encode().unwrap();
    let again = Challenge::decode(&bytes).unwrap();
    assert_eq!(Challenge { version: announced(decoded.flags, decoded.version), ..decoded }, again);
    assert_eq!(bytes, again.encode().unwrap());
}

fn authenticate(message: &[u8]) {
    let Ok(decoded) = Authenticate::decode(message) else { return };
    let parts = [
        decoded.lm_response,
        decoded.nt_response,
        decoded.domain,
        decoded.user,
        decoded.workstation,
        decoded.encrypted_session_key,
    ];
    assert_within(message, &parts);
    if decoded.mic.is_some() {
        let payload = parts.iter().filter(|part| !part.is_empty()).map(|part| offset(message, part)).min();
        assert!(payload.unwrap_or(message.len()) >= MIC_END, "the code and the payload overlap");
    }
    let bytes = decoded.encode().unwrap();
    let again = Authenticate::decode(&bytes).unwrap();
    // What the oldest header cannot say is written as zero.
    let flags = decoded.flags.unwrap_or_default();
    let expected = Authenticate { flags: Some(flags), version: announced(flags, decoded.version), ..decoded };
    // Encoding adds room for the MIC if nothing follows the header.
    assert_eq!(Authenticate { mic: again.mic, ..expected }, again);
    assert!(decoded.mic.is_none() || decoded.mic == again.mic);
    assert_eq!(bytes, again.encode().unwrap());
}

/// A version that was announced, but for which a short header had no place, is written as zeros.
fn announced(flags: Flags, version: Option<Version>) -> Option<Version> {
    let zeros = Version { revision: 0, ..Version::new(0, 0, 0) };
    flags.contains(Flags::VERSION).then(|| version.unwrap_or(zeros))
}

/// A list of AV pairs that is parsed and encoded again is the same list.
pub fn av_pairs(input: &[u8]) {
    let Ok(pairs) = AvPairs::parse(input) else { return };
    let mut writer = AvPairWriter::default();
    for pair in pairs.iter() {
        assert_within(input, &[pair.value]);
        writer.push(pair.id, pair.value);
        assert!(pairs.get(pair.id).is_some());
    }
    let bytes = writer.finish().unwrap();
    let again = AvPairs::parse(&bytes).unwrap();
    assert!(pairs.iter().eq(again.iter()));
    assert!(
        bytes.starts_with(&input[..(bytes.len() - 4).min(input.len())]),
        "attributes follow one another without a gap"
    );
    assert_eq!((pairs.flags(), pairs.timestamp()), (again.flags(), again.timestamp()));
}

fn assert_within(whole: &[u8], parts: &[&[u8]]) {
    for part in parts.iter().filter(|part| !part.is_empty()) {
        let start = offset(whole, part);
        assert!(start <= whole.len() && part.len() <= whole.len() - start, "a part lies outside the message");
    }
}

fn offset(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize)
}
