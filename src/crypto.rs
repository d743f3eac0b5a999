//! The cryptographic primitives of MS-NLMP 6, and the only file that names the crates that provide them.
//!
//! MD4, MD5, DES and RC4 are broken for general use. They are here because the protocol is made of them.

use crate::secret::{Key, wipe};
use core::slice;
use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit, StreamCipher};
use md4::block_api::Md4Core;
use md4::digest::array::Array;
use md4::digest::block_api::UpdateCore;
use md4::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// MD4 of the concatenated parts (RFC 1320).
pub fn md4(parts: &[&[u8]]) -> [u8; 16] {
    let mut core = Md4Core::default();
    in_blocks(parts, 0, &mut |block| core.update_blocks(Array::cast_slice_from_core(block)));
    // Behind the padding the state is the digest.
    core.serialize().first_chunk().copied().unwrap_or_default()
}

/// MD5 of the concatenated parts (RFC 1321).
pub fn md5(parts: &[&[u8]]) -> [u8; 16] {
    md5_from(MD5_START, 0, parts)
}

const BLOCK_SIZE: usize = 64;

/// What MD5 begins with (RFC 1321 3.3).
const MD5_START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// MD5 of the concatenated parts behind so many bytes, which led to this state.
fn md5_from(mut state: [u32; 4], before: usize, parts: &[&[u8]]) -> [u8; 16] {
    in_blocks(parts, before, &mut |block| md5::block_api::compress(&mut state, block));
    let mut digest = [0; 16];
    for (place, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *place = word.to_le_bytes();
    }
    digest
}

/// Hands the concatenated parts on in blocks, the last one padded: a one bit, zeros, and the length in bits with what went
/// before (RFC 1320 3.1 and 3.2, and the same in RFC 1321).
///
/// The buffers of the crate `digest`, which are compiled with this crate, weigh four times as much and take a third of the time.
fn in_blocks(parts: &[&[u8]], before: usize, compress: &mut dyn FnMut(&[[u8; BLOCK_SIZE]])) {
    const LENGTH_AT: usize = BLOCK_SIZE - size_of::<u64>();
    let mut block = [0; BLOCK_SIZE];
    let (mut filled, mut length) = (0, before as u64);
    for part in parts {
        length += part.len() as u64;
        let mut rest = *part;
        while !rest.is_empty() {
            let (next, behind) = rest.split_at(rest.len().min(BLOCK_SIZE - filled));
            if let Some(place) = block.get_mut(filled..filled + next.len()) {
                place.copy_from_slice(next);
            }
            filled += next.len();
            rest = behind;
            if filled == BLOCK_SIZE {
                compress(slice::from_ref(&block));
                filled = 0;
            }
        }
    }
    if let Some([mark, zeros @ ..]) = block.get_mut(filled..) {
        *mark = 0x80;
        zeros.fill(0);
    }
    if filled >= LENGTH_AT {
        compress(slice::from_ref(&block));
        block.fill(0);
    }
    if let Some(place) = block.last_chunk_mut() {
        *place = (8 * length).to_le_bytes();
    }
    compress(slice::from_ref(&block));
    wipe(&mut block);
}

/// HMAC-MD5 with its key scheduled: the two first compressions are done once, however many messages follow (RFC 2104).
#[derive(Clone)]
pub struct HmacMd5 {
    inner: [u32; 4],
    outer: [u32; 4],
}

impl Drop for HmacMd5 {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

impl HmacMd5 {
    /// Schedules a key.
    pub fn new(key: &[u8; 16]) -> Self {
        HmacMd5 { inner: padded(key, 0x36), outer: padded(key, 0x5c) }
    }

    /// The code of the concatenated parts.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 16] {
        let inner = md5_from(self.inner, BLOCK_SIZE, parts);
        md5_from(self.outer, BLOCK_SIZE, &[&inner])
    }
}

/// The state behind the first block of HMAC-MD5: the key, filled up with zeros, exclusive-or a byte.
fn padded(key: &[u8; 16], byte: u8) -> [u32; 4] {
    let mut block = [byte; BLOCK_SIZE];
    block.iter_mut().zip(key).for_each(|(place, key)| *place ^= key);
    let mut state = MD5_START;
    md5::block_api::compress(&mut state, slice::from_ref(&block));
    wipe(&mut block);
    state
}

/// HMAC-MD5 of the concatenated parts.
pub fn hmac_md5(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    HmacMd5::new(key).digest(parts)
}

/// `DES(K, D)` of MS-NLMP 6: one block under a 7-byte key, whose bits are spread over 8 bytes; the parity bits are not looked at.
pub fn des(key: [u8; 7], block: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g] = key;
    let bits = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
    let spread: [u8; 8] = core::array::from_fn(|i| ((bits >> (49 - 7 * i)) as u8) << 1);
    let mut block = block.into();
    Des::new(&spread.into()).encrypt_block(&mut block);
    block.into()
}

/// A running RC4 key stream.
pub struct Rc4(rc4::Rc4);

impl Rc4 {
    /// Starts the stream of a key of 1 to 256 bytes; `None` for other lengths.
    pub fn new(key: &[u8]) -> Option<Self> {
        rc4::Rc4::new_from_slice(key).ok().map(Rc4)
    }

    /// Enciphers or deciphers in place, moving on in the stream.
    pub fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

/// `RC4K(K, D)` of MS-NLMP 6, for 16 bytes under a 16-byte key.
pub fn rc4(key: &Key, mut data: [u8; 16]) -> [u8; 16] {
    if let Some(mut stream) = Rc4::new(key.expose()) {
        stream.apply(&mut data);
    }
    data
}

/// A hash function that a certificate's signature may name (RFC 5929 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateHash {
    /// SHA-224.
    Sha224,
    /// SHA-256, which also stands in for MD5 and SHA-1.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl CertificateHash {
    /// Hashes, and hands the digest to `then`.
    pub fn digest<R>(self, data: &[u8], then: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            CertificateHash::Sha224 => then(&Sha224::digest(data)),
            CertificateHash::Sha256 => then(&Sha256::digest(data)),
            CertificateHash::Sha384 => then(&Sha384::digest(data)),
            CertificateHash::Sha512 => then(&Sha512::digest(data)),
        }
    }
}

/// CRC-32 with the polynomial of IEEE 802.3, which NTLM's older signatures use (MS-NLMP 3.4.4.1).
pub fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Compares in a time that depends on the lengths only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
