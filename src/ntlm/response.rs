//! The two response fields of message 3 in each version, with their key (MS-NLMP 3.3 and 2.2.2.3 to 2.2.2.8).

use crate::crypto::HmacMd5;
use crate::error::Error;
use crate::ntlm::av_pair::{AV_FLAG_MIC, AvId, AvPairWriter, AvPairs};
use crate::ntlm::credential::Hashes;
use crate::ntlm::flags::Flags;
use crate::ntlm::keys;
use crate::secret::{Key, Secret};
use crate::wire::filetime::FileTime;
use crate::wire::text::Text;
use alloc::vec;
use alloc::vec::Vec;

/// The kind of response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NtlmVersion {
    /// NTLMv1.
    V1,
    /// NTLMv1 with extended session security, also called NTLM2 session response.
    V2Session,
    /// NTLMv2.
    V2,
}

impl NtlmVersion {
    /// Returns the common name.
    pub const fn name(self) -> &'static str {
        match self {
            NtlmVersion::V1 => "NTLMv1",
            NtlmVersion::V2Session => "NTLM2 session",
            NtlmVersion::V2 => "NTLMv2",
        }
    }
}

/// A computed response.
#[derive(Debug)]
pub struct Response {
    /// `LmChallengeResponse`.
    pub lm: Vec<u8>,
    /// `NtChallengeResponse`.
    pub nt: Vec<u8>,
    /// `KeyExchangeKey`.
    pub key_exchange_key: Key,
    /// The kind of response; `None` for an anonymous client.
    pub version: Option<NtlmVersion>,
}

impl Response {
    /// Returns the response of a client without credentials: one zero byte as LM response, and a key of zeros (3.2.5.1.2).
    pub fn anonymous() -> Self {
        Response { lm: vec![0], nt: Vec::new(), key_exchange_key: Secret::new([0; 16]), version: None }
    }
}

/// Computes the NTLMv1 response, or the NTLM2 session response if extended session security was negotiated.
pub fn respond_v1(
    hashes: &Hashes,
    flags: Flags,
    server_challenge: [u8; 8],
    client_challenge: [u8; 8],
    lm_too: bool,
) -> Response {
    let ess = flags.contains(Flags::ESS);
    let (lm, nt) = if ess {
        let data = keys::ntlm2_session_hash(server_challenge, client_challenge);
        let [a, b, c, d, e, f, g, h] = client_challenge;
        let lm = [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        (lm, keys::des_long(hashes.nt.expose(), data))
    } else {
        let nt = keys::des_long(hashes.nt.expose(), server_challenge);
        // Without an LM hash, or if it must not be used, both fields contain the NT response (NoLMResponseNTLMv1).
        let lm = hashes.lm.as_ref().filter(|_| lm_too);
        (lm.map_or(nt, |lm| keys::des_long(lm.expose(), server_challenge)), nt)
    };
    let base = keys::session_base_key_v1(&hashes.nt);
    let key_exchange_key = keys::kx_key_v1(flags, base, &lm, server_challenge, hashes.lm.as_ref());
    let version = if ess { NtlmVersion::V2Session } else { NtlmVersion::V1 };
    Response { lm: lm.to_vec(), nt: nt.to_vec(), key_exchange_key, version: Some(version) }
}

/// The attributes that the client adds to the server's (3.1.5.1.2).
#[derive(Clone, Copy, Debug)]
pub struct TargetInfoAdditions<'a> {
    /// Announce a message integrity code.
    pub with_mic: bool,
    /// Send this machine's identifier, as Windows does if the challenge has a timestamp.
    pub machine_id: Option<[u8; 32]>,
    /// Bind to a TLS channel.
    pub channel_bindings: Option<[u8; 16]>,
    /// Name the requested service.
    pub target_name: Option<&'a Text>,
}

impl TargetInfoAdditions<'_> {
    /// Returns the size of all attributes, including the end of the list.
    fn size(&self) -> usize {
        const FIXED: usize = 8 + 52 + 20 + 4 + 4; // flags + machine + binding + the target name's header + end
        FIXED + self.target_name.map_or(0, |name| name.as_utf16le().len())
    }
}

