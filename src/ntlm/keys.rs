//! One pure function for each function of MS-NLMP 3.3 and 3.4 that computes a hash, a response or a key. Independent of messages.

use crate::crypto::{HmacMd5, des, hmac_md5, md4, md5};
use crate::ntlm::flags::Flags;
use crate::secret::{Key, Secret};

/// Computes `NTOWFv1`: the NT hash of a UTF-16LE password (3.3.1).
pub fn ntowf_v1(password_utf16le: &[u8]) -> Key {
    Secret::new(md4(&[password_utf16le]))
}

/// Computes `LMOWFv1`: the LM hash of an upper-case password in its OEM code page, of which 14 bytes are used (3.3.1).
pub fn lmowf_v1(password_oem_upper: &[u8]) -> Key {
    let byte = |i: usize| password_oem_upper.get(i).copied().unwrap_or(0);
    let half = |start| des(core::array::from_fn(|i| byte(start + i)), *b"KGS!@#$%");
    Secret::new(join(half(0), half(7)))
}

/// Computes `NTOWFv2`, which equals `LMOWFv2`: the hash for one user in one domain (3.3.2).
pub fn ntowf_v2(nt_hash: &Key, user_upper_utf16le: &[u8], domain_utf16le: &[u8]) -> Key {
    Secret::new(hmac_md5(nt_hash.expose(), &[user_upper_utf16le, domain_utf16le]))
}

/// Computes `DESL(K, D)`: three blocks encrypted with the thirds of a key padded to 21 bytes (6).
pub fn des_long(key: &[u8; 16], data: [u8; 8]) -> [u8; 24] {
    let byte = |i: usize| key.get(i).copied().unwrap_or(0);
    let third = |start| des(core::array::from_fn(|i| byte(start + i)), data);
    let mut response = [0; 24];
    for (place, block) in response.as_chunks_mut().0.iter_mut().zip([third(0), third(7), third(14)]) {
        *place = block;
    }
    response
}

/// Returns the data that an NTLM2 session response encrypts instead of the server's challenge (3.3.1, with extended session security).
pub fn ntlm2_session_hash(server_challenge: [u8; 8], client_challenge: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = md5(&[&server_challenge, &client_challenge]);
    [a, b, c, d, e, f, g, h]
}

/// Computes `SessionBaseKey` of NTLMv1 and NTLM2 session responses (3.3.1).
pub fn session_base_key_v1(nt_hash: &Key) -> Key {
    Secret::new(md4(&[nt_hash.expose()]))
}

/// Computes `NTProofStr`; with only the client's challenge as `temp`, the first half of the LMv2 response (3.3.2).
pub fn proof_v2(response_key: &HmacMd5, server_challenge: [u8; 8], temp: &[u8]) -> [u8; 16] {
    response_key.digest(&[&server_challenge, temp])
}

/// Computes `SessionBaseKey` of NTLMv2 responses (3.3.2).
pub fn session_base_key_v2(response_key: &HmacMd5, proof: &[u8; 16]) -> Key {
    Secret::new(response_key.digest(&[proof]))
}

/// Computes `KXKEY` for NTLMv1 and NTLM2 session responses (3.4.5.1). NTLMv2 uses the session base key unchanged.
///
/// Without an LM hash (domain controllers that store none) zeros are used, as in Windows.
pub fn kx_key_v1(
    flags: Flags,
    session_base_key: Key,
    lm_response: &[u8; 24],
    server_challenge: [u8; 8],
    lm_hash: Option<&Key>,
) -> Key {
    let [a, b, c, d, e, f, g, h, ..] = *lm_response;
    let start = [a, b, c, d, e, f, g, h];
    let lm_start = || {
        let [a, b, c, d, e, f, g, h, ..] = *lm_hash.map_or(&[0; 16], Key::expose);
        [a, b, c, d, e, f, g, h]
    };
    if flags.contains(Flags::ESS) {
        return Secret::new(hmac_md5(session_base_key.expose(), &[&server_challenge, &start]));
    }
    if flags.contains(Flags::LM_KEY) {
        let [a, b, c, d, e, f, g, h] = lm_start();
        let first = des([a, b, c, d, e, f, g], start);
        return Secret::new(join(first, des([h, 0xbd, 0xbd, 0xbd, 0xbd, 0xbd, 0xbd], start)));
    }
    if flags.contains(Flags::NON_NT_SESSION_KEY) {
        return Secret::new(join(lm_start(), [0; 8]));
    }
    session_base_key
}

/// The direction of the messages that a signing or sealing key protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    ClientToServer,
    /// From the server to the client.
    ServerToClient,
}

/// Computes `SIGNKEY` (3.4.5.2); returns `None` without extended session security.
pub fn sign_key(flags: Flags, exported_session_key: &Key, direction: Direction) -> Option<Key> {
    let magic: &[u8] = match direction {
        Direction::ClientToServer => b"session key to client-to-server signing key magic constant\0",
        Direction::ServerToClient => b"session key to server-to-client signing key magic constant\0",
    };
    flags.contains(Flags::ESS).then(|| Secret::new(md5(&[exported_session_key.expose(), magic])))
}

/// Computes `SEALKEY` (3.4.5.3), 16 or 8 bytes, and passes it to `then`.
pub fn with_seal_key<R>(
    flags: Flags,
    exported_session_key: &Key,
    direction: Direction,
    then: impl FnOnce(&[u8]) -> R,
) -> R {
    let key = exported_session_key.expose();
    let weakened = |len| key.get(..len).unwrap_or(key);
    if flags.contains(Flags::ESS) {
        let magic: &[u8] = match direction {
            Direction::ClientToServer => b"session key to client-to-server sealing key magic constant\0",
            Direction::ServerToClient => b"session key to server-to-client sealing key magic constant\0",
        };
        let length = match () {
            () if flags.contains(Flags::BITS_128) => 16,
            () if flags.contains(Flags::BITS_56) => 7,
            () => 5,
        };
        return then(Key::new(md5(&[weakened(length), magic])).expose());
    }
    // The 8-byte keys of export restrictions, for the two cases in MS-NLMP.
    if (flags & (Flags::LM_KEY | Flags::DATAGRAM)) == Flags::default() {
        return then(key);
    }
    let [a, b, c, d, e, f, g, ..] = *key;
    let (f, g, h) = if flags.contains(Flags::BITS_56) { (f, g, 0xa0) } else { (0xe5, 0x38, 0xb0) };
    then(Secret::new([a, b, c, d, e, f, g, h]).expose())
}

/// Computes the message integrity code over the three messages, byte for byte as sent (3.1.5.1.2).
pub fn mic(exported_session_key: &Key, messages: [&[u8]; 3]) -> [u8; 16] {
    hmac_md5(exported_session_key.expose(), &messages)
}

fn join(a: [u8; 8], b: [u8; 8]) -> [u8; 16] {
    (u128::from(u64::from_be_bytes(a)) << 64 | u128::from(u64::from_be_bytes(b))).to_be_bytes()
}
