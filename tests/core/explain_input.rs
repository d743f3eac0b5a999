//! The explaining decoder finds tokens in whatever people paste.

use crate::explain::published;
use crate::support::hex_of;
use ntlm_wasm::explain::{Form, find};
use ntlm_wasm::wire::base64;
use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::{prop_assert_eq, proptest};

#[test]
fn tokens_are_found_in_what_people_paste() {
    let token = published("4.2.4", "CHALLENGE_MESSAGE");
    let base64 = base64::encode(&token);
    let plain = hex_of(&token);
    let spaced: Vec<_> = token.iter().map(|byte| format!("{byte:02X}")).collect();
    let wrapped: Vec<_> = base64.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    for (text, form) in [
        (base64.clone(), Form::Base64),
        (wrapped.join("\r\n"), Form::Base64),
        (format!("  {base64}\n"), Form::Base64),
        (plain.clone(), Form::Hex),
        (spaced.join(" "), Form::Hex),
        (spaced.iter().map(|byte| format!("0x{byte}, ")).collect(), Form::Hex),
        (spaced.iter().map(|byte| format!("\\x{byte}")).collect(), Form::Hex),
        (
            format!("* said\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: NTLM {base64}\n< Server: x\n"),
            Form::Base64,
        ),
        (format!("{{\"name\":\"WWW-Authenticate\",\"value\":\"NTLM {base64}\"}}"), Form::Base64),
        (dump_of(&token, true), Form::Hex),
        (dump_of(&token, false), Form::Hex),
    ] {
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((&*found[0].bytes, found[0].form), (&token[..], form), "{text}");
    }
    let header = format!("Proxy-Authenticate: NTLM {base64}");
    let found = &find(header.as_bytes())[0];
    assert_eq!((found.header.as_str(), found.scheme.as_str()), ("Proxy-Authenticate", "NTLM"));
    assert_eq!(&header[found.range.clone()], base64);
}

#[test]
fn tokens_are_found_in_archives_of_requests() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let base64 = base64::encode(&token);
    assert!(base64.contains('/') && base64.contains('+'));
    for (name, escaped) in [
        ("as it is", base64.clone()),
        ("slashes", base64.replace('/', "\\/")),
        ("numbers", base64.replace('/', "\\u002F").replace('+', "\\u002b").replace('=', "\\u003d")),
    ] {
        for space in ["", " ", "\n            "] {
            let text = format!(
                "{{{space}\"name\":{space}\"Proxy-Authorization\",{space}\"value\": \"NTLM {escaped}\"{space}}}"
            );
            let found = find(text.as_bytes());
            assert_eq!(found.len(), 1, "{name}: {text}");
            assert_eq!(*found[0].bytes, token, "{name}");
            assert_eq!((found[0].header.as_str(), found[0].scheme.as_str()), ("Proxy-Authorization", "NTLM"), "{text}");
            assert_eq!(&text[found[0].range.clone()], escaped);
        }
    }
}

