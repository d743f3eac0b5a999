//! Session security: signing and sealing of messages after the handshake (MS-NLMP 3.4).

use crate::crypto::{self, Rc4, crc32, hmac_md5, md5};
use crate::error::{Error, ErrorKind};
use crate::ntlm::flags::Flags;
use crate::ntlm::keys::{self, Direction};
use crate::secret::{Key, Wiped};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// The size of a signature.
pub const SIGNATURE_SIZE: usize = 16; // version (4) + random pad or checksum (8) + checksum or sequence number

/// The role of this end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The end that authenticates.
    Client,
    /// The end that verifies.
    Server,
}

/// The session security of one connection.
///
/// Connection mode counts messages itself and uses one key stream per direction; in datagram mode the caller sets each message number.
pub struct SecuritySession {
    flags: Flags,
    exported_session_key: Key,
    role: Role,
    /// Created on first use: most handshakes authenticate a connection whose messages NTLM does not protect.
    halves: Option<Box<Halves>>,
}

struct Halves {
    outgoing: Half,
    incoming: Half,
}

/// The keys and the sequence number of one direction.
struct Half {
    sign_key: Option<Key>,
    seal_key: Wiped,
    stream: Option<Rc4>,
    sequence: u32,
}

impl Half {
    fn new(flags: Flags, key: &Key, direction: Direction) -> Self {
        let seal_key = Wiped(keys::with_seal_key(flags, key, direction, <[u8]>::to_vec));
        let stream = Rc4::new(&seal_key.0);
        Half { sign_key: keys::sign_key(flags, key, direction), seal_key, stream, sequence: 0 }
    }

    /// Derives the key of one message in datagram mode with extended session security
    /// (3.4.4.2 and 3.4.3: `RC4Init(Handle, MD5(SealingKey, SeqNum))`).
    fn rekey(&mut self, sequence: u32) {
        self.sequence = sequence;
        self.stream = Rc4::new(&md5(&[&self.seal_key.0, &sequence.to_le_bytes()]));
    }

    fn apply(&mut self, data: &mut [u8]) {
        if let Some(stream) = &mut self.stream {
            stream.apply(data);
        }
    }

    /// Computes `MAC` (3.4.4) and increments the sequence number.
    fn mac(&mut self, flags: Flags, message: &[u8]) -> [u8; SIGNATURE_SIZE] {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        let Some(sign_key) = &self.sign_key else {
            return self.mac_crc32(sequence, message);
        };
        let [a, b, c, d, e, f, g, h, ..] = hmac_md5(sign_key.expose(), &[&sequence.to_le_bytes(), message]);
        let mut checksum = [a, b, c, d, e, f, g, h];
        if flags.contains(Flags::KEY_EXCH) {
            self.apply(&mut checksum);
        }
        signature(checksum, sequence.to_le_bytes())
    }

    /// Computes `MAC` without extended session security (3.4.4.1): the random pad consumes key stream and is sent as zero.
    fn mac_crc32(&mut self, sequence: u32, message: &[u8]) -> [u8; SIGNATURE_SIZE] {
        let [a, b, c, d] = crc32(message).to_le_bytes();
        let [e, f, g, h] = sequence.to_le_bytes();
        let mut sealed = [0, 0, 0, 0, a, b, c, d, e, f, g, h];
        self.apply(&mut sealed);
        let [_, _, _, _, a, b, c, d, e, f, g, h] = sealed;
        signature([0, 0, 0, 0, a, b, c, d], [e, f, g, h])
    }
}

fn signature(middle: [u8; 8], end: [u8; 4]) -> [u8; SIGNATURE_SIZE] {
    let [a, b, c, d, e, f, g, h] = middle;
    let [i, j, k, l] = end;
    [1, 0, 0, 0, a, b, c, d, e, f, g, h, i, j, k, l]
}

/// The signature sent if `ALWAYS_SIGN` was negotiated but signing was not: a constant dummy.
const DUMMY_SIGNATURE: [u8; SIGNATURE_SIZE] = signature_of_nothing();

