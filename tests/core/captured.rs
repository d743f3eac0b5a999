//! Real tokens and exchanges from public material. They are not part of this project: these tests read them where they lie, if they do.

use crate::support::{array, base64_at, captured, hex, hex_at, hex_of, password, str_of};
use ntlm_wasm::channel_binding;
use ntlm_wasm::crypto::{HmacMd5, rc4};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::authenticate::{Authenticate, MIC_AT, MIC_END};
use ntlm_wasm::ntlm::av_pair::AvPairs;
use ntlm_wasm::ntlm::challenge::Challenge;
use ntlm_wasm::ntlm::credential::{Credential, Hashes};
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::keys;
use ntlm_wasm::ntlm::message::{MessageType, TextEncoding};
use ntlm_wasm::ntlm::negotiate::Negotiate;
use ntlm_wasm::ntlm::response::{TargetInfoAdditions, respond_v1, respond_v2};
use ntlm_wasm::ntlm::seal::{Role, SecuritySession};
use ntlm_wasm::secret::Key;
use ntlm_wasm::wire::filetime::FileTime;
use ntlm_wasm::wire::oem::CodePage;
use serde_json::Value;

fn decode(message: &[u8]) -> Result<(), ntlm_wasm::error::Error> {
    match MessageType::of(message)? {
        MessageType::Negotiate => Negotiate::decode(message).map(|_| ()),
        MessageType::Challenge => Challenge::decode(message).map(|_| ()),
        MessageType::Authenticate => Authenticate::decode(message).map(|_| ()),
    }
}

