//! The checks of message 3 that a server makes, one function each. All comparisons run in constant time.

use crate::crypto::{self, HmacMd5};
use crate::error::{Error, ErrorKind};
use crate::ntlm::authenticate::{Authenticate, MIC_AT, MIC_END};
use crate::ntlm::av_pair::{AV_FLAG_MIC, AvId, AvPairs};
use crate::ntlm::challenge::Challenge;
use crate::ntlm::credential::Hashes;
use crate::ntlm::flags::Flags;
use crate::ntlm::keys;
use crate::ntlm::message::TextEncoding;
use crate::ntlm::policy::{ChannelBindingPolicy, Policy};
use crate::ntlm::response::NtlmVersion;
use crate::secret::{Key, Secret};
use crate::wire::oem::CodePage;
use crate::wire::text::{self, Text};
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// One message 3 and everything that it is checked against.
pub struct Verification<'a> {
    /// The server's policy.
    pub policy: &'a Policy,
    /// The negotiated flags.
    pub flags: Flags,
    /// The text encoding of message 3.
    pub encoding: TextEncoding,
    /// The three messages, byte for byte.
    pub messages: [&'a [u8]; 3],
    /// Message 2.
    pub challenge: Challenge<'a>,
    /// Message 3.
    pub authenticate: Authenticate<'a>,
    /// The time between challenge and response, in seconds.
    pub age_seconds: u64,
}

/// The result of a successful password proof.
pub struct Proven<'a> {
    /// The kind of response.
    pub version: NtlmVersion,
    /// The session key.
    pub exported_session_key: Key,
    /// Whether the password proof covers the domain; a client may omit the domain from its hash.
    pub domain_proven: bool,
    /// The client's attributes, which the NTLMv2 proof covers; empty for older responses.
    pub response: AvPairs<'a>,
}

const PROOF_SIZE: usize = 16;
const TEMP_INFO_AT: usize = 28; // versions and zeros (8) + time (8) + challenge (8) + zeros (4)
const V1_RESPONSE_SIZE: usize = 24;

impl<'a> Verification<'a> {
    /// Decodes messages 2 and 3 and determines the negotiated flags.
    pub fn new(
        policy: &'a Policy,
        code_page: CodePage,
        messages: [&'a [u8]; 3],
        age_seconds: u64,
    ) -> Result<Self, Error> {
        let [_, challenge, authenticate] = messages;
        let (challenge, authenticate) = (Challenge::decode(challenge)?, Authenticate::decode(authenticate)?);
        // The oldest header has no flags; the flags of the challenge apply.
        let own = authenticate.flags.unwrap_or(challenge.flags);
        let flags = own & (challenge.flags | Flags::REQUEST_TARGET);
        let encoding = TextEncoding::of(own, code_page);
        Ok(Verification { policy, flags, encoding, messages, challenge, authenticate, age_seconds })
    }

    /// Checks the password proof.
    pub fn prove(&self, hashes: &Hashes) -> Result<Proven<'a>, Error> {
        if self.authenticate.nt_response.len() > V1_RESPONSE_SIZE {
            self.prove_v2(hashes)
        } else {
            self.prove_v1(hashes)
        }
    }