const fn signature_of_nothing() -> [u8; SIGNATURE_SIZE] {
    let mut bytes = [0; SIGNATURE_SIZE];
    bytes[0] = 1;
    bytes
}

impl Halves {
    fn new(flags: Flags, key: &Key, role: Role) -> Self {
        let (out, back) = match role {
            Role::Client => (Direction::ClientToServer, Direction::ServerToClient),
            Role::Server => (Direction::ServerToClient, Direction::ClientToServer),
        };
        Halves { outgoing: Half::new(flags, key, out), incoming: Half::new(flags, key, back) }
    }

    fn each(&mut self, mut change: impl FnMut(&mut Half)) {
        change(&mut self.outgoing);
        change(&mut self.incoming);
    }
}

impl SecuritySession {
    /// Creates the session security that a completed handshake negotiated.
    pub const fn new(flags: Flags, exported_session_key: Key, role: Role) -> Self {
        SecuritySession { flags, exported_session_key, role, halves: None }
    }

    /// Returns the session key, which other protocols such as SMB use.
    pub const fn exported_session_key(&self) -> &Key {
        &self.exported_session_key
    }

    /// Returns the negotiated flags.
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// Returns whether messages have a signature, including the dummy signature.
    pub fn signs(&self) -> bool {
        (self.flags & (Flags::SIGN | Flags::ALWAYS_SIGN)) != Flags::default()
    }

    /// Signs the next outgoing message (`GSS_GetMIC`).
    pub fn sign(&mut self, message: &[u8]) -> Result<[u8; SIGNATURE_SIZE], Error> {
        if !self.flags.contains(Flags::SIGN) {
            return self.dummy();
        }
        let flags = self.flags;
        Ok(self.half(Way::Out).mac(flags, message))
    }