#[test]
fn every_genuine_token_decodes() {
    let Some(corpus) = captured("corpus.json") else { return };
    let tokens = corpus["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 244);
    for token in tokens {
        let message = base64_at(&token["token"]);
        decode(&message).unwrap_or_else(|error| panic!("{}: {error}", token["id"]));
    }
}

/// Tokens that test authors made by hand: all but the cut and the contradictory ones decode, and those say where they end.
#[test]
fn synthetic_tokens_decode_or_say_what_is_wrong() {
    let Some(corpus) = captured("corpus-synthetic.json") else { return };
    let mut failures = 0;
    for token in corpus["tokens"].as_array().unwrap() {
        if let Err(error) = decode(&base64_at(&token["token"])) {
            failures += 1;
            let known = [ErrorKind::FieldOutOfBounds, ErrorKind::Truncated, ErrorKind::BadAvPairs];
            assert!(known.contains(&error.kind()), "{error}");
            assert!(error.position().is_some());
        }
    }
    assert!(failures <= 6, "{failures} of the synthetic tokens do not decode");
}

/// The exported session key of an exchange with a known password, if the response is the password's.
fn prove(challenge: &[u8], authenticate: &[u8], known: &Credential) -> Option<Key> {
    let challenge = Challenge::decode(challenge).unwrap();
    let message = Authenticate::decode(authenticate).unwrap();
    let flags = message.flags.unwrap_or(challenge.flags);
    let hashes = known.hashes.as_ref().unwrap();
    let key = if message.nt_response.len() > 24 {
        let response_key = HmacMd5::new(known.response_key_v2().unwrap().expose());
        let (proof, temp) = message.nt_response.split_at(16);
        let computed = keys::proof_v2(&response_key, challenge.server_challenge, temp);
        if computed != proof {
            return None;
        }
        keys::session_base_key_v2(&response_key, &computed)
    } else {
        let start = message.lm_response.get(..8).map_or([0; 8], array);
        let response = respond_v1(hashes, flags, challenge.server_challenge, start, true);
        if response.nt != message.nt_response {
            return None;
        }
        response.key_exchange_key
    };
    Some(match message.encrypted_session_key.try_into() {
        Ok(encrypted) if flags.contains(Flags::KEY_EXCH) => Key::new(rc4(&key, encrypted)),
        _ => key,
    })
}

fn credential_of(known: &Value) -> Credential {
    let domain = known["domain"].as_str().unwrap_or("");
    Credential {
        user: str_of(&known["user"]).into(),
        domain: domain.into(),
        hashes: Some(password(str_of(&known["password"]))),
    }
}

fn mic_of(key: &Key, negotiate: &[u8], challenge: &[u8], authenticate: &[u8]) -> [u8; 16] {
    let mut blank = authenticate.to_vec();
    blank[MIC_AT..MIC_END].fill(0);
    keys::mic(key, [negotiate, challenge, &blank])
}

#[test]
fn every_exchange_with_a_known_password_verifies() {
    let Some(corpus) = captured("corpus.json") else { return };
    let (mut proven, mut mics, mut session_keys) = (0, 0, 0);
    for token in corpus["tokens"].as_array().unwrap() {
        let known = &token["known"];
        if known.is_null() {
            continue;
        }
        let (challenge, authenticate) = (base64_at(&known["challenge"]), base64_at(&token["token"]));
        let key = prove(&challenge, &authenticate, &credential_of(known)).unwrap_or_else(|| panic!("{}", token["id"]));
        proven += 1;
        if let Some(expected) = known["exported_session_key"].as_str() {
            assert_eq!(hex_of(key.expose()), expected, "{}", token["id"]);
            session_keys += 1;
        }
        if let Some(negotiate) = known["mic_verified_with_negotiate"].as_str() {
            let negotiate = ntlm_wasm::wire::base64::decode(negotiate).unwrap();
            let mic = Authenticate::decode(&authenticate).unwrap().mic.unwrap();
            assert_eq!(mic_of(&key, &negotiate, &challenge, &authenticate), mic, "{}", token["id"]);
            mics += 1;
        }
    }
    assert!(proven >= 34 && mics >= 13 && session_keys >= 13, "{proven} proven, {mics} codes, {session_keys} keys");
}

#[test]
fn published_session_keys_and_mech_list_codes() {
    let Some(exchanges) = captured("exchanges.json") else { return };
    let (mut keys_checked, mut codes_checked) = (0, 0);
    for exchange in exchanges["exchanges"].as_array().unwrap() {
        if let Some(expected) = exchange["published_session_key"].as_str() {
            let (challenge, authenticate) = (base64_at(&exchange["type2"]), base64_at(&exchange["type3"]));
            let key = prove(&challenge, &authenticate, &credential_of(exchange)).unwrap();
            assert_eq!(hex_of(key.expose()), expected);
            let mic = Authenticate::decode(&authenticate).unwrap().mic.unwrap();
            assert_eq!(mic_of(&key, &base64_at(&exchange["type1"]), &challenge, &authenticate), mic);
            keys_checked += 1;
        } else {
            let role = if exchange["direction"] == "initiator" { Role::Client } else { Role::Server };
            let flags = Flags(u32::from_str_radix(str_of(&exchange["flags"]), 16).unwrap());
            let key = Key::new(array(&hex_at(&exchange["exported_session_key"])));
            let mut session = SecuritySession::new(flags, key, role);
            let code = session.sign(&hex_at(&exchange["mechTypeList_der"])).unwrap();
            assert_eq!(hex_of(&code), str_of(&exchange["mechListMIC"]));
            codes_checked += 1;
        }
    }
    assert_eq!((keys_checked, codes_checked), (2, 3));
}

#[test]
fn chromium_responses() {
    let Some(vectors) = captured("chromium.json") else { return };
    let input = &vectors["inputs"];
    let credential = credential_of(input);
    let response_key = credential.response_key_v2().unwrap();
    let client_challenge = array(&hex_at(&input["client_challenge"]));
    let server_challenge = array(&hex_at(&input["server_challenge"]));
    let bindings = channel_binding::from_application_data(&hex_at(&input["channel_bindings_app_data"]));
    assert_eq!(hex_of(&bindings), str_of(&vectors["cbt_md5"]));
    let time = FileTime(input["client_timestamp_filetime"].as_u64().unwrap());
    let cases = [
        ("authenticate_v2_full_features", bindings, "HTTP/Server"),
        ("authenticate_v2_challenge_without_target_info", bindings, "HTTP/Server"),
        ("authenticate_v2_empty_channel_bindings_lowercase_spn", [0; 16], "HTTP/server"),
    ];
    for (name, channel_bindings, target_name) in cases {
        let case = &vectors[name];
        let challenge = hex_at(&case["challenge"]);
        let info = Challenge::decode(&challenge).unwrap().target_info.unwrap_or_default();
        let additions = TargetInfoAdditions {
            with_mic: true,
            machine_id: None,
            channel_bindings: Some(channel_bindings),
            target_name: Some(&target_name.into()),
        };
        let key = HmacMd5::new(response_key.expose());
        let response = respond_v2(&key, info, &additions, server_challenge, client_challenge, time).unwrap();
        assert_eq!(hex_of(&response.nt[..16]), str_of(&case["proof"]), "{name}");
        let published = hex_at(&case["authenticate"]);
        let message = Authenticate::decode(&published).unwrap();
        assert_eq!(response.nt, message.nt_response, "{name}");
        assert_eq!(response.lm, message.lm_response, "{name}");
        let mic = mic_of(&response.key_exchange_key, &hex_at(&vectors["negotiate"]), &challenge, &published);
        assert_eq!(hex_of(&mic), str_of(&case["mic"]), "{name}");
        if let Some(key) = case["session_base_key"].as_str() {
            assert_eq!(hex_of(response.key_exchange_key.expose()), key);
        }
    }
    let case = &vectors["authenticate_v1_ess"];
    let published = hex_at(&case["authenticate"]);
    let message = Authenticate::decode(&published).unwrap();
    let hashes = credential.hashes.as_ref().unwrap();
    let response = respond_v1(hashes, message.flags.unwrap(), server_challenge, client_challenge, true);
    assert_eq!((&response.lm[..], &response.nt[..]), (message.lm_response, message.nt_response));
}

#[test]
fn other_suites_hashes_and_signatures() {
    let (Some(curl), Some(samba), Some(ruby)) =
        (captured("curl.json"), captured("samba.json"), captured("rubyntlm.json"))
    else {
        return;
    };
    for case in curl["nt_hash"].as_array().unwrap() {
        assert_eq!(hex_of(password(str_of(&case["password"])).nt.expose()), str_of(&case["hash"]));
    }
    let [modern, old] = &samba["sign"].as_array().unwrap()[..] else { panic!("samba's two cases") };
    let ess = Flags::SIGN | Flags::UNICODE | Flags::BITS_128 | Flags::KEY_EXCH | Flags::ESS;
    let mut session = SecuritySession::new(ess, Key::new(array(&hex_at(&modern["session_key"]))), Role::Client);
    assert_eq!(hex_of(&session.sign(&hex_at(&modern["message"])).unwrap()), str_of(&modern["signature"]));
    // Samba's second case hands the weakened key of 8 bytes in: the session key's start, with export restrictions.
    let mut key = hex_at(&old["session_key"]);
    key.resize(16, 0);
    let plain = Flags::SIGN | Flags::UNICODE | Flags::KEY_EXCH | Flags::LM_KEY;
    let mut session = SecuritySession::new(plain, Key::new(array(&key)), Role::Client);
    let signature = session.sign(&hex_at(&old["message"])).unwrap();
    assert_eq!(signature[8..], hex_at(&old["signature"])[8..]);
    let [user, sign, _seal] = &ruby["cases"].as_array().unwrap()[..] else { panic!("rubyntlm's three cases") };
    let key = credential_of(user).response_key_v2().unwrap();
    assert_eq!(hex_of(key.expose()), str_of(&user["ntlmv2_hash_by_definition"]));
    assert_eq!(hex(str_of(&sign["signature"])).len(), 16);
}

#[test]
fn gss_ntlmssp_cases() {
    let (Some(gss), Some(libntlm)) = (captured("gss-ntlmssp.json"), captured("libntlm.json")) else { return };
    let [zero_lm, astral, windows] = &gss["cases"].as_array().unwrap()[..] else { panic!("three cases") };
    let hashes = Hashes { lm: None, ..password(str_of(&zero_lm["password"])) };
    let key = keys::kx_key_v1(
        Flags::LM_KEY,
        keys::session_base_key_v1(&hashes.nt),
        &array(&hex_at(&zero_lm["lm_response"])),
        array(&hex_at(&zero_lm["server_challenge"])),
        None,
    );
    assert_eq!(hex_of(key.expose()), str_of(&zero_lm["session_key"]));
    assert_eq!(hex_of(password(str_of(&astral["password"])).nt.expose()), str_of(&astral["nt_hash"]));
    let (challenge, authenticate) = (hex_at(&windows["challenge"]), hex_at(&windows["authenticate"]));
    let key = prove(&challenge, &authenticate, &credential_of(windows)).unwrap();
    let negotiate = hex_at(&windows["negotiate_reconstructed"]);
    assert_eq!(hex_of(&mic_of(&key, &negotiate, &challenge, &authenticate)), str_of(&windows["mic"]));
    let message = Authenticate::decode(&authenticate).unwrap();
    let info = AvPairs::parse(&message.nt_response[44..]).unwrap();
    let bindings = info.get(ntlm_wasm::ntlm::av_pair::AvId::CHANNEL_BINDINGS).unwrap();
    assert_eq!(hex_of(bindings), str_of(&windows["cbt_md5"]));

    let input = &libntlm["inputs"];
    let challenge = array(&hex_at(&input["server_challenge"]));
    let response = respond_v1(&password(str_of(&input["password"])), Flags::default(), challenge, [0; 8], true);
    assert_eq!(hex_of(&response.lm), str_of(&libntlm["lm_response"]));
    assert_eq!(hex_of(&response.nt), str_of(&libntlm["nt_response"]));
}

/// A message that is decoded and encoded again decodes to the same fields, for every implementation.
#[test]
fn reencoded_tokens_decode_to_the_same() {
    let Some(corpus) = captured("corpus.json") else { return };
    for token in corpus["tokens"].as_array().unwrap() {
        let message = base64_at(&token["token"]);
        match MessageType::of(&message).unwrap() {
            MessageType::Negotiate => {
                let decoded = Negotiate::decode(&message).unwrap();
                assert_eq!(Negotiate::decode(&decoded.encode().unwrap()).unwrap(), decoded);
            }
            MessageType::Challenge => {
                let decoded = Challenge::decode(&message).unwrap();
                assert_eq!(Challenge::decode(&decoded.encode().unwrap()).unwrap(), decoded);
            }
            MessageType::Authenticate => {
                let decoded = Authenticate::decode(&message).unwrap();
                let again = decoded.encode().unwrap();
                let again = Authenticate::decode(&again).unwrap();
                assert_eq!(
                    (again.user, again.nt_response, again.mic),
                    (decoded.user, decoded.nt_response, decoded.mic)
                );
                let encoding = TextEncoding::of(decoded.flags.unwrap_or_default(), CodePage::DEFAULT);
                encoding.decode(decoded.user).unwrap();
            }
        }
    }
}
