//! The explaining decoder: what every tree must be, then what single tokens must say.

use crate::support::{base64_at, captured, hex, hex_at, str_of, vectors};
use ntlm_wasm::explain::{Context, Explanation, Kind, Node, Severity, Value, explain, is_token};
use ntlm_wasm::ntlm::message::MessageType;
use ntlm_wasm::wire::filetime::FileTime;
use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert, proptest};
use std::collections::HashSet;

/// Siblings are contiguous, cover their parent, and have distinct names.
fn check(node: &Node) {
    assert!(node.start <= node.end, "{}", node.name);
    let names: HashSet<_> = node.children.iter().map(|child| &child.name).collect();
    assert_eq!(names.len(), node.children.len(), "names within {}", node.name);
    if let Some(last) = node.children.last() {
        let mut at = node.start;
        for child in &node.children {
            assert_eq!(child.start, at, "{} within {}", child.name, node.name);
            at = child.end;
            check(child);
        }
        assert_eq!(last.end, node.end, "{}", node.name);
    }
}

/// An explanation as Rust programs print it.
pub fn json_of(explanation: &Explanation) -> serde_json::Value {
    serde_json::to_value(explanation).unwrap()
}

fn tree(token: &[u8]) -> Node {
    let explained = explain(token, &Context::default()).unwrap();
    assert_eq!((explained.tree.start, explained.tree.end), (0, token.len()));
    check(&explained.tree);
    explained.tree
}

fn at<'a>(node: &'a Node, path: &str) -> &'a Node {
    path.split('.').fold(node, |node, name| node.child(name).unwrap_or_else(|| panic!("no {name} in {}", node.name)))
}

fn findings(token: &[u8], context: &Context<'_>) -> Vec<&'static str> {
    explain(token, context).unwrap().findings.iter().map(|finding| finding.id).collect()
}

pub fn published(section: &str, message: &str) -> Vec<u8> {
    let vectors = vectors("ms-nlmp.json");
    let section = vectors.as_object().unwrap().iter().find(|(name, _)| name.starts_with(section)).unwrap().1;
    hex_at(section.as_object().unwrap().iter().find(|(name, _)| name.ends_with(message)).unwrap().1)
}

const SECTIONS: [&str; 3] = ["4.2.2", "4.2.3", "4.2.4"];

#[test]
fn published_messages_are_explained_without_damage() {
    for section in SECTIONS {
        for message in ["CHALLENGE_MESSAGE", "AUTHENTICATE_MESSAGE"] {
            let token = published(section, message);
            let explained = explain(&token, &Context::default()).unwrap();
            check(&explained.tree);
            assert!(
                explained.findings.iter().all(|finding| finding.severity != Severity::Broken),
                "{section} {message}"
            );
        }
    }
}

#[test]
fn names_and_responses_of_the_published_ntlmv2_message() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let tree = tree(&token);
    assert_eq!(at(&tree, "userName").value, Value::Text("User".into()));
    assert_eq!(at(&tree, "domainName").value, Value::Text("Domain".into()));
    assert_eq!(at(&tree, "workstation").value, Value::Text("COMPUTER".into()));
    assert_eq!(at(&tree, "ntChallengeResponse.timeStamp").value, Value::Time(FileTime(0)));
    let names: Vec<_> = at(&tree, "ntChallengeResponse.avPairs").children.iter().map(|pair| &*pair.label).collect();
    assert_eq!(names, ["MsvAvNbDomainName", "MsvAvNbComputerName", "MsvAvEOL"]);
    assert!(at(&tree, "ntChallengeResponse.ntProofStr").sensitive);
    assert!(at(&tree, "encryptedRandomSessionKey").sensitive);
    let pointer = at(&tree, "userNameFields");
    assert_eq!(at(pointer, "length").value, Value::Number(8));
    assert_eq!(at(pointer, "offset").value, Value::Number(at(&tree, "userName").start as u64));
}

#[test]
fn all_32_flags_are_listed() {
    let tree = tree(&published("4.2.4", "CHALLENGE_MESSAGE"));
    let flags = at(&tree, "negotiateFlags");
    assert_eq!(flags.bits.len(), 32);
    let set: u32 = flags.bits.iter().filter(|bit| bit.set).map(|bit| bit.mask).sum();
    assert_eq!(flags.value, Value::Number(u64::from(set)));
    let unicode = flags.bits.iter().find(|bit| bit.letter == "A").unwrap();
    assert!(unicode.set && unicode.name == "NTLMSSP_NEGOTIATE_UNICODE");
}

