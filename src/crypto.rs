//! The cryptographic primitives of MS-NLMP 6. Only this file names the crates that provide them.
//!
//! MD4, MD5, DES and RC4 are broken for general use. The protocol requires them.

use crate::secret::Key;
use des::Des;
use des::cipher::{BlockCipherEncrypt, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use md4::Md4;
use md5::Md5;
use md5::digest::Output;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

/// Returns the MD4 of the concatenated parts (RFC 1320).
pub fn md4(parts: &[&[u8]]) -> [u8; 16] {
    digest::<Md4>(parts).into()
}

/// Returns the MD5 of the concatenated parts (RFC 1321).
pub fn md5(parts: &[&[u8]]) -> [u8; 16] {
    digest::<Md5>(parts).into()
}

#[inline]
fn digest<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    let mut hash = D::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize()
}

/// HMAC-MD5 with a scheduled key, which can be used for any number of messages (RFC 2104).
#[derive(Clone)]
pub struct HmacMd5(Hmac<Md5>);

impl HmacMd5 {
    /// Schedules a key.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn new(key: &[u8; 16]) -> Self {
        HmacMd5(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// Returns the HMAC of the concatenated parts.
    #[inline]
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.0.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

/// Returns the HMAC-MD5 of the concatenated parts.
pub fn hmac_md5(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    HmacMd5::new(key).digest(parts)
}

/// Computes `DES(K, D)` of MS-NLMP 6: encrypts one block with a 7-byte key, expanded to 8 bytes; parity bits are ignored.
pub fn des(key: [u8; 7], block: [u8; 8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g] = key;
    let bits = u64::from_be_bytes([0, a, b, c, d, e, f, g]);
    let spread: [u8; 8] = core::array::from_fn(|i| ((bits >> (49 - 7 * i)) as u8) << 1);
    let mut block = block.into();
    Des::new(&spread.into()).encrypt_block(&mut block);
    block.into()
}

/// The state of an RC4 key stream.
pub struct Rc4(rc4::Rc4);

impl Rc4 {
    /// Creates the key stream for a key of 1 to 256 bytes; returns `None` for other lengths.
    pub fn new(key: &[u8]) -> Option<Self> {
        rc4::Rc4::new_from_slice(key).ok().map(Rc4)
    }

    /// Encrypts or decrypts in place and advances the key stream.
    pub fn apply(&mut self, data: &mut [u8]) {
        self.0.apply_keystream(data);
    }
}

/// Computes `RC4K(K, D)` of MS-NLMP 6 for 16 bytes and a 16-byte key.
pub fn rc4(key: &Key, mut data: [u8; 16]) -> [u8; 16] {
    if let Some(mut stream) = Rc4::new(key.expose()) {
        stream.apply(&mut data);
    }
    data
}

/// A hash function that a certificate's signature algorithm can name (RFC 5929 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateHash {
    /// SHA-224.
    Sha224,
    /// SHA-256, which also replaces MD5 and SHA-1.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl CertificateHash {
    /// Computes the digest and passes it to `then`.
    pub fn digest<R>(self, data: &[u8], then: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            CertificateHash::Sha224 => then(&Sha224::digest(data)),
            CertificateHash::Sha256 => then(&Sha256::digest(data)),
            CertificateHash::Sha384 => then(&Sha384::digest(data)),
            CertificateHash::Sha512 => then(&Sha512::digest(data)),
        }
    }
}

/// Returns the CRC-32 with the polynomial of IEEE 802.3, which NTLM's older signatures use (MS-NLMP 3.4.4.1).
pub fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Compares two byte strings. The time depends only on their lengths.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}
