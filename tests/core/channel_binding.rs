//! `tls-server-end-point` from certificates of every signature algorithm, in every packaging.

use crate::support::{captured, hex_at, hex_of, str_of};
use ntlm_wasm::channel_binding::{from_application_data, from_certificate, from_end_point};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::wire::base64;

/// Certificates made for these tests, one a signature algorithm: expected hash function, then the certificate.
fn own() -> serde_json::Value {
    crate::support::vectors("certificates.json")
}

#[test]
fn the_hash_is_the_signatures() {
    for case in own()["certificates"].as_array().unwrap() {
        let bytes = base64::decode(str_of(&case["der"])).unwrap();
        let binding = from_certificate(&bytes).unwrap();
        assert_eq!(hex_of(&binding), str_of(&case["channel_bindings"]), "{}", case["name"]);
        assert_eq!(binding, from_end_point(&hex_at(&case["certificate_hash"])), "{}", case["name"]);
    }
}

#[test]
fn pem_base64_and_pkcs7_are_the_same_certificate() {
    let own = own();
    let chain = &own["chain"];
    let expected = str_of(&chain["channel_bindings"]);
    for form in ["pem", "pem_chain", "base64", "pkcs7_pem"] {
        let input = str_of(&chain[form]);
        assert_eq!(hex_of(&from_certificate(input.as_bytes()).unwrap()), expected, "{form}");
    }
    let pkcs7 = base64::decode(str_of(&chain["pkcs7"])).unwrap();
    assert_eq!(hex_of(&from_certificate(&pkcs7).unwrap()), expected);
}

#[test]
fn captured_certificates() {
    let Some(vectors) = captured("channel-bindings.json") else { return };
    let mut checked = 0;
    for case in vectors["certificates"].as_array().unwrap() {
        let Some(der) = case["cert_der_b64"].as_str() else { continue };
        let binding = from_certificate(&base64::decode(der).unwrap()).unwrap();
        // For Ed25519 and Ed448 no rule exists: SHA-256 is ours.
        let hash = case["cert_hash"].as_str().unwrap_or_else(|| str_of(&case["sha256"]));
        assert_eq!(binding, from_end_point(&crate::support::hex(hash)), "{}", case["name"]);
        if let Some(expected) = case["cbt_md5_computed"].as_str().or(case["cbt_md5"].as_str()) {
            assert_eq!(hex_of(&binding), expected);
            checked += 1;
        }
    }
    assert!(checked >= 11, "{checked}");
    assert_eq!(from_application_data(&hex_at(&vectors["blog"]["app_data"])).to_vec(), hex_at(&vectors["blog"]["md5"]));
}

#[test]
fn input_without_a_certificate_is_refused() {
    let own = own();
    let der = base64::decode(str_of(&own["certificates"][0]["der"])).unwrap();
    let cut = &der[..der.len() - 1];
    let private_key = b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    for input in [&b""[..], b"\x30", b"no certificate", b"\x30\x03\x02\x01\x01", cut, private_key, &[0xff; 64]] {
        assert_eq!(from_certificate(input).unwrap_err().kind(), ErrorKind::BadCertificate);
    }
}