#[test]
fn response_versions_are_distinguished() {
    let found = |section| findings(&published(section, "AUTHENTICATE_MESSAGE"), &Context::default());
    assert!(found("4.2.2").contains(&"ntlmv1") && found("4.2.2").contains(&"lm-response"));
    assert!(found("4.2.3").contains(&"ntlm2-session"));
    let modern = found("4.2.4");
    assert!(["no-mic", "no-channel-binding", "lmv2-response"].iter().all(|id| modern.contains(id)), "{modern:?}");
    assert!(!modern.contains(&"ntlmv1"));
}

#[test]
fn findings_that_need_two_messages() {
    let challenge = published("4.2.4", "CHALLENGE_MESSAGE");
    let authenticate = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let with = |challenge| Context { challenge: Some(challenge), ..Context::default() };
    assert!(!findings(&authenticate, &with(&challenge)).contains(&"downgraded-flags"));
    let mut weaker = authenticate.clone();
    weaker[63] &= !0x20; // 128-bit keys
    let found = findings(&weaker, &with(&challenge));
    assert!(found.contains(&"downgraded-flags") && found.contains(&"weak-key"), "{found:?}");
}

#[test]
fn clocks_are_compared_only_if_the_time_is_given() {
    let authenticate = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let mut later = authenticate.clone();
    let time = at(&tree(&authenticate), "ntChallengeResponse.timeStamp").start;
    later[time..time + 8].copy_from_slice(&116_444_736_000_000_000_u64.to_le_bytes());
    let now =
        |seconds: i64| Context { now: Some(FileTime::from_unix_milliseconds(seconds * 1000)), ..Context::default() };
    assert_eq!(
        at(&tree(&later), "ntChallengeResponse.timeStamp").value,
        Value::Time(FileTime(116_444_736_000_000_000))
    );
    assert!(!findings(&later, &Context::default()).contains(&"clock-skew"));
    assert!(!findings(&later, &now(299)).contains(&"clock-skew"));
    assert!(findings(&later, &now(301)).contains(&"clock-skew"));
}

#[test]
fn times_are_calendar_dates() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let place = at(&tree(&token), "ntChallengeResponse.timeStamp").start;
    for (ticks, text) in [
        (0_u64, "1601-01-01T00:00:00.000Z"),
        (119_600_064_000_000_000, "1980-01-01T00:00:00.000Z"),
        (125_963_423_990_000_000, "2000-02-29T23:59:59.000Z"),
        (125_963_424_000_000_000, "2000-03-01T00:00:00.000Z"),
        (133_485_407_990_000_000, "2023-12-31T23:59:59.000Z"),
        (u64::MAX, "60056-05-28T05:36:10.955Z"),
    ] {
        let mut token = token.clone();
        token[place..place + 8].copy_from_slice(&ticks.to_le_bytes());
        assert_eq!(at(&tree(&token), "ntChallengeResponse.timeStamp").value, Value::Time(FileTime(ticks)));
        let json = serde_json::to_string(&explain(&token, &Context::default()).unwrap()).unwrap();
        assert!(json.contains(&format!(
            "\"label\":\"TimeStamp\",\"start\":{place},\"end\":{},\"value\":\"{text}\"",
            place + 8
        )));
    }
}

/// A token cut anywhere shows all that is there, and says that it was cut.
#[test]
fn cut_tokens_are_explained_as_far_as_they_go() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    for end in 8..token.len() {
        tree(&token[..end]);
        assert!(findings(&token[..end], &Context::default()).first() == Some(&"cut-off"), "cut at {end}");
    }
    let cut = tree(&token[..token.len() - 1]);
    assert_eq!(at(&cut, "userName").value, Value::Text("User".into()));
}

