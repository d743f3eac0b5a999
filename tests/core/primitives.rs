//! The primitives against the documents that define them.

use crate::support::{array, hex, hex_at, hex_of, str_of, vectors};
use ntlm_wasm::crypto::{self, Rc4};
use ntlm_wasm::ntlm::keys;
use serde_json::Value;

fn cases<'a>(vectors: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let cases = vectors[name].as_array().unwrap();
    assert!(!cases.is_empty());
    cases.iter()
}

#[test]
fn md4_is_rfc_1320() {
    for case in cases(&vectors("primitives.json"), "md4_rfc1320") {
        assert_eq!(hex_of(&crypto::md4(&[&hex_at(&case["in"])])), str_of(&case["out"]));
    }
}

#[test]
fn md5_is_rfc_1321() {
    for case in cases(&vectors("primitives.json"), "md5_rfc1321") {
        assert_eq!(hex_of(&crypto::md5(&[&hex_at(&case["in"])])), str_of(&case["out"]));
    }
}

/// Only keys of 16 bytes occur in NTLM; the others are brought to that size as RFC 2104 says where that is possible.
#[test]
fn hmac_md5_is_rfc_2202() {
    let mut checked = 0;
    for case in cases(&vectors("primitives.json"), "hmac_md5_rfc2202") {
        let mut key = hex_at(&case["key"]);
        if key.len() > 64 {
            key = crypto::md5(&[&key]).to_vec();
        }
        if key.len() <= 16 {
            key.resize(16, 0);
            assert_eq!(hex_of(&crypto::hmac_md5(&array(&key), &[&hex_at(&case["data"])])), str_of(&case["out"]));
            checked += 1;
        }
    }
    assert_eq!(checked, 6, "all but the key of 25 bytes");
}

/// Lengths around three blocks, in one part and in two.
#[test]
fn parts_are_concatenated() {
    let data: Vec<u8> = (0..200_u8).collect();
    for length in 0..data.len() {
        let data = &data[..length];
        let key = array(&[length as u8; 16]);
        for cut in [0, 1, length / 2, length.saturating_sub(64)] {
            let (start, end) = data.split_at(cut.min(length));
            assert_eq!(crypto::md4(&[start, end]), crypto::md4(&[data]), "{length}");
            assert_eq!(crypto::md5(&[start, end]), crypto::md5(&[data]), "{length}");
            assert_eq!(crypto::hmac_md5(&key, &[start, end]), crypto::hmac_md5(&key, &[data]), "{length}");
        }
    }
}

#[test]
fn rc4_is_rfc_6229() {
    let vectors = vectors("primitives.json");
    for case in cases(&vectors, "rc4_rfc6229") {
        let mut stream = [0; 16];
        Rc4::new(&hex_at(&case["key"])).unwrap().apply(&mut stream);
        assert_eq!(hex_of(&stream), str_of(&case["keystream_0_15"]));
    }
    let case = &vectors["rc4_apache"];
    let mut data = hex_at(&case["data"]);
    Rc4::new(&hex_at(&case["key"])).unwrap().apply(&mut data);
    assert_eq!(hex_of(&data), str_of(&case["out"]));
}

#[test]
fn rc4_refuses_keys_without_bytes_and_beyond_256() {
    assert!(Rc4::new(&[]).is_none());
    assert!(Rc4::new(&[1; 257]).is_none());
}

#[test]
fn crc32_is_ieee_802_3() {
    let case = &vectors("primitives.json")["crc32"];
    assert_eq!(hex_of(&crypto::crc32(&hex_at(&case["input"])).to_le_bytes()), str_of(&case["value_le"]));
}

#[test]
fn hashes_of_the_empty_password() {
    let vectors = vectors("primitives.json");
    assert_eq!(hex_of(keys::ntowf_v1(&[]).expose()), str_of(&vectors["empty_password_nt_hash"]));
    assert_eq!(hex_of(keys::lmowf_v1(&[]).expose()), str_of(&vectors["empty_password_lm_hash"]));
}

/// FIPS 46-3 by way of the Davenport text's keys: 7 bytes spread over 8 give these, but for the parity bits.
#[test]
fn des_keys_spread_seven_bytes_over_eight() {
    // A known answer of DES with an odd-parity key: key 0123456789abcdef, plain 4e6f772069732074, cipher 3fa40e8a984d4815.
    let key: u64 = 0x0123_4567_89ab_cdef;
    let packed = (0..8).fold(0_u64, |bits, i| (bits << 7) | (key >> (57 - 8 * i) & 0x7f));
    let seven: [u8; 7] = array(&packed.to_be_bytes()[1..]);
    assert_eq!(hex_of(&crypto::des(seven, array(&hex("4e6f772069732074")))), "3fa40e8a984d4815");
}

#[test]
fn comparison_looks_at_lengths_and_bytes() {
    assert!(crypto::equal(b"abc", b"abc"));
    assert!(!crypto::equal(b"abc", b"abd"));
    assert!(!crypto::equal(b"abc", b"ab"));
}
