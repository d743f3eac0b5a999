//! The worked examples of MS-NLMP 4.2, of the Davenport text and of hashcat's self tests.

use crate::support::{
    SpecificationRandom, array, client_config, env, flags, hex, hex_at, hex_of, password, str_of, vectors,
};
use ntlm_wasm::crypto::{HmacMd5, rc4};
use ntlm_wasm::env::Env;
use ntlm_wasm::ntlm::authenticate::Authenticate;
use ntlm_wasm::ntlm::av_pair::AvPairs;
use ntlm_wasm::ntlm::client::{Authenticated, Client, ClientConfig, Negotiated};
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::keys::{self, Direction};
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::response::{TargetInfoAdditions, respond_v1, respond_v2};
use ntlm_wasm::ntlm::seal::{Role, SecuritySession};
use ntlm_wasm::ntlm::version::Version;
use ntlm_wasm::secret::Key;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::text;
use serde_json::Value;

const SERVER_CHALLENGE: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];

fn bits(value: &Value) -> Flags {
    flags(u32::from_str_radix(str_of(value), 16).unwrap())
}

/// The client of 4.2.1 as it would be for the flags of one example.
fn specification_client(flags: Flags, level: u8) -> Client {
    Client::new(ClientConfig {
        credential: Credential::new("User", Some("Domain"), Some(password("Password"))),
        lm_compatibility_level: level,
        flags,
        version: Version::new(5, 1, 2600),
        ..client_config("", None)
    })
}

fn answer(client: &Client, challenge: &Value) -> Authenticated {
    let mut random = SpecificationRandom;
    let mut env = Env { now: FileTime(0), random: &mut random };
    client.negotiate().unwrap().authenticate(client, &hex_at(challenge), &mut env).unwrap()
}

/// Checks that sealing gives the published bytes, and that the other side reads them.
fn check_wrap(session: &mut SecuritySession, vector: &Value, flags: Flags) {
    let plain = hex_at(&vector["plaintext"]);
    let mut sealed = plain.clone();
    let signature = session.seal(&mut sealed).unwrap();
    assert_eq!(hex_of(&sealed), str_of(&vector["ciphertext"]));
    assert_eq!(hex_of(&signature), str_of(&vector["signature"]));
    let key = Key::new(*session.exported_session_key().expose());
    let mut server = SecuritySession::new(flags, key, Role::Server);
    server.unseal(&mut sealed, &signature).unwrap();
    assert_eq!(sealed, plain);
}

#[test]
fn example_4_2_1_names() {
    let common = &vectors("ms-nlmp.json")["common_4.2.1"];
    for name in ["User", "UserDom", "Passwd", "ServerName", "WorkstationName"] {
        let utf16le = text::encode_utf16le(str_of(&common[name]));
        assert_eq!(hex_of(&utf16le), str_of(&common[format!("{name}_utf16le")]));
        assert_eq!(text::decode_utf16le(&utf16le).unwrap(), str_of(&common[name]));
    }
}

#[test]
fn example_4_2_2_ntlmv1() {
    let vector = &vectors("ms-nlmp.json")["4.2.2_NTLMv1"];
    let negotiated = bits(&vector["NegotiateFlags"]);
    assert_eq!(hex_of(&negotiated.0.to_le_bytes()), str_of(&vector["NegotiateFlags_le"]));
    let hashes = password("Password");
    assert_eq!(hex_of(hashes.lm.as_ref().unwrap().expose()), str_of(&vector["4.2.2.1.1_LMOWFv1"]));
    assert_eq!(hex_of(hashes.nt.expose()), str_of(&vector["4.2.2.1.2_NTOWFv1"]));
    assert_eq!(hex_of(keys::session_base_key_v1(&hashes.nt).expose()), str_of(&vector["4.2.2.1.3_SessionBaseKey"]));
    let response = respond_v1(&hashes, negotiated, SERVER_CHALLENGE, [0xaa; 8], true);
    assert_eq!(hex_of(&response.nt), str_of(&vector["4.2.2.2.1_NTLMv1Response"]));
    assert_eq!(hex_of(&response.lm), str_of(&vector["4.2.2.2.2_LMv1Response"]));
    let keys_of = [
        (Flags::default(), "KXKEY_plain", "4.2.2.2.3_EncryptedSessionKey"),
        (Flags::NON_NT_SESSION_KEY, "KXKEY_NON_NT_SESSION_KEY", "4.2.2.2.3_EncryptedSessionKey_NON_NT"),
        (Flags::LM_KEY, "KXKEY_LM_KEY", "4.2.2.2.3_EncryptedSessionKey_LM_KEY"),
    ];
    for (extra, key, encrypted) in keys_of {
        let response = respond_v1(&hashes, negotiated | extra, SERVER_CHALLENGE, [0xaa; 8], true);
        assert_eq!(hex_of(response.key_exchange_key.expose()), str_of(&vector[key]));
        assert_eq!(hex_of(&rc4(&response.key_exchange_key, [0x55; 16])), str_of(&vector[encrypted]));
    }
    // The example's client says TARGET_INFO although its server has none.
    let asked = negotiated.with(Flags::TARGET_TYPE_SERVER, false) | Flags::REQUEST_TARGET | Flags::TARGET_INFO;
    let mut finished = answer(&specification_client(asked, 0), &vector["4.2.2.3_CHALLENGE_MESSAGE"]);
    assert_eq!(hex_of(&finished.message), str_of(&vector["4.2.2.3_AUTHENTICATE_MESSAGE"]));
    let wrap = &vector["4.2.2.4_GSS_WrapEx"];
    assert_eq!(hex_of(finished.session.exported_session_key().expose()), str_of(&wrap["seal_key"]));
    let agreed = finished.session.flags();
    check_wrap(&mut finished.session, wrap, agreed);
    assert_eq!(hex_of(&ntlm_wasm::crypto::crc32(&hex_at(&wrap["plaintext"])).to_le_bytes()), str_of(&wrap["crc32_le"]));
}