#[test]
fn a_field_that_points_outside_says_where() {
    let mut token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    token[28 + 4..28 + 8].copy_from_slice(&9999_u32.to_le_bytes()); // the domain's offset
    let explained = explain(&token, &Context::default()).unwrap();
    check(&explained.tree);
    let damage = explained.findings.iter().find(|finding| finding.node == "domainName").unwrap();
    assert!(damage.text.contains("9999"), "{}", damage.text);
    assert_eq!(at(&explained.tree, "userName").value, Value::Text("User".into()));
}

#[test]
fn json_can_be_read_and_says_the_same() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let json: serde_json::Value = json_of(&explain(&token, &Context::default()).unwrap());
    assert_eq!(json["type"], 3);
    assert_eq!(json["tree"]["children"][0]["id"], "signature");
    let pair =
        json["tree"]["children"].as_array().unwrap().iter().flat_map(|node| node["children"].as_array().unwrap());
    assert!(pair.clone().any(|node| node["id"] == "ntChallengeResponse.avPairs"));
}

#[test]
fn text_of_peers_cannot_break_the_json() {
    let mut token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let user = at(&tree(&token), "userName").start;
    token[user..user + 8].copy_from_slice(&[b'"', 0, b'\\', 0, 0, 0, 0, 0xd8]);
    let json: serde_json::Value = json_of(&explain(&token, &Context::default()).unwrap());
    let nodes = json["tree"]["children"].as_array().unwrap();
    let user = nodes.iter().find(|node| node["id"] == "userName").unwrap();
    assert_eq!(user["value"], "\"\\\0\u{fffd}");
}

#[test]
fn spnego_tokens() {
    let inner = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let resp = ntlm_wasm::spnego::token::NegTokenResp {
        neg_state: Some(ntlm_wasm::spnego::token::NegState::AcceptIncomplete),
        response_token: Some(&inner),
        mech_list_mic: Some(&[1; 16]),
        ..Default::default()
    };
    let token = resp.encode();
    let explained = explain(&token, &Context::default()).unwrap();
    check(&explained.tree);
    assert_eq!(explained.kind, Kind::Spnego);
    let fields = at(&explained.tree, "negTokenResp.fields");
    assert_eq!(at(fields, "negState").value, Value::Number(1));
    let message = at(fields, "responseToken.octets.authenticateMessage");
    assert_eq!(&token[message.start..message.end], inner);
    assert_eq!(at(message, "userName").value, Value::Text("User".into()));
    let weak = explained.findings.iter().find(|finding| finding.id == "no-mic").unwrap();
    assert_eq!(weak.node, "negTokenResp.fields.responseToken.octets.authenticateMessage.mic");
    for end in 8..token.len() {
        tree(&token[..end]);
    }
    let rejected = hex("a1073005a0030a0102");
    assert!(findings(&rejected, &Context::default()).contains(&"rejected"));
}

/// An element of DER.
fn der(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    [&[tag, u8::try_from(content.len()).unwrap()][..], &content].concat()
}

#[test]
fn spnego_tokens_of_windows() {
    // A server that speaks first, with the number of Kerberos that Windows 2000 cut short.
    let kerberos = der(0x06, &[&hex("2a864882f712010202")]);
    let ntlm = der(0x06, &[&hex("2b06010401823702020a")]);
    let mech_types = der(0xa0, &[&der(0x30, &[&kerberos, &ntlm])]);
    let hint = der(0xa0, &[&der(0x1b, &[b"not_defined_in_RFC4178@please_ignore"])]);
    let hints = der(0xa3, &[&der(0x30, &[&hint])]);
    let init = der(0xa0, &[&der(0x30, &[&mech_types, &hints])]);
    let token = der(0x60, &[&hex("06062b0601050502"), &init]);
    let explained = explain(&token, &Context::default()).unwrap();
    check(&explained.tree);
    let found: Vec<_> = explained.findings.iter().map(|finding| (finding.id, finding.node.as_str())).collect();
    let fields = "initialContextToken.negTokenInit.fields";
    assert_eq!(
        found,
        [
            ("short-kerberos-oid", format!("{fields}.mechTypes").as_str()),
            ("server-hint", format!("{fields}.negHints").as_str())
        ]
    );
    let hint = at(&explained.tree, &format!("{fields}.negHints.fields.hintName"));
    assert_eq!(hint.value, Value::Text("not_defined_in_RFC4178@please_ignore".into()));

    // Windows 2000 sends its token twice.
    let octets = der(0x04, &[b"NTLMSSP\0\x01\0\0\0"]);
    let twice = der(0xa1, &[&der(0x30, &[&der(0xa2, &[&octets]), &der(0xa3, &[&octets])])]);
    assert!(findings(&twice, &Context::default()).contains(&"repeated-token"));
    let other = der(0xa1, &[&der(0x30, &[&der(0xa2, &[&octets]), &der(0xa3, &[&der(0x04, &[&[1; 16]])])])]);
    assert!(!findings(&other, &Context::default()).contains(&"repeated-token"));
    let code = at(&tree(&other), "negTokenResp.fields.mechListMIC.octets.content").clone();
    assert!(code.sensitive, "passwords can be tried on it");
}

