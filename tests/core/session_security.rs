//! Signing and sealing where it is easily got wrong: which stream, which sequence, which signature, and what failure leaves behind.

use crate::support::hex;
use ntlm_wasm::crypto::{Rc4, crc32, hmac_md5, md5};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::flags::Flags;
use ntlm_wasm::ntlm::keys::{self, Direction};
use ntlm_wasm::ntlm::seal::{Role, SIGNATURE_SIZE, SecuritySession};
use ntlm_wasm::secret::{Key, Secret};

const NEW: Flags =
    Flags(Flags::UNICODE.0 | Flags::SIGN.0 | Flags::SEAL.0 | Flags::ESS.0 | Flags::BITS_128.0 | Flags::KEY_EXCH.0);
const OLD: Flags = Flags(Flags::UNICODE.0 | Flags::SIGN.0 | Flags::SEAL.0);

fn key() -> Key {
    Secret::new([0x5a; 16])
}

fn session(flags: Flags, role: Role) -> SecuritySession {
    SecuritySession::new(flags, key(), role)
}

fn pair(flags: Flags) -> (SecuritySession, SecuritySession) {
    (session(flags, Role::Client), session(flags, Role::Server))
}

fn seal_key(flags: Flags, direction: Direction) -> Vec<u8> {
    keys::with_seal_key(flags, &key(), direction, <[u8]>::to_vec)
}

/// `MAC` with extended session security, an independent implementation of 3.4.4.2 over the caller's key stream.
fn checksum(stream: &mut Rc4, direction: Direction, sequence: u32, message: &[u8]) -> Vec<u8> {
    let sign_key = keys::sign_key(NEW, &key(), direction).unwrap();
    let mut checksum = hmac_md5(sign_key.expose(), &[&sequence.to_le_bytes(), message])[..8].to_vec();
    stream.apply(&mut checksum);
    [&[1, 0, 0, 0][..], &checksum, &sequence.to_le_bytes()].concat()
}

#[test]
fn each_direction_has_its_own_stream_and_sequence_with_extended_session_security() {
    let (mut client, mut server) = pair(NEW);
    for (sender, direction) in [(&mut client, Direction::ClientToServer), (&mut server, Direction::ServerToClient)] {
        let mut stream = Rc4::new(&seal_key(NEW, direction)).unwrap();
        for sequence in 0..3 {
            let message = [sequence as u8; 5];
            let mut sealed = message.to_vec();
            stream.apply(&mut sealed);
            let signature = checksum(&mut stream, direction, sequence, &message);
            assert_eq!(sender.wrap(&message).unwrap(), [signature, sealed].concat(), "{sequence}");
        }
    }
}

/// Without extended session security there is one stream and one sequence for both (3.4.4.1), and the pad is sent as zero.
#[test]
fn both_directions_share_one_stream_and_sequence_without_extended_session_security() {
    let (mut client, mut server) = pair(OLD);
    let mut stream = Rc4::new(&seal_key(OLD, Direction::ClientToServer)).unwrap();
    for sequence in 0..6_u32 {
        let message = [sequence as u8; 7];
        let (sender, receiver) =
            if sequence % 2 == 0 { (&mut client, &mut server) } else { (&mut server, &mut client) };
        let mut sealed = message.to_vec();
        stream.apply(&mut sealed);
        let mut middle = [&[0; 4][..], &crc32(&message).to_le_bytes(), &sequence.to_le_bytes()].concat();
        stream.apply(&mut middle);
        middle[..4].fill(0);
        let wrapped = sender.wrap(&message).unwrap();
        assert_eq!(wrapped, [&[1, 0, 0, 0][..], &middle, &sealed].concat(), "{sequence}");
        assert_eq!(receiver.unwrap(&wrapped).unwrap(), message);
    }
}

#[test]
fn the_pad_of_an_old_signature_may_hold_anything_and_nothing_else_of_it() {
    for at in 0..SIGNATURE_SIZE {
        let (mut client, mut server) = pair(OLD);
        let mut signature = client.sign(b"message").unwrap();
        signature[at] ^= 0x80;
        let verdict = server.verify(b"message", &signature).map_err(|error| error.kind());
        assert_eq!(verdict, if (4..8).contains(&at) { Ok(()) } else { Err(ErrorKind::SignatureMismatch) }, "{at}");
    }
    let (mut client, mut server) = pair(OLD);
    let signature = client.sign(b"message").unwrap();
    assert_eq!(server.verify(b"message", &signature[..15]).unwrap_err().kind(), ErrorKind::SignatureMismatch);
}

/// Only in datagram mode with extended session security has each message its own key (3.4.4.2); elsewhere the stream goes on.
#[test]
fn set_sequence_starts_a_new_stream_for_datagrams_only() {
    let datagram = NEW | Flags::DATAGRAM;
    for (flags, sequence) in [(datagram, 5_u32), (datagram, 0)] {
        let direction = Direction::ClientToServer;
        let mut client = session(flags, Role::Client);
        client.sign(b"one that went before").unwrap();
        client.set_sequence(sequence);
        let own = md5(&[&seal_key(flags, direction), &sequence.to_le_bytes()]);
        let expected = checksum(&mut Rc4::new(&own).unwrap(), direction, sequence, b"message");
        assert_eq!(client.sign(b"message").unwrap().to_vec(), expected);
    }
    let direction = Direction::ClientToServer;
    let mut client = session(NEW, Role::Client);
    let mut stream = Rc4::new(&seal_key(NEW, direction)).unwrap();
    assert_eq!(client.sign(b"first").unwrap().to_vec(), checksum(&mut stream, direction, 0, b"first"));
    client.set_sequence(9);
    assert_eq!(client.sign(b"next").unwrap().to_vec(), checksum(&mut stream, direction, 9, b"next"));
    for old in [OLD, OLD | Flags::DATAGRAM] {
        let (mut client, mut server) = pair(old);
        server.verify(b"first", &client.sign(b"first").unwrap()).unwrap();
        client.set_sequence(9);
        assert!(server.verify(b"next", &client.sign(b"next").unwrap()).is_err(), "the other side expects number 1");
        let (mut client, mut stream) = (session(old, Role::Client), Rc4::new(&seal_key(old, direction)).unwrap());
        client.sign(b"first").unwrap();
        stream.apply(&mut [0; 12]);
        client.set_sequence(9);
        let mut middle = [&[0; 4][..], &crc32(b"next").to_le_bytes(), &9_u32.to_le_bytes()].concat();
        stream.apply(&mut middle);
        assert_eq!(client.sign(b"next").unwrap()[8..], middle[4..], "the stream goes on");
    }
}

