//! The server: extracts NTLM from the client's tokens, answers in the same form, and checks that the offer was not modified (RFC 4178 3.2, 5).

use crate::error::{Error, ErrorKind};
use crate::ntlm::flags::Flags;
use crate::ntlm::message::{MessageType, SIGNATURE};
use crate::ntlm::seal::SecuritySession;
use crate::spnego::token::{NTLMSSP_OID, NegState, NegToken, NegTokenResp};
use alloc::vec::Vec;

/// The framing of one client's tokens. It wraps an NTLM server and is independent of accounts.
#[derive(Debug, Default)]
pub struct SpnegoServer {
    /// The client's mechanism list, unchanged; `None` while messages are bare NTLM.
    mech_list: Option<Vec<u8>>,
    /// Whether NTLM was not the client's first choice, so that the list must be protected.
    chosen_late: bool,
    /// The client's signature of the list.
    mech_list_mic: Option<Vec<u8>>,
    /// Whether the chosen mechanism was already sent, which happens once (RFC 4178 4.2.2).
    mechanism_named: bool,
}

/// The content of a token.
#[derive(Debug, PartialEq, Eq)]
pub enum Unwrapped {
    /// An NTLM message.
    Message(MessageType, Vec<u8>),
    /// No message yet: this token must be sent to choose NTLM.
    Choose(Vec<u8>),
}

impl SpnegoServer {
    /// Unwraps a client's token.
    pub fn unwrap(&mut self, token: &[u8]) -> Result<Unwrapped, Error> {
        if token.starts_with(&SIGNATURE) {
            *self = SpnegoServer::default();
            return Ok(Unwrapped::Message(MessageType::of(token)?, token.to_vec()));
        }
        let message = match NegToken::decode(token)? {
            NegToken::Init(init) => {
                let place = init.mech_types().position(|oid| oid == NTLMSSP_OID);
                let place = place.ok_or(ErrorKind::MechanismRejected)?;
                self.mech_list = Some(init.mech_list.to_vec());
                self.chosen_late = place != 0;
                // The token belongs to the first mechanism in the list, so it is ignored if that is not NTLM.
                init.mech_token.filter(|_| place == 0)
            }
            NegToken::Resp(resp) => {
                let mic = resp.mech_list_mic.filter(|mic| Some(*mic) != resp.response_token);
                self.mech_list_mic = mic.map(<[u8]>::to_vec);
                Some(resp.response_token.ok_or(ErrorKind::BadSpnego)?)
            }
        };
        match message {
            Some(message) => Ok(Unwrapped::Message(MessageType::of(message)?, message.to_vec())),
            None => Ok(Unwrapped::Choose(self.respond(NegState::RequestMic, None))),
        }
    }

    /// Wraps the challenge in the form that the client uses.
    pub fn wrap_challenge(&mut self, message: &[u8]) -> Vec<u8> {
        match self.mech_list {
            None => message.to_vec(),
            Some(_) => self.respond(NegState::AcceptIncomplete, Some(message)),
        }
    }

    /// Checks the signature of the list and creates the last token. Bare messages need none.
    pub fn complete(&self, session: &mut SecuritySession) -> Result<Option<Vec<u8>>, Error> {
        let Some(mech_list) = &self.mech_list else { return Ok(None) };
        let mic = if let Some(given) = &self.mech_list_mic {
            session.verify(mech_list, given).map_err(|_| ErrorKind::MicMismatch)?;
            // Without extended session security both directions share one key stream, and each signature restarts it.
            session.restart();
            let own = session.sign(mech_list)?;
            session.restart();
            Some(own)
        } else {
            if self.chosen_late && session.flags().contains(Flags::SIGN) {
                return Err(ErrorKind::MicMissing.into());
            }
            None
        };
        let done = NegTokenResp {
            neg_state: Some(NegState::AcceptCompleted),
            mech_list_mic: mic.as_ref().map(|mic| &mic[..]),
            ..NegTokenResp::default()
        };
        Ok(Some(done.encode()))
    }

    fn respond(&mut self, state: NegState, token: Option<&[u8]>) -> Vec<u8> {
        let supported_mech = (!self.mechanism_named).then_some(NTLMSSP_OID);
        self.mechanism_named = true;
        let response =
            NegTokenResp { neg_state: Some(state), supported_mech, response_token: token, mech_list_mic: None };
        response.encode()
    }
}
