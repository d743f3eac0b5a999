//! Upper case, code pages and times, as Windows has them.

use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::credential::Credential;
use ntlm_wasm::ntlm::version::Version;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::oem::CodePage;
use ntlm_wasm::wire::text;
use ntlm_wasm::wire::upcase::upcase;
use proptest::prelude::*;

fn upper(text: &str) -> String {
    text::decode_utf16le(&text::encode_utf16le_upper(text)).unwrap()
}

#[test]
fn names_are_upper_cased_letter_by_letter() {
    for (name, expected) in [
        ("alice", "ALICE"),
        ("jürgen", "JÜRGEN"),
        ("Жанна", "ЖАННА"),
        ("straße", "STRAßE"),
        ("ışık", "ıŞıK"),
        ("istanbul", "ISTANBUL"),
        ("ǰ", "ǰ"),
        ("ΑΣΣΟΣ ασσος", "ΑΣΣΟΣ ΑΣΣΟΣ"),
        ("ÿµſ", "Ÿµſ"),
        ("ѐџ", "ЀЏ"),
        ("𐐨😀", "𐐨😀"),
        ("ﬀ", "ﬀ"),
    ] {
        assert_eq!(upper(name), expected);
    }
}

/// Every letter that has an upper case is the lower case of it, so no two steps are needed and none is lost.
#[test]
fn upper_case_is_final_and_paired() {
    let mut letters = 0;
    for unit in 0..=u16::MAX {
        let upper = upcase(unit);
        assert_eq!(upcase(upper), upper, "{unit:04x}");
        if upper == unit {
            continue;
        }
        letters += 1;
        let (lower_char, upper_char) = (char::from_u32(unit.into()).unwrap(), char::from_u32(upper.into()).unwrap());
        // U+03C2, the final sigma, shares its upper case with U+03C3.
        assert!(unit == 0x03c2 || upper_char.to_lowercase().eq([lower_char]), "{unit:04x} {upper:04x}");
    }
    assert_eq!(letters, 26 + 846);
}

#[test]
fn lone_surrogates_pass_through() {
    let units = [0xd800_u16, 0x0061, 0xdc00];
    let bytes = text::units_to_bytes(units.iter().copied());
    assert_eq!(text::upper_utf16le(&bytes), text::units_to_bytes([0xd800, 0x0041, 0xdc00].into_iter()));
    assert_eq!(text::decode_utf16le(&bytes).unwrap(), "\u{fffd}a\u{fffd}");
    assert!(text::decode_utf16le(&bytes[1..]).is_err());
}

#[test]
fn code_pages_are_their_own_inverse() {
    for number in [437, 850, 852, 866, 1252] {
        let page = CodePage::by_number(number).unwrap();
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(page.encode(page.decode(&all).as_utf16le()).unwrap(), all, "{number}");
    }
    assert_eq!(CodePage::by_number(437).unwrap().encode(&text::encode_utf16le("é")).unwrap(), [0x82]);
    assert_eq!(CodePage::by_number(866).unwrap().encode(&text::encode_utf16le("Ж")).unwrap(), [0x86]);
    assert!(CodePage::DEFAULT.encode(&text::encode_utf16le("Ж")).is_none());
    assert_eq!(CodePage::by_number(65001).unwrap().encode(&text::encode_utf16le("Ж")).unwrap(), "Ж".as_bytes());
    assert!(CodePage::by_number(0).is_none());
}

#[test]
fn a_password_beyond_the_old_limits_has_no_lm_hash() {
    assert!(crate::support::password("fourteen chars").lm.is_some());
    assert!(crate::support::password("fifteen chars !").lm.is_none());
    assert!(crate::support::password("Жанна").lm.is_none());
}

#[test]
fn times_count_from_1601() {
    assert_eq!(FileTime::from_unix_milliseconds(0), FileTime(116_444_736_000_000_000));
    assert_eq!(FileTime::from_unix_milliseconds(-11_644_473_600_000), FileTime(0));
    assert_eq!(FileTime::from_unix_milliseconds(i64::MIN), FileTime(0));
    assert_eq!(FileTime::from_unix_milliseconds(1_234_567).to_unix_milliseconds(), 1_234_567);
    assert_eq!(FileTime(10_000_000).seconds_between(FileTime(0)), 1);
    FileTime(u64::MAX).to_unix_milliseconds();
    FileTime::from_unix_milliseconds(i64::MAX);
}

#[test]
fn nothing_secret_is_printed() {
    let credential = Credential::new("alice", None, Some(crate::support::password("secret")));
    let printed = format!("{credential:?}");
    assert!(printed.contains("alice") && printed.contains("***"));
    assert!(!printed.contains("secret") && !printed.contains("[135"));
}

proptest! {
    #[test]
    fn utf8_as_a_code_page_is_read_as_by_the_standard_library(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xe0), Just(0xed), Just(0xf4), 0x80..0xc0_u8], 0..12)) {
        let lossy = String::from_utf8_lossy(&bytes);
        let text = CodePage::Utf8.decode(&bytes);
        prop_assert_eq!(text.to_lossy(), &*lossy);
        prop_assert_eq!(CodePage::Utf8.encode(text.as_utf16le()).unwrap(), lossy.as_bytes());
    }
}

#[test]
fn code_pages_have_names() {
    for (name, page) in [
        ("cp437", CodePage::Cp437),
        ("IBM850", CodePage::Cp850),
        ("852", CodePage::Cp852),
        ("windows-1252", CodePage::Windows1252),
        ("UTF-8", CodePage::Utf8),
        ("utf8", CodePage::Utf8),
    ] {
        assert_eq!(name.parse(), Ok(page), "{name}");
    }
    for name in ["", "cp", "cp0", "windows-", "cp cp437", "65536437"] {
        assert_eq!(name.parse::<CodePage>().unwrap_err().kind(), ErrorKind::InvalidOption, "{name}");
    }
}

#[test]
fn versions_are_read_from_text() {
    assert_eq!("10.0.26100".parse(), Ok(Version::new(10, 0, 26100)));
    assert_eq!("255.255.65535".parse(), Ok(Version::new(255, 255, 65535)));
    for text in ["", "10", "10.0", "10.0.", "10.0.1.2", "256.0.0", "0.256.0", "0.0.65536", "1.-1.0", "a.b.c", "10..1"] {
        assert_eq!(text.parse::<Version>().unwrap_err().kind(), ErrorKind::InvalidOption, "{text}");
    }
}