/// Packets of one connection, as `tcpdump -X` and `tshark -x` print them: with headers, a line of text before each.
#[test]
fn tokens_are_found_in_dumps_of_packets() {
    let token = published("4.2.4", "AUTHENTICATE_MESSAGE");
    let request = format!("GET / HTTP/1.1\r\nAuthorization: NTLM {}\r\n\r\n", base64::encode(&token));
    let (first, second) = request.as_bytes().split_at(300);
    let ip = |payload: &[u8]| {
        let [high, low] = u16::try_from(40 + payload.len()).unwrap().to_be_bytes();
        let header = [0x45, 0, high, low, 0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1];
        let segment = [4, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0];
        [&header[..], &segment, payload].concat()
    };
    let ipv6 = |payload: &[u8]| {
        let [high, low] = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
        let segment = [4, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x18, 0, 0, 0, 0, 0, 0];
        [&[0x60, 0, 0, 0, high, low, 6, 64][..], &[0; 32], &segment, payload].concat()
    };
    let ethernet = |packet: Vec<u8>| [&[2; 12][..], &[8, 0], &packet].concat();
    let tcpdump = |packet: Vec<u8>| {
        let lines = packet.chunks(16).enumerate().map(|(number, row)| {
            let groups: Vec<_> = row.chunks(2).map(hex_of).collect();
            format!("\t0x{:04x}:  {:<39}  {}\n", 16 * number, groups.join(" "), text_of(row))
        });
        format!(
            "12:00:00.123456 IP localhost.1024 > localhost.80: Flags [P.], seq 1:2, length 300\n{}",
            lines.collect::<String>()
        )
    };
    let tshark = |packet: Vec<u8>| {
        let lines = packet.chunks(16).enumerate().map(|(number, row)| {
            let bytes: Vec<_> = row.chunks(1).map(hex_of).collect();
            format!("{:04x}  {:<47}   {}\n", 16 * number, bytes.join(" "), text_of(row))
        });
        format!("{}\n", lines.collect::<String>())
    };
    let stream = |bytes: &[u8]| {
        let lines = bytes.chunks(16).enumerate().map(|(number, row)| {
            let halves: Vec<_> =
                row.chunks(8).map(|half| half.chunks(1).map(hex_of).collect::<Vec<_>>().join(" ")).collect();
            format!("{:08X}  {:<48}   {}\n", 16 * number, halves.join("  "), text_of(row))
        });
        lines.collect::<String>()
    };
    for text in [
        tcpdump(ip(first)) + &tcpdump(ip(second)),
        tcpdump(ipv6(first)) + &tcpdump(ipv6(second)),
        tshark(ethernet(ip(first))) + &tshark(ethernet(ip(second))),
        stream(request.as_bytes()),
        dump_of(request.as_bytes(), true),
        dump_of(request.as_bytes(), false),
    ] {
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(*found[0].bytes, token, "{text}");
        assert_eq!((found[0].header.as_str(), found[0].scheme.as_str()), ("Authorization", "NTLM"));
    }
}

fn text_of(row: &[u8]) -> String {
    row.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect()
}

fn dump_of(bytes: &[u8], grouped: bool) -> String {
    let line = |(number, row): (usize, &[u8])| {
        let bytes: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let columns: Vec<_> = bytes.chunks(if grouped { 2 } else { 1 }).map(|group| group.concat()).collect();
        format!("{:08x}{} {}   {}\n", 16 * number, if grouped { ":" } else { "" }, columns.join(" "), text_of(row))
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

#[test]
fn a_conversation_gives_its_tokens_in_order() {
    let (challenge, authenticate) =
        (published("4.2.4", "CHALLENGE_MESSAGE"), published("4.2.4", "AUTHENTICATE_MESSAGE"));
    let text = format!(
        "< WWW-Authenticate: NTLM {}\n> Authorization: NTLM {}\n",
        base64::encode(&challenge),
        base64::encode(&authenticate)
    );
    let tokens: Vec<_> = find(text.as_bytes()).into_iter().map(|found| found.bytes).collect();
    assert_eq!(tokens, [challenge.clone(), authenticate.clone()]);
    // Within the bytes of another protocol, fields say where a message ends.
    let capture = [&b"\xffSMB...."[..], &challenge, b"rest of the frame"].concat();
    assert_eq!(*find(&capture)[0].bytes, challenge[..]);
}

#[test]
fn what_is_no_token_is_none() {
    for text in ["", "hello", "NTLM", "Negotiate", "QmFzaWM=", "4e544c4d", "WWW-Authenticate: Basic realm=x", "YWJj\0"]
    {
        assert!(find(text.as_bytes()).is_empty(), "{text}");
    }
}

proptest! {
    /// The name of a header in an archive is the one text from outside that may be any bytes.
    #[test]
    fn what_is_no_utf8_is_read_as_the_standard_library_reads_it(name in names()) {
        let token = published("4.2.4", "CHALLENGE_MESSAGE");
        let mut input = b"\"name\": \"".to_vec();
        input.extend(&name);
        input.extend(format!("\", \"value\": \"NTLM {}\"", base64::encode(&token)).bytes());
        let found = find(&input);
        prop_assert_eq!(&found[0].header, &String::from_utf8_lossy(&name));
    }
}

/// Characters, whole and cut, between bytes that begin or go on as one.
fn names() -> impl Strategy<Value = Vec<u8>> {
    let edges: &[u8] =
        &[0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
    let part = prop_oneof![
        prop::sample::select(edges).prop_map(|byte| vec![byte]),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        (any::<char>(), 1_usize..4).prop_map(|(c, length)| c.to_string().bytes().take(length).collect()),
    ];
    let clean = |bytes: &Vec<u8>| !bytes.iter().any(|byte| matches!(byte, b'"' | b'\n'));
    prop::collection::vec(part, 1..16).prop_map(|parts| parts.concat()).prop_filter("a name", clean)
}