/// Computes the NTLMv2 response.
pub fn respond_v2(
    response_key: &HmacMd5,
    server_info: AvPairs<'_>,
    additions: &TargetInfoAdditions<'_>,
    server_challenge: [u8; 8],
    client_challenge: [u8; 8],
    time: FileTime,
) -> Result<Response, Error> {
    // NTLMv2_RESPONSE: the proof, then NTLMv2_CLIENT_CHALLENGE (2.2.2.8 and 2.2.2.7), which 3.3.2 calls temp.
    let mut nt = Vec::with_capacity(FIXED_SIZE + server_info.as_bytes().len() + additions.size());
    nt.resize(PROOF_SIZE, 0);
    nt.extend_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0]);
    nt.extend_from_slice(&time.0.to_le_bytes());
    nt.extend_from_slice(&client_challenge);
    nt.extend_from_slice(&[0; 4]);
    let mut nt = client_target_info(nt, server_info, additions)?;
    nt.extend_from_slice(&[0; 4]);
    let (place, temp) = nt.split_at_mut(PROOF_SIZE);
    let proof = keys::proof_v2(response_key, server_challenge, temp);
    place.copy_from_slice(&proof);
    // Windows sends an empty LM response if there is a timestamp; MS-NLMP requires it with any target information.
    let mut lm = vec![0; PROOF_SIZE + client_challenge.len()];
    if !(additions.with_mic || server_info.timestamp().is_some()) {
        let (place, challenge) = lm.split_at_mut(PROOF_SIZE);
        place.copy_from_slice(&keys::proof_v2(response_key, server_challenge, &client_challenge));
        challenge.copy_from_slice(&client_challenge);
    }
    let key_exchange_key = keys::session_base_key_v2(response_key, &proof);
    Ok(Response { lm, nt, key_exchange_key, version: Some(NtlmVersion::V2) })
}

const PROOF_SIZE: usize = 16;
/// The size of an NTLMv2 response without the attributes.
const FIXED_SIZE: usize = PROOF_SIZE + 32; // versions and zeros (8) + time (8) + challenge (8) + zeros (4) + zeros (4)

/// Appends the server's attributes and the client's own to a buffer.
///
/// A binding or target name in the server's list is dropped, not echoed. The client's password proof covers these attributes,
/// so a machine-in-the-middle could otherwise have its own values confirmed.
fn client_target_info(
    written: Vec<u8>,
    server: AvPairs<'_>,
    additions: &TargetInfoAdditions<'_>,
) -> Result<Vec<u8>, Error> {
    let mut info = AvPairWriter::behind(written);
    let owned_by_client = [AvId::FLAGS, AvId::SINGLE_HOST, AvId::CHANNEL_BINDINGS, AvId::TARGET_NAME];
    for pair in server.iter().filter(|pair| !owned_by_client.contains(&pair.id)) {
        info.push(pair.id, pair.value);
    }
    let flags = server.flags() | if additions.with_mic { AV_FLAG_MIC } else { 0 };
    if flags != 0 {
        info.push(AvId::FLAGS, &flags.to_le_bytes());
    }
    if let Some(machine_id) = additions.machine_id {
        info.push(AvId::SINGLE_HOST, &single_host_data(machine_id));
    }
    if let Some(hash) = additions.channel_bindings {
        info.push(AvId::CHANNEL_BINDINGS, &hash);
    }
    if let Some(name) = additions.target_name {
        info.push(AvId::TARGET_NAME, name.as_utf16le());
    }
    info.finish()
}

/// Encodes `Single_Host_Data` (2.2.2.2): size, zeros, custom data present, medium integrity level, and the machine identifier.
fn single_host_data(machine_id: [u8; 32]) -> [u8; 48] {
    const MEDIUM_INTEGRITY: u32 = 0x2000;
    let mut data = [0; 48];
    let words = [48, 0, 1, MEDIUM_INTEGRITY];
    let (start, id) = data.split_at_mut(16);
    for (place, word) in start.as_chunks_mut().0.iter_mut().zip(words) {
        *place = u32::to_le_bytes(word);
    }
    id.copy_from_slice(&machine_id);
    data
}