/// As behind the checksum of a SPNEGO negotiation (MS-SPNG 3.2.5.1).
#[test]
fn restart_resets_the_streams_and_keeps_the_sequence() {
    let direction = Direction::ClientToServer;
    let mut client = session(NEW, Role::Client);
    client.sign(b"the list of mechanisms").unwrap();
    client.restart();
    let mut stream = Rc4::new(&seal_key(NEW, direction)).unwrap();
    assert_eq!(client.sign(b"message").unwrap().to_vec(), checksum(&mut stream, direction, 1, b"message"));
}

#[test]
fn without_negotiated_signing_signatures_are_empty_or_an_error() {
    let dummy = hex("01000000000000000000000000000000");
    let (mut client, mut server) = pair(Flags::UNICODE | Flags::ALWAYS_SIGN);
    assert!(client.signs());
    assert_eq!(client.sign(b"message").unwrap().to_vec(), dummy);
    server.verify(b"any other message", &dummy).unwrap();
    let wrapped = client.wrap(b"message").unwrap();
    assert_eq!(wrapped, [&dummy[..], b"message"].concat());
    assert_eq!(server.unwrap(&wrapped).unwrap(), b"message");
    assert_eq!(server.verify(b"message", &[1; 16]).unwrap_err().kind(), ErrorKind::SignatureMismatch);

    let (mut client, mut server) = pair(Flags::UNICODE);
    assert!(!client.signs());
    assert!(session(Flags::SIGN, Role::Client).signs());
    assert_eq!(client.sign(b"message").unwrap_err().kind(), ErrorKind::NotProtected);
    assert_eq!(server.verify(b"message", &dummy).unwrap_err().kind(), ErrorKind::NotProtected);
    assert_eq!(client.wrap(b"message").unwrap_err().kind(), ErrorKind::NotProtected);
    for signed_alone in [Flags::UNICODE, Flags::UNICODE | Flags::SIGN | Flags::ESS] {
        let (mut client, mut server) = pair(signed_alone);
        assert_eq!(client.seal(&mut [1; 4]).unwrap_err().kind(), ErrorKind::NotProtected);
        assert_eq!(client.sealed(&[1; 4]).unwrap_err().kind(), ErrorKind::NotProtected);
        assert_eq!(server.unseal(&mut [1; 4], &dummy).unwrap_err().kind(), ErrorKind::NotProtected);
        assert_eq!(server.unsealed(&[1; 4], &dummy).unwrap_err().kind(), ErrorKind::NotProtected);
    }
}

#[test]
fn signed_messages_stay_in_the_clear_and_are_verified() {
    let (mut client, mut server) = pair(Flags::SIGN | Flags::ESS | Flags::BITS_128);
    let wrapped = client.wrap(b"readable").unwrap();
    assert_eq!(&wrapped[SIGNATURE_SIZE..], b"readable");
    let mut changed = wrapped.clone();
    changed[SIGNATURE_SIZE] ^= 1;
    let (_, mut other) = pair(Flags::SIGN | Flags::ESS | Flags::BITS_128);
    assert_eq!(other.unwrap(&changed).unwrap_err().kind(), ErrorKind::SignatureMismatch);
    assert_eq!(server.unwrap(&wrapped).unwrap(), b"readable");
}

/// Without an exchanged key the checksum is not encrypted, and takes nothing from the key stream (3.4.4.2).
#[test]
fn checksum_is_encrypted_only_after_a_key_exchange() {
    let flags = NEW.with(Flags::KEY_EXCH, false);
    let direction = Direction::ClientToServer;
    let mut client = session(flags, Role::Client);
    let mut stream = Rc4::new(&seal_key(flags, direction)).unwrap();
    let sign_key = keys::sign_key(flags, &key(), direction).unwrap();
    for sequence in 0..2_u32 {
        let mut sealed = *b"message";
        stream.apply(&mut sealed);
        let checksum = hmac_md5(sign_key.expose(), &[&sequence.to_le_bytes(), b"message"]);
        let expected = [&[1, 0, 0, 0][..], &checksum[..8], &sequence.to_le_bytes(), &sealed].concat();
        assert_eq!(client.sealed(b"message").unwrap(), expected);
    }
}

#[test]
fn messages_that_fail_verification_are_wiped() {
    for flags in [NEW, OLD] {
        let (mut client, mut server) = pair(flags);
        let mut bytes = *b"this text is secret!";
        let mut signature = client.seal(&mut bytes).unwrap();
        signature[15] ^= 1;
        assert_eq!(server.unseal(&mut bytes, &signature).unwrap_err().kind(), ErrorKind::SignatureMismatch);
        assert_eq!(bytes, [0; 20]);
    }
}