#[test]
fn the_random_pad_of_an_old_signature_may_hold_anything() {
    let vector = &vectors("ms-nlmp.json")["4.2.2_NTLMv1"];
    let wrap = &vector["4.2.2.4_GSS_WrapEx"];
    let key = || Key::new([0x55; 16]);
    let mut server = SecuritySession::new(bits(&vector["NegotiateFlags"]), key(), Role::Server);
    let mut sealed = hex_at(&wrap["ciphertext"]);
    server.unseal(&mut sealed, &hex_at(&wrap["signature_as_printed_in_spec"])).unwrap();
    assert_eq!(sealed, hex_at(&wrap["plaintext"]));
}

#[test]
fn example_4_2_3_ntlm2_session() {
    let vector = &vectors("ms-nlmp.json")["4.2.3_NTLMv1_with_client_challenge"];
    let negotiated = bits(&vector["NegotiateFlags"]);
    let hashes = password("Password");
    assert_eq!(hex_of(hashes.nt.expose()), str_of(&vector["4.2.3.1.1_NTOWFv1"]));
    assert_eq!(hex_of(keys::session_base_key_v1(&hashes.nt).expose()), str_of(&vector["4.2.3.1.2_SessionBaseKey"]));
    let response = respond_v1(&hashes, negotiated, SERVER_CHALLENGE, [0xaa; 8], true);
    assert_eq!(hex_of(response.key_exchange_key.expose()), str_of(&vector["4.2.3.1.3_KeyExchangeKey"]));
    assert_eq!(hex_of(&response.lm), str_of(&vector["4.2.3.2.1_LMv1Response"]));
    assert_eq!(hex_of(&response.nt), str_of(&vector["4.2.3.2.2_NTLMv1Response"]));
    let asked = negotiated.with(Flags::TARGET_TYPE_SERVER, false) | Flags::REQUEST_TARGET;
    let mut finished = answer(&specification_client(asked, 1), &vector["4.2.3.3_CHALLENGE_MESSAGE"]);
    assert_eq!(hex_of(&finished.message), str_of(&vector["4.2.3.3_AUTHENTICATE_MESSAGE"]));
    let wrap = &vector["4.2.3.4_GSS_WrapEx"];
    let agreed = finished.session.flags();
    let key = finished.session.exported_session_key();
    assert_eq!(hex_of(key.expose()), str_of(&wrap["ExportedSessionKey"]));
    check_keys(agreed, key, wrap);
    check_wrap(&mut finished.session, wrap, agreed);
}

fn check_keys(flags: Flags, key: &Key, wrap: &Value) {
    let seal = keys::with_seal_key(flags, key, Direction::ClientToServer, hex_of);
    assert_eq!(seal, str_of(&wrap["SEALKEY_client"]));
    let sign = keys::sign_key(flags, key, Direction::ClientToServer).unwrap();
    assert_eq!(hex_of(sign.expose()), str_of(&wrap["SIGNKEY_client"]));
}