#[test]
fn client_time_that_differs_from_the_challenge_is_reported() {
    let authenticate = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let challenge_at = |ticks: u64| {
        let info = [&[7, 0, 8, 0][..], &ticks.to_le_bytes(), &[0; 4]].concat();
        let mut challenge = published("4.2.4", "CHALLENGE_MESSAGE")[..56].to_vec();
        challenge[12..20].fill(0); // no target name
        let [low, high] = u16::try_from(info.len()).unwrap().to_le_bytes();
        challenge[40..48].copy_from_slice(&[low, high, low, high, 56, 0, 0, 0]);
        [challenge, info].concat()
    };
    let with =
        |challenge: &[u8]| findings(&authenticate, &Context { challenge: Some(challenge), ..Context::default() });
    // The published message says 1601.
    assert!(!with(&challenge_at(0)).contains(&"time-not-echoed"));
    assert!(with(&challenge_at(133_485_407_990_000_000)).contains(&"time-not-echoed"));
    let without = published("4.2.4", "CHALLENGE_MESSAGE");
    assert!(!with(&without).contains(&"time-not-echoed"), "if the challenge has no timestamp, the client uses its own");
    assert!(findings(&without, &Context::default()).contains(&"no-timestamp"));
}

#[test]
fn flags_in_a_challenge_are_reported() {
    let mut challenge = published("4.2.4", "CHALLENGE_MESSAGE");
    let name = at(&tree(&challenge), "targetInfo.nbComputerName").clone();
    assert!(!findings(&challenge, &Context::default()).contains(&"flags-in-challenge"));
    challenge[name.start] = 6;
    assert!(findings(&challenge, &Context::default()).contains(&"flags-in-challenge"));
}

#[test]
fn old_windows_versions_are_named_with_their_limits() {
    let with_version = |major, minor, build: u16| {
        let mut token = published("4.2.4", "CHALLENGE_MESSAGE");
        let [low, high] = build.to_le_bytes();
        token[48..52].copy_from_slice(&[major, minor, low, high]);
        let explained = explain(&token, &Context::default()).unwrap();
        explained.findings.into_iter().find(|finding| finding.id == "old-windows").map(|finding| finding.text)
    };
    assert!(
        with_version(5, 1, 2600).unwrap().contains("Windows XP")
            && with_version(5, 1, 2600).unwrap().contains("KB968389")
    );
    assert!(with_version(6, 0, 6002).unwrap().contains("KB968389"));
    assert!(!with_version(6, 1, 7601).unwrap().contains("KB968389"));
    assert_eq!(with_version(10, 0, 26100), None);
}

#[test]
fn data_for_password_guessing_is_marked() {
    let mut token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let marked = |token: &[u8]| {
        let tree = tree(token);
        let all = tree.children.iter().filter(|node| node.sensitive).map(|node| node.name.to_string());
        all.collect::<Vec<_>>()
    };
    assert_eq!(marked(&token), ["lmChallengeResponse", "ntChallengeResponse", "encryptedRandomSessionKey"]);
    // The integrity code has its place between the header and the names, if they leave it one.
    token.splice(72..72, [9; 16]);
    for field in [12, 20, 28, 36, 44, 52] {
        let offset = u32::from_le_bytes(token[field + 4..field + 8].try_into().unwrap()) + 16;
        token[field + 4..field + 8].copy_from_slice(&offset.to_le_bytes());
    }
    assert_eq!(marked(&token), ["mic", "lmChallengeResponse", "ntChallengeResponse", "encryptedRandomSessionKey"]);
    token[72..88].fill(0);
    assert_eq!(marked(&token).first().map(String::as_str), Some("lmChallengeResponse"), "zeros give nothing away");
}