    fn prove_v2(&self, hashes: &Hashes) -> Result<Proven<'a>, Error> {
        let response = self.authenticate.nt_response;
        let (proof, temp) = response.split_at_checked(PROOF_SIZE).ok_or(ErrorKind::Truncated)?;
        let info = temp.get(TEMP_INFO_AT..).ok_or(ErrorKind::Truncated)?;
        let user = text::upper_utf16le(&self.utf16le(self.authenticate.user));
        let domain = self.utf16le(self.authenticate.domain);
        // Clients hash the domain as sent, in upper case, or not at all. All three are always computed, for constant time.
        let mut found = None;
        for domain in [&domain[..], &text::upper_utf16le(&domain), &[]] {
            let response_key = HmacMd5::new(keys::ntowf_v2(&hashes.nt, &user, domain).expose());
            let expected = keys::proof_v2(&response_key, self.challenge.server_challenge, temp);
            if crypto::equal(&expected, proof) && found.is_none() {
                found = Some((keys::session_base_key_v2(&response_key, &expected), !domain.is_empty()));
            }
        }
        let (key, domain_proven) = found.ok_or(ErrorKind::ProofMismatch)?;
        Ok(Proven {
            version: NtlmVersion::V2,
            exported_session_key: self.exported_session_key(key)?,
            domain_proven,
            response: AvPairs::parse(info)?,
        })
    }

    fn prove_v1(&self, hashes: &Hashes) -> Result<Proven<'a>, Error> {
        let nt: [u8; V1_RESPONSE_SIZE] =
            self.authenticate.nt_response.try_into().map_err(|_| ErrorKind::WeakResponse)?;
        let lm = self.authenticate.lm_response.try_into().unwrap_or([0; V1_RESPONSE_SIZE]);
        let [a, b, c, d, e, f, g, h, ..] = lm;
        let server_challenge = self.challenge.server_challenge;
        let (version, data) = if self.flags.contains(Flags::ESS) {
            (NtlmVersion::V2Session, keys::ntlm2_session_hash(server_challenge, [a, b, c, d, e, f, g, h]))
        } else {
            (NtlmVersion::V1, server_challenge)
        };
        if version < self.policy.minimum_version {
            return Err(ErrorKind::WeakResponse.into());
        }
        if !crypto::equal(&keys::des_long(hashes.nt.expose(), data), &nt) {
            return Err(ErrorKind::ProofMismatch.into());
        }
        let base = keys::session_base_key_v1(&hashes.nt);
        let key = keys::kx_key_v1(self.flags, base, &lm, server_challenge, hashes.lm.as_ref());
        // NTLMv1 proves neither user nor domain, only the password of the account that was looked up.
        let exported_session_key = self.exported_session_key(key)?;
        Ok(Proven { version, exported_session_key, domain_proven: true, response: AvPairs::default() })
    }

    /// Returns the session key that the client chose, otherwise the key exchange key (3.2.5.1.2).
    fn exported_session_key(&self, key_exchange_key: Key) -> Result<Key, Error> {
        if !self.flags.contains(Flags::KEY_EXCH) {
            return Ok(key_exchange_key);
        }
        match self.authenticate.encrypted_session_key.try_into() {
            Ok(encrypted) => Ok(Secret::new(crypto::rc4(&key_exchange_key, encrypted))),
            // Some clients set the flag without signing or sealing, and send no key.
            Err(_) if (self.flags & (Flags::SIGN | Flags::SEAL)) == Flags::default() => Ok(key_exchange_key),
            Err(_) => Err(ErrorKind::Truncated.into()),
        }
    }

    /// Checks the message integrity code over the three messages. Returns whether there was a code.
    ///
    /// The client announces the code in an attribute that the password proof covers, so an attacker cannot remove it.
    pub fn check_mic(&self, key: &Key, response: AvPairs<'_>) -> Result<bool, Error> {
        let announced = response.flags() & AV_FLAG_MIC != 0;
        if !announced && !self.policy.require_mic {
            return Ok(false);
        }
        let given = self.authenticate.mic.filter(|code| *code != [0; 16]).ok_or(ErrorKind::MicMissing)?;
        let [negotiate, challenge, authenticate] = self.messages;
        let mut blank: Vec<u8> = authenticate.to_vec();
        blank.get_mut(MIC_AT..MIC_END).ok_or(ErrorKind::MicMissing)?.fill(0);
        // In connectionless mode there is no message 1 to protect (3.1.5.2.1).
        let negotiate = if self.flags.contains(Flags::DATAGRAM) { &[] } else { negotiate };
        let expected = keys::mic(key, [negotiate, challenge, &blank]);
        if crypto::equal(&expected, &given) { Ok(true) } else { Err(ErrorKind::MicMismatch.into()) }
    }

    /// Checks the channel binding.
    pub fn check_channel_binding(&self, response: AvPairs<'_>) -> Result<(), Error> {
        let required = match self.policy.channel_binding_policy {
            ChannelBindingPolicy::Off => return Ok(()),
            ChannelBindingPolicy::IfPresent => false,
            ChannelBindingPolicy::Required => true,
        };
        match (response.get(AvId::CHANNEL_BINDINGS), &self.policy.channel_bindings) {
            (Some(given), Some(expected)) if crypto::equal(given, expected) => Ok(()),
            // Windows clients send zeros without TLS, which is correct if this connection has none.
            (Some(given), None) if !required && given.iter().all(|byte| *byte == 0) => Ok(()),
            (Some(_), _) => Err(ErrorKind::ChannelBindingMismatch.into()),
            (None, _) if required => Err(ErrorKind::ChannelBindingMissing.into()),
            (None, _) => Ok(()),
        }
    }

    /// Checks that the client returned the attributes of the challenge unchanged.
    pub fn check_echo(&self, response: AvPairs<'_>) -> Result<(), Error> {
        if response == AvPairs::default() {
            return Ok(());
        }
        let sent = self.challenge.target_info.unwrap_or_default();
        let mut intact = true;
        for pair in sent.iter().filter(|pair| pair.id != AvId::FLAGS) {
            intact &= response.get(pair.id).is_some_and(|echoed| crypto::equal(echoed, pair.value));
        }
        if intact { Ok(()) } else { Err(ErrorKind::TargetInfoAltered.into()) }
    }

    /// Checks the service that the client names, which is optional.
    pub fn check_target_name(&self, response: AvPairs<'_>) -> Result<Option<Text>, Error> {
        let Some(bytes) = response.get(AvId::TARGET_NAME).filter(|bytes| !bytes.is_empty()) else { return Ok(None) };
        let given = Text::of_utf16le(bytes)?;
        let upper = given.to_upper();
        let known = |name: &Text| crypto::equal(name.to_upper().as_utf16le(), upper.as_utf16le());
        let names = &self.policy.target_names;
        if names.is_empty() || names.iter().any(known) {
            return Ok(Some(given));
        }
        Err(ErrorKind::TargetNameMismatch.into())
    }

    /// Checks the age of the challenge.
    pub fn check_age(&self) -> Result<(), Error> {
        if self.age_seconds <= self.policy.challenge_lifetime_seconds {
            Ok(())
        } else {
            Err(ErrorKind::ChallengeExpired.into())
        }
    }

    /// Converts a name to the UTF-16LE that the client hashed. It can have an odd number of bytes; the proof decides.
    fn utf16le(&self, name: &'a [u8]) -> Cow<'a, [u8]> {
        match self.encoding {
            TextEncoding::Unicode => Cow::Borrowed(name),
            TextEncoding::Oem(page) => Cow::Owned(page.decode(name).as_utf16le().to_vec()),
        }
    }
}