#[test]
fn example_4_2_4_ntlmv2() {
    let vector = &vectors("ms-nlmp.json")["4.2.4_NTLMv2"];
    let negotiated = bits(&vector["NegotiateFlags"]);
    let credential = Credential::new("User", Some("Domain"), Some(password("Password")));
    let response_key = credential.response_key_v2().unwrap();
    assert_eq!(hex_of(response_key.expose()), str_of(&vector["4.2.4.1.1_NTOWFv2_LMOWFv2"]));
    let info = hex_at(&vector["TargetInfo"]);
    let nothing = TargetInfoAdditions { with_mic: false, machine_id: None, channel_bindings: None, target_name: None };
    let response = respond_v2(
        &HmacMd5::new(response_key.expose()),
        AvPairs::parse(&info).unwrap(),
        &nothing,
        SERVER_CHALLENGE,
        [0xaa; 8],
        FileTime(0),
    )
    .unwrap();
    assert_eq!(hex_of(response.key_exchange_key.expose()), str_of(&vector["4.2.4.1.2_SessionBaseKey"]));
    assert_eq!(hex_of(&response.nt[16..]), str_of(&vector["4.2.4.1.3_temp"]));
    assert_eq!(hex_of(&response.lm), str_of(&vector["4.2.4.2.1_LMv2Response"]));
    assert_eq!(hex_of(&response.nt[..16]), str_of(&vector["4.2.4.2.2_NTLMv2Response_NTProofStr"]));
    assert_eq!(hex_of(&response.nt), str_of(&vector["NTLMv2_CHALLENGE_RESPONSE_full"]));
    let encrypted = rc4(&response.key_exchange_key, [0x55; 16]);
    assert_eq!(hex_of(&encrypted), str_of(&vector["4.2.4.2.3_EncryptedSessionKey"]));
    let asked = negotiated.with(Flags::TARGET_TYPE_SERVER, false) | Flags::REQUEST_TARGET;
    let mut finished = answer(&specification_client(asked, 3), &vector["4.2.4.3_CHALLENGE_MESSAGE"]);
    assert_eq!(hex_of(&finished.message), str_of(&vector["4.2.4.3_AUTHENTICATE_MESSAGE"]));
    let wrap = &vector["4.2.4.4_GSS_WrapEx"];
    let agreed = finished.session.flags();
    check_keys(agreed, finished.session.exported_session_key(), wrap);
    check_wrap(&mut finished.session, wrap, agreed);
    // Without a key exchange the checksum is not encrypted.
    let plain = agreed.with(Flags::KEY_EXCH, false);
    let mut session = SecuritySession::new(plain, Key::new([0x55; 16]), Role::Client);
    let signature = session.seal(&mut hex_at(&wrap["plaintext"])).unwrap();
    assert_eq!(hex_of(&signature), str_of(&vector["seal_without_KEY_EXCH_pyspnego"]["signature"]));
}

#[test]
fn sealing_and_signing_keys_of_every_strength() {
    let table = &vectors("ms-nlmp.json")["sealkey_signkey_table_pyspnego"];
    let key = Key::new(array(&hex_at(&table["key"])));
    let (client, server) = (Direction::ClientToServer, Direction::ServerToClient);
    let strong = Flags::ESS | Flags::BITS_128;
    let medium = Flags::ESS | Flags::BITS_56;
    let cases = [
        ("128_client", strong, client),
        ("128_server", strong, server),
        ("56_client", medium, client),
        ("56_server", medium, server),
        ("40_client", Flags::ESS, client),
        ("40_server", Flags::ESS, server),
        ("noESS_LM_KEY_56", Flags::LM_KEY | Flags::BITS_56, client),
        ("noESS_LM_KEY_40", Flags::LM_KEY, client),
        ("noESS_DATAGRAM_56", Flags::DATAGRAM | Flags::BITS_56, client),
        ("noESS_DATAGRAM_40", Flags::DATAGRAM, client),
        ("noESS_none", Flags::default(), client),
    ];
    for (name, flags, direction) in cases {
        assert_eq!(keys::with_seal_key(flags, &key, direction, hex_of), str_of(&table["seal"][name]), "{name}");
    }
    for (name, direction) in [("client", client), ("server", server)] {
        let sign = keys::sign_key(Flags::ESS, &key, direction).unwrap();
        assert_eq!(hex_of(sign.expose()), str_of(&table["sign"][name]));
    }
    assert!(keys::sign_key(Flags::default(), &key, client).is_none());
}