    /// Checks the next incoming message (`GSS_VerifyMIC`).
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        if !self.flags.contains(Flags::SIGN) {
            return compare(&self.dummy()?, signature);
        }
        self.check(message, signature)
    }

    fn check(&mut self, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let flags = self.flags;
        let expected = self.half(Way::In).mac(flags, message);
        if flags.contains(Flags::ESS) {
            return compare(&expected, signature);
        }
        // The random pad of older signatures can have any value.
        let given: [u8; SIGNATURE_SIZE] = signature.try_into().map_err(|_| ErrorKind::SignatureMismatch)?;
        let [a, b, c, d, _, _, _, _, e, f, g, h, i, j, k, l] = given;
        compare(&expected, &[a, b, c, d, 0, 0, 0, 0, e, f, g, h, i, j, k, l])
    }

    /// Encrypts the next outgoing message in place and signs its plain text (`GSS_Wrap`).
    pub fn seal(&mut self, message: &mut [u8]) -> Result<[u8; SIGNATURE_SIZE], Error> {
        self.require_seal()?;
        let flags = self.flags;
        let half = self.half(Way::Out);
        // The checksum covers the plain text, but its encryption comes second in the key stream (3.4.3).
        let plain = Wiped(message.to_vec());
        half.apply(message);
        Ok(half.mac(flags, &plain.0))
    }

    /// Decrypts the next incoming message in place and checks it (`GSS_Unwrap`). On failure the bytes are wiped.
    pub fn unseal(&mut self, sealed: &mut [u8], signature: &[u8]) -> Result<(), Error> {
        self.require_seal()?;
        self.half(Way::In).apply(sealed);
        // Sealing includes signing (3.4.3), even if its flag is not set.
        self.check(sealed, signature).inspect_err(|_| sealed.fill(0))
    }

    /// Seals a message and returns the signature followed by the sealed bytes.
    pub fn sealed(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.require_seal()?;
        self.wrap(message)
    }

    /// Unseals like [`SecuritySession::unseal`], into a new buffer.
    pub fn unsealed(&mut self, sealed: &[u8], signature: &[u8]) -> Result<Vec<u8>, Error> {
        let mut message = sealed.to_vec();
        self.unseal(&mut message, signature)?;
        Ok(message)
    }

    /// Seals a message, or signs it if sealing was not negotiated, and returns the signature followed by the message.
    ///
    /// # Examples
    ///
    /// ```
    /// use ntlm_wasm::ntlm::client::requested_flags;
    /// use ntlm_wasm::ntlm::seal::{Role, SecuritySession};
    /// use ntlm_wasm::secret::Secret;
    ///
    /// let flags = requested_flags(None, true, true, 3);
    /// let mut client = SecuritySession::new(flags, Secret::new([7; 16]), Role::Client);
    /// let mut server = SecuritySession::new(flags, Secret::new([7; 16]), Role::Server);
    /// let wrapped = client.wrap(b"hello")?;
    /// assert_eq!(server.unwrap(&wrapped)?, b"hello");
    /// # Ok::<(), ntlm_wasm::error::Error>(())
    /// ```
    pub fn wrap(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut wrapped = vec![0; SIGNATURE_SIZE];
        wrapped.extend_from_slice(message);
        let (place, body) = wrapped.split_at_mut(SIGNATURE_SIZE);
        let signature = if self.flags.contains(Flags::SEAL) { self.seal(body)? } else { self.sign(body)? };
        place.copy_from_slice(&signature);
        Ok(wrapped)
    }

    /// Decrypts and checks a message that the peer wrapped.
    pub fn unwrap(&mut self, wrapped: &[u8]) -> Result<Vec<u8>, Error> {
        let (signature, body) =
            wrapped.split_at_checked(SIGNATURE_SIZE).ok_or(Error::at(ErrorKind::Truncated, wrapped.len()))?;
        if self.flags.contains(Flags::SEAL) {
            return self.unsealed(body, signature);
        }
        self.verify(body, signature)?;
        Ok(body.to_vec())
    }

    /// Sets the number of the next message in both directions in datagram mode, where messages can be lost or reordered.
    pub fn set_sequence(&mut self, sequence: u32) {
        if self.flags.contains(Flags::DATAGRAM | Flags::ESS) {
            self.halves().each(|half| half.rekey(sequence));
        } else {
            self.halves().each(|half| half.sequence = sequence);
        }
    }

    /// Resets both key streams to their start, as after the checksum of a SPNEGO negotiation (MS-SPNG 3.2.5.1).
    ///
    /// The sequence continues: the first application message has number 1, as in other implementations.
    pub fn restart(&mut self) {
        self.halves().each(|half| half.stream = Rc4::new(&half.seal_key.0));
    }

    /// Returns the state of one direction. Without extended session security both directions share one key stream and one sequence.
    fn half(&mut self, way: Way) -> &mut Half {
        let ess = self.flags.contains(Flags::ESS);
        let halves = self.halves();
        match way {
            Way::In if ess => &mut halves.incoming,
            _ => &mut halves.outgoing,
        }
    }

    fn halves(&mut self) -> &mut Halves {
        let Self { flags, exported_session_key, role, halves } = self;
        halves.get_or_insert_with(|| Box::new(Halves::new(*flags, exported_session_key, *role)))
    }

    fn require_seal(&self) -> Result<(), Error> {
        if self.flags.contains(Flags::SEAL) { Ok(()) } else { Err(ErrorKind::NotProtected.into()) }
    }

    fn dummy(&self) -> Result<[u8; SIGNATURE_SIZE], Error> {
        if self.flags.contains(Flags::ALWAYS_SIGN) { Ok(DUMMY_SIGNATURE) } else { Err(ErrorKind::NotProtected.into()) }
    }
}

fn compare(expected: &[u8; SIGNATURE_SIZE], given: &[u8]) -> Result<(), Error> {
    if crypto::equal(expected, given) { Ok(()) } else { Err(ErrorKind::SignatureMismatch.into()) }
}

enum Way {
    In,
    Out,
}
