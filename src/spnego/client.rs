//! The client: offers NTLM, wraps its messages, and protects the offer if there is a session key (RFC 4178 3, MS-SPNG 3.2.5).

use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::mechanism::{Mechanism, NtlmMechanism, Outcome, Step};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::client::Client;
use crate::ntlm::message::SIGNATURE;
use crate::ntlm::seal::SIGNATURE_SIZE;
use crate::spnego::token::{NTLM_MECH_LIST, NTLMSSP_OID, NegState, NegToken, NegTokenResp, encode_init};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// NTLM within SPNEGO.
pub struct SpnegoClient {
    ntlm: NtlmMechanism,
    negotiate: Vec<u8>,
    phase: Phase,
}

/// The token that the client expects next.
enum Phase {
    /// None: no handshake has started.
    Idle,
    /// The challenge.
    Challenge,
    /// The challenge, after the first NTLM message was sent a second time.
    ChallengeAgain,
    /// The result; `mic_sent` records whether the mechanism list was protected.
    Verdict { mic_sent: bool },
    /// None: the handshake has ended.
    Done,
}

impl SpnegoClient {
    /// Creates a mechanism that authenticates with the client's credentials.
    pub fn new(client: Arc<Client>) -> Self {
        SpnegoClient { ntlm: NtlmMechanism::new(client), negotiate: Vec::new(), phase: Phase::Idle }
    }

    /// Answers the challenge, and protects the mechanism list if the answer has a message integrity code.
    ///
    /// Servers require both together: a client that sends the NTLM MIC must also send the mechListMIC.
    fn answer(&mut self, challenge: &[u8], env: &mut Env<'_>) -> Result<Step, Error> {
        let (Step::Final(message) | Step::Continue(message)) = self.ntlm.step(challenge, env)? else {
            return Err(ErrorKind::OutOfOrder.into());
        };
        let has_mic = Authenticate::decode(&message)?.mic.is_some();
        let mic = if has_mic { self.protect()? } else { None };
        self.phase = Phase::Verdict { mic_sent: mic.is_some() };
        let response = NegTokenResp {
            neg_state: Some(NegState::AcceptIncomplete),
            response_token: Some(&message),
            mech_list_mic: mic.as_ref().map(|mic| &mic[..]),
            ..NegTokenResp::default()
        };
        Ok(Step::Final(response.encode()))
    }

    /// Signs the mechanism list as the first message in this direction; the key streams restart after it (MS-SPNG 3.2.5.1).
    ///
    /// If signing was not negotiated, it is the dummy signature. An anonymous client sends none.
    fn protect(&mut self) -> Result<Option<[u8; SIGNATURE_SIZE]>, Error> {
        let Some(outcome) = self.ntlm.outcome_mut().filter(|outcome| outcome.ntlm_version.is_some()) else {
            return Ok(None);
        };
        let session = &mut outcome.session;
        if !session.signs() {
            return Ok(None);
        }
        let mic = session.sign(NTLM_MECH_LIST)?;
        session.restart();
        Ok(Some(mic))
    }

    /// Processes the server's last token.
    fn conclude(&mut self, response: &NegTokenResp<'_>, mic_sent: bool) -> Result<Step, Error> {
        // Old servers repeat their token in the signature field.
        let mic = response.mech_list_mic.filter(|mic| Some(*mic) != response.response_token);
        if let (Some(mic), Some(outcome)) = (mic, self.ntlm.outcome_mut()) {
            outcome.session.verify(NTLM_MECH_LIST, mic).map_err(|_| ErrorKind::MicMismatch)?;
            outcome.session.restart();
        }
        if response.neg_state == Some(NegState::AcceptCompleted) || mic_sent {
            self.phase = Phase::Done;
            return Ok(Step::Done);
        }
        // The server expects a signature that the client has not sent.
        let mic = self.protect()?.ok_or(ErrorKind::MechanismRejected)?;
        self.phase = Phase::Verdict { mic_sent: true };
        Ok(Step::Final(NegTokenResp { mech_list_mic: Some(&mic), ..NegTokenResp::default() }.encode()))
    }
}

impl Mechanism for SpnegoClient {
    fn start(&mut self, _env: &mut Env<'_>) -> Result<Step, Error> {
        self.negotiate = self.ntlm.begin()?;
        self.phase = Phase::Challenge;
        Ok(Step::Continue(encode_init(NTLM_MECH_LIST, &self.negotiate)))
    }

    fn step(&mut self, token: &[u8], env: &mut Env<'_>) -> Result<Step, Error> {
        // Some servers answer with a bare NTLM message; the reply then has the same form.
        if token.starts_with(&SIGNATURE) && !matches!(self.phase, Phase::Verdict { .. } | Phase::Done) {
            let step = self.ntlm.step(token, env)?;
            self.phase = Phase::Done;
            return Ok(step);
        }
        let NegToken::Resp(response) = NegToken::decode(token)? else { return Err(ErrorKind::BadSpnego.into()) };
        let refused = response.neg_state == Some(NegState::Reject);
        if response.supported_mech.is_some_and(|oid| oid != NTLMSSP_OID) {
            return Err(ErrorKind::MechanismRejected.into());
        }
        match (&self.phase, response.response_token) {
            (Phase::Verdict { .. }, _) if refused => Err(ErrorKind::Rejected.into()),
            _ if refused => Err(ErrorKind::MechanismRejected.into()),
            (Phase::Idle | Phase::Challenge | Phase::ChallengeAgain, Some(challenge)) => self.answer(challenge, env),
            // NTLM was chosen but its first token was ignored, for example because NTLM was not the first mechanism in the list.
            (Phase::Challenge, None) => {
                self.phase = Phase::ChallengeAgain;
                let again = NegTokenResp { response_token: Some(&self.negotiate), ..NegTokenResp::default() };
                Ok(Step::Continue(again.encode()))
            }
            (Phase::ChallengeAgain, None) => Err(ErrorKind::NoChallenge.into()),
            (Phase::Verdict { mic_sent }, _) => {
                let mic_sent = *mic_sent;
                self.conclude(&response, mic_sent)
            }
            (Phase::Idle, None) | (Phase::Done, _) => Err(ErrorKind::OutOfOrder.into()),
        }
    }

    fn reset(&mut self) {
        self.ntlm.reset();
        self.phase = Phase::Idle;
    }

    fn outcome(&self) -> Option<&Outcome> {
        self.ntlm.outcome()
    }

    fn outcome_mut(&mut self) -> Option<&mut Outcome> {
        self.ntlm.outcome_mut()
    }
}
