//! The oracles of the fuzz targets, over what is known: inputs that once failed, captured tokens, certificates; and over noise.

#[path = "../fuzz/oracles/mod.rs"]
mod fuzz;

use crate::support::{base64_at, captured, hex_at, str_of, vectors};
use fuzz::{ORACLES, Oracle};
use ntlm_wasm::wire::base64;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn oracle(name: &str) -> Oracle {
    ORACLES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// Runs the inputs of a folder; how many there are.
fn kept(kind: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(kind);
    let mut count = 0;
    for (name, holds) in ORACLES {
        for entry in fs::read_dir(folder.join(name)).into_iter().flatten() {
            holds(&fs::read(entry.unwrap().path()).unwrap());
            count += 1;
        }
    }
    count
}

#[test]
fn fixed_fuzzing_failures_stay_fixed() {
    assert_ne!(kept("regressions"), 0, "the inputs are there");
}

/// Every message of the published vectors, whatever its file calls it.
fn published_tokens() -> Vec<Vec<u8>> {
    fn collect(value: &serde_json::Value, found: &mut Vec<Vec<u8>>) {
        match value {
            serde_json::Value::String(text) if text.starts_with("4e544c4d53535000") => found.push(hex_at(value)),
            serde_json::Value::String(text) if text.starts_with("TlRMTVNT") => found.push(base64_at(value)),
            serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            serde_json::Value::Object(map) => map.values().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    ["ms-nlmp.json", "davenport.json"].into_iter().for_each(|name| collect(&vectors(name), &mut found));
    ["corpus.json", "corpus-synthetic.json", "spnego.json", "exchanges.json"]
        .into_iter()
        .filter_map(captured)
        .for_each(|file| collect(&file, &mut found));
    found
}

#[test]
fn published_tokens_whole_cut_and_changed() {
    let tokens = published_tokens();
    assert!(tokens.len() >= 10, "{}", tokens.len());
    for token in &tokens {
        for (name, holds) in ORACLES {
            holds(token);
            // The list of challenges takes text.
            if *name == "challenge_list" {
                holds(format!("Negotiate, NTLM {}, Basic realm=\"x\"", base64::encode(token)).as_bytes());
            }
        }
        for end in (0..token.len()).step_by(1 + token.len() / 8) {
            oracle("messages")(&token[..end]);
            oracle("explain")(&token[..end]);
            let mut changed = token.clone();
            changed[end] ^= 1 << (end % 8);
            oracle("messages")(&changed);
            oracle("explain")(&changed);
        }
    }
}

#[test]
fn published_certificates() {
    let file = vectors("certificates.json");
    let certificates = file["certificates"].as_array().unwrap();
    assert_ne!(certificates.len(), 0);
    for certificate in certificates {
        let text = str_of(&certificate["der"]);
        oracle("certificate")(text.as_bytes());
        oracle("certificate")(&base64::decode(text).unwrap_or_default());
    }
}

proptest! {
    #[test]
    fn noise(input in proptest::collection::vec(any::<u8>(), 0..300)) {
        for (_, holds) in ORACLES {
            holds(&input);
        }
    }

    #[test]
    fn options_of_every_kind(input in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(77), any::<u8>()], 0..40)) {
        for name in ["dialogue", "client", "acceptor", "agreement", "session", "examine"] {
            oracle(name)(&input);
        }
    }
}
