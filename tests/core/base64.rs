//! Base64 as peers write it: white space in long headers, missing padding, stray bits.

use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::wire::base64::{decode, encode};
use proptest::prelude::*;

proptest! {
    #[test]
    fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = encode(&bytes);
        prop_assert_eq!(decode(&text).unwrap(), &bytes[..]);
        prop_assert_eq!(decode(text.trim_end_matches('=')).unwrap(), &bytes[..]);
        prop_assert_eq!(decode(&text.replace('A', " \r\nA\t")).unwrap(), bytes);
    }
}

#[test]
fn the_vectors_of_rfc_4648() {
    for (bytes, text) in
        [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
    {
        assert_eq!(encode(bytes.as_bytes()), text);
        assert_eq!(decode(text).unwrap(), bytes.as_bytes());
    }
}

#[test]
fn tolerated_forms() {
    for text in ["Zg==", "Zg=", "Zg", "Zh==", " Z g = = \r\n", "Z\tg"] {
        assert_eq!(decode(text).unwrap(), b"f", "{text:?}");
    }
}

#[test]
fn rejected_forms() {
    for text in ["Z", "Zg===", "=Zg=", "Zm9v=", "Zm9vYg==Zg==", "Z_-", "é", "Zm9\u{a0}v"] {
        assert_eq!(decode(text).map_err(|error| error.kind()), Err(ErrorKind::BadBase64), "{text:?}");
    }
}