#[test]
fn davenport_responses() {
    let vectors = vectors("davenport.json");
    let input = &vectors["inputs"];
    let server_challenge = array(&hex_at(&input["server_challenge"]));
    let client_challenge = array(&hex_at(&input["client_challenge"]));
    let credential = Credential::new(
        str_of(&input["user"]),
        Some(str_of(&input["domain"])),
        Some(password(str_of(&input["password"]))),
    );
    let hashes = credential.hashes.as_ref().unwrap();
    let lm_hash = hashes.lm.as_ref().unwrap();
    assert_eq!(hex_of(lm_hash.expose()), str_of(&vectors["lm_hash"]));
    assert_eq!(hex_of(hashes.nt.expose()), str_of(&vectors["nt_hash"]));
    let response_key = credential.response_key_v2().unwrap();
    assert_eq!(hex_of(response_key.expose()), str_of(&vectors["ntlmv2_hash"]));
    let v1 = respond_v1(hashes, Flags::default(), server_challenge, client_challenge, true);
    assert_eq!(hex_of(&v1.lm), str_of(&vectors["lm_response"]));
    assert_eq!(hex_of(&v1.nt), str_of(&vectors["ntlm_response"]));
    assert_eq!(hex_of(v1.key_exchange_key.expose()), str_of(&vectors["ntlm_user_session_key"]));
    let lm_key = respond_v1(hashes, Flags::NON_NT_SESSION_KEY, server_challenge, client_challenge, true);
    assert_eq!(hex_of(lm_key.key_exchange_key.expose()), str_of(&vectors["lm_user_session_key"]));
    let session_hash = keys::ntlm2_session_hash(server_challenge, client_challenge);
    assert_eq!(hex_of(&session_hash), str_of(&vectors["ntlm2_session_hash"]));
    let ess = respond_v1(hashes, Flags::ESS, server_challenge, client_challenge, true);
    assert_eq!(hex_of(&ess.nt), str_of(&vectors["ntlm2_session_response"]));
    let info = hex_at(&input["target_info"]);
    let time = u64::from_le_bytes(array(&hex_at(&input["timestamp_2003-06-17T10:00:00Z"])));
    let nothing = TargetInfoAdditions { with_mic: false, machine_id: None, channel_bindings: None, target_name: None };
    let v2 = respond_v2(
        &HmacMd5::new(response_key.expose()),
        AvPairs::parse(&info).unwrap(),
        &nothing,
        server_challenge,
        client_challenge,
        FileTime(time),
    )
    .unwrap();
    assert_eq!(hex_of(&v2.lm), str_of(&vectors["lmv2_response"]));
    assert_eq!(hex_of(&v2.nt[..16]), str_of(&vectors["ntlmv2_proof"]));
    assert_eq!(hex_of(&v2.nt[16..]), str_of(&vectors["ntlmv2_blob"]));
    assert_eq!(FileTime(time).to_unix_milliseconds(), 1_055_844_000_000);
}

#[test]
fn davenport_messages_of_every_form() {
    let messages = &vectors("davenport.json")["messages"];
    let minimal = hex_at(&messages["type1_minimal"]);
    let decoded = Negotiate::decode(&minimal).unwrap();
    assert_eq!((decoded.flags, decoded.domain, decoded.version), (flags(0x0202), &b""[..], None));
    let full = hex_at(&messages["type1_domain_workstation"]);
    let decoded = Negotiate::decode(&full).unwrap();
    assert_eq!((decoded.domain, decoded.workstation), (&b"DOMAIN"[..], &b"WORKSTATION"[..]));
    let old = hex_at(&messages["type1_no_version"]);
    assert_eq!(Negotiate::decode(&old).unwrap().domain, b"DOMAIN");
    let third = hex_at(&messages["type3"]);
    let decoded = Authenticate::decode(&third).unwrap();
    assert_eq!(decoded.user, text::encode_utf16le("user"));
    assert_eq!((decoded.flags, decoded.version, decoded.mic), (Some(flags(0x0201)), None, None));
    assert_eq!(decoded.encode().unwrap().len(), third.len());
}