#[test]
fn every_captured_token_is_explained() {
    let Some(corpus) = captured("corpus.json") else { return };
    let mut count = 0;
    for token in corpus["tokens"].as_array().unwrap() {
        let explained = explain(&base64_at(&token["token"]), &Context::default()).unwrap();
        check(&explained.tree);
        let Kind::Ntlm(Some(kind)) = explained.kind else { panic!("{}", token["id"]) };
        assert_eq!(Some(kind as u64), token["type"].as_u64());
        let flags = explained.tree.child("negotiateFlags");
        if let (Some(flags), Some(expected)) = (flags, token["flags"].as_str()) {
            let expected = u64::from_str_radix(expected, 16).unwrap();
            assert_eq!(flags.value, Value::Number(expected), "{}", token["id"]);
        }
        // One server counts the zero at the end of its name as half a character.
        let damages = explained.findings.iter().filter(|finding| finding.severity == Severity::Broken);
        let damages = damages.filter(|finding| !finding.text.contains("an even number of bytes"));
        assert_eq!(damages.count(), 0, "{} {:?}", token["id"], explained.findings);
        if kind == MessageType::Challenge
            && let (Some(ids), Some(info)) = (token["av_ids"].as_array(), explained.tree.child("targetInfo"))
        {
            let pairs = info.children.iter().filter(|pair| pair.label.contains("Av") && pair.name != "eol");
            assert_eq!(pairs.count(), ids.len(), "{}", token["id"]);
        }
        count += 1;
    }
    assert_eq!(count, 244);
    for token in captured("corpus-synthetic.json").unwrap()["tokens"].as_array().unwrap() {
        tree(&base64_at(&token["token"]));
    }
}

#[test]
fn every_captured_spnego_token_is_explained() {
    let Some(corpus) = captured("spnego.json") else { return };
    for token in corpus["tokens"].as_array().unwrap() {
        let explained = explain(&base64_at(&token["token"]), &Context::default()).unwrap();
        check(&explained.tree);
        let text = format!("{:?}", explained.tree);
        assert!(
            explained.findings.iter().all(|finding| finding.severity != Severity::Broken),
            "{:?}",
            explained.findings
        );
        let seen = token["mech_oids_seen"].as_array().cloned().unwrap_or_default();
        let told = |oid: &serde_json::Value| text.contains(str_of(oid).split(' ').next().unwrap());
        assert!(seen.is_empty() || seen.iter().any(told), "{seen:?} in {text}");
        assert_eq!(text.contains("Message\""), token["contains_ntlmssp"] == true);
    }
}

/// A token with some bytes changed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let tokens: Vec<_> = SECTIONS
        .into_iter()
        .flat_map(|section| ["CHALLENGE_MESSAGE", "AUTHENTICATE_MESSAGE"].map(|message| published(section, message)))
        .collect();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    (prop::sample::select(tokens), changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut token, changes, end, wrapped)| {
            for (place, value) in changes {
                let place = place.index(token.len());
                token[place] = value;
            }
            token.truncate(1 + end.index(token.len()));
            if wrapped {
                ntlm_wasm::spnego::token::encode_init(ntlm_wasm::spnego::token::NTLM_MECH_LIST, &token)
            } else {
                token
            }
        },
    )
}

proptest! {
    #[test]
    fn damaged_tokens_keep_their_ranges(token in damaged()) {
        if is_token(&token) {
            tree(&token);
            let context = Context { challenge: Some(&token), negotiate: Some(&token), ..Context::default() };
            prop_assert!(explain(&token, &context).is_some());
        }
    }

    #[test]
    fn noise_keeps_its_ranges(noise in prop::collection::vec(any::<u8>(), 0..400), kind in 0..4_u8) {
        for start in [&b"NTLMSSP\0"[..], &[0xa1, 0x30, 0x30], &[0x60, 0x82, 0x01, 0x00, 0x06, 0x06, 0x2b, 6, 1, 5, 5, 2]] {
            let token = [start, &[kind, 0, 0, 0], &noise].concat();
            if is_token(&token) {
                tree(&token);
            }
        }
    }
}
