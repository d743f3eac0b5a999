//! Base64 against the crate of that name.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::wire::base64 as own;
use proptest::prelude::*;

/// As tolerant as ours.
const CRATE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

proptest! {
    #[test]
    fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = own::encode(&bytes);
        prop_assert_eq!(&text, &CRATE.encode(&bytes));
        prop_assert_eq!(own::decode(&text).unwrap(), &bytes[..]);
        prop_assert_eq!(own::decode(text.trim_end_matches('=')).unwrap(), &bytes[..]);
        prop_assert_eq!(own::decode(&text.replace('A', " \r\nA\t")).unwrap(), bytes);
    }

    /// What one takes the other takes, and as the same.
    #[test]
    fn any_text_is_judged_as_by_the_crate(text in "[A-Za-z0-9+/=_ é-]{0,14}|[A-D]{0,9}={0,5}") {
        let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        prop_assert_eq!(own::decode(&text).map_err(|error| error.kind()), CRATE.decode(packed).map_err(|_| ErrorKind::BadBase64));
    }
}