#[test]
fn davenport_c7_session_security() {
    let vector = &vectors("davenport.json")["appendix_C7"];
    let third = hex_at(&vector["type3"]);
    let message = Authenticate::decode(&third).unwrap();
    let agreed = message.flags.unwrap();
    let hashes = password(str_of(&vector["password"]));
    let client_challenge = array(&message.lm_response[..8]);
    let challenge = hex_at(&vector["type2"]);
    let server_challenge = ntlm_wasm::ntlm::challenge::Challenge::decode(&challenge).unwrap().server_challenge;
    let response = respond_v1(&hashes, agreed, server_challenge, client_challenge, true);
    assert_eq!(response.nt, message.nt_response);
    assert_eq!(hex_of(response.key_exchange_key.expose()), str_of(&vector["key_exchange_key_computed"]));
    let exported = Key::new(rc4(&response.key_exchange_key, array(message.encrypted_session_key)));
    assert_eq!(hex_of(exported.expose()), str_of(&vector["exported_session_key_computed"]));
    let sign = keys::sign_key(agreed, &exported, Direction::ClientToServer).unwrap();
    assert_eq!(hex_of(sign.expose()), str_of(&vector["client_sign_key_computed"]));
    let seal = keys::with_seal_key(agreed, &exported, Direction::ClientToServer, hex_of);
    assert_eq!(seal, str_of(&vector["client_seal_key_computed"]));
    let mut session = SecuritySession::new(agreed, exported, Role::Client);
    assert_eq!(hex_of(&session.sign(b"jCIFS").unwrap()), str_of(&vector["sign_jCIFS_seq0_computed"]));
}

#[test]
fn davenport_c9_decodes_and_its_lm_and_nt_responses_share_a_client_challenge() {
    let vector = &vectors("davenport.json")["appendix_C9"];
    Negotiate::decode(&hex_at(&vector["type1"])).unwrap();
    let third = hex_at(&vector["type3"]);
    let message = Authenticate::decode(&third).unwrap();
    assert_eq!(message.user, text::encode_utf16le(str_of(&vector["user"])));
    assert_eq!(message.domain, text::encode_utf16le(str_of(&vector["domain"])));
    assert_eq!(message.lm_response[16..], message.nt_response[32..40]);
}

#[test]
fn hashcat_self_tests() {
    let vectors = vectors("hashcat.json");
    for case in vectors["vectors"].as_array().unwrap() {
        let parts: Vec<&str> = case["hash"].as_str().unwrap_or("").split(':').collect();
        match &case["mode"] {
            Value::Number(mode) if mode.as_u64() == Some(5500) => {
                let (lm, nt, challenge) = (hex(parts[3]), hex(parts[4]), array(&hex(parts[5])));
                let hashes = password(str_of(&case["password"]));
                let response = respond_v1(&hashes, Flags::ESS, challenge, array(&lm[..8]), true);
                assert_eq!((response.lm, response.nt), (lm, nt));
            }
            Value::Number(mode) if mode.as_u64() == Some(5600) => {
                let (challenge, proof, blob) = (array(&hex(parts[3])), hex(parts[4]), hex(parts[5]));
                let hashes = [password(str_of(&case["password"])), Hashes::parse(secret(&vectors).as_bytes()).unwrap()];
                for hashes in hashes {
                    let credential = Credential::new(parts[0], Some(parts[2]), Some(hashes));
                    let key = HmacMd5::new(credential.response_key_v2().unwrap().expose());
                    assert_eq!(keys::proof_v2(&key, challenge, &blob).to_vec(), proof);
                }
            }
            Value::Number(mode) if mode.as_u64() == Some(1000) => {
                assert_eq!(hex_of(password(str_of(&case["password"])).nt.expose()), str_of(&case["hash"]));
            }
            Value::Number(mode) if mode.as_u64() == Some(3000) => {
                let half = password(str_of(&case["password"])).lm.unwrap();
                assert_eq!(hex_of(&half.expose()[..8]), str_of(&case["hash"]));
            }
            other => assert_eq!(other, "27000/27100", "a mode that no test knows"),
        }
    }
}

/// The NT hash that hashcat's modes 27000 and 27100 take in place of the password.
fn secret(vectors: &Value) -> &str {
    let cases = vectors["vectors"].as_array().unwrap();
    str_of(&cases.iter().find(|case| case["mode"] == "27000/27100").unwrap()["secret"])
}

#[test]
fn connectionless_handshake_has_no_first_message() {
    let vector = &vectors("ms-nlmp.json")["4.2.4_NTLMv2"];
    let client = specification_client(bits(&vector["NegotiateFlags"]) | Flags::DATAGRAM, 3);
    assert!(client.is_connectionless());
    let negotiated: Negotiated = Client::connectionless();
    assert!(negotiated.message().is_empty());
    let challenge = hex_at(&vector["4.2.4.3_CHALLENGE_MESSAGE"]);
    let mut random = SpecificationRandom;
    let finished = negotiated.authenticate(&client, &challenge, &mut env(&mut random)).unwrap();
    assert!(Authenticate::decode(&finished.message).unwrap().nt_response.len() > 24);
}
