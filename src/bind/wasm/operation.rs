//! What JavaScript can have done.

use wasm_bindgen::prelude::wasm_bindgen;

/// What to do. Where nothing else is said, the answer is bytes in the exchange.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Operation {
    /// Gives up what a number stands for, and wipes its secrets.
    Close,
    /// Forgets a client's handshake.
    Reset,
    /// A number: 1 when a client's last token was made, plus twice the kind of response that was sent (1 NTLMv1,
    /// 2 NTLM2 session, 3 NTLMv2, 0 none).
    State,
    /// A number: the session that protects the messages to come; an error before the handshake has come so far.
    ClientSession,
    /// A number: where a dialogue stands; 1 when the final token was accepted, plus 2 with NTLM in use, 4 with Negotiate.
    HttpState,
    /// A number: 1 if a server's challenge waits for its answer.
    Challenged,
    /// A client's first token.
    Start,
    /// The first leg's header on a new connection, in the form of what comes next.
    Begin,
    /// In datagram mode, says which message comes next in a session: the detail.
    SetSequence,
    /// The flags that a session was agreed on with, in four bytes.
    SessionFlags,
    /// The NT hash of a password in UTF-16LE.
    NtHash,
    /// The hash that binds to a certificate whose own hash is given.
    EndPoint,
    /// Whether what proves an account fits a handshake: given are the proof, messages 1 (or nothing), 2 and 3. The answer: the
    /// kind of the response (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2), the message integrity code (0 absent, 1 right, 2 wrong,
    /// 3 not checked), the session key.
    Examine,
    /// A number: a client for the given scheme and options.
    Client,
    /// A client's answer to a token; empty when nothing is left to send. The detail's first bit: it is given in base64 or as a
    /// header's value.
    Step,
    /// A number: a dialogue for the given side (0 origin, 1 proxy), how many schemes, each of them, and options.
    Http,
    /// What comes next after a response, whose challenges are given one a line. The detail: the status, and the lowest bit
    /// below it, whether the connection stays open. The answer is empty where the response is the caller's; else it is the
    /// header's token, its scheme (1 NTLM, 2 Negotiate), and what to do (`+` send, `!` send the last leg, `<` reconnect).
    Next,
    /// A number: a server with the given options.
    Server,
    /// A server's answer to message 1, or to a first token of SPNEGO that holds none yet. The detail is as in a client's step.
    Challenge,
    /// Reads message 3, which uses the challenge up; the detail's first bit as in a client's step. The answer: whether it is
    /// anonymous, user name, domain, workstation, the claim's number.
    Receive,
    /// Checks a claim, which uses it up, against what proves the account. The answer: the kind of the response (1 NTLMv1,
    /// 2 NTLM2 session, 3 NTLMv2, 0 for an anonymous client), whether the messages were protected against changes, the proven
    /// domain, the service that was meant, the last token for the client, the number of the session.
    ///
    /// Without an account it takes as long as with a wrong password; a client that wants to be nobody may pass.
    Verify,
    /// Signs the next outgoing message: the signature. From here on the detail is the message's length, behind which a
    /// signature may stand.
    Sign,
    /// Checks the next incoming message: nothing.
    CheckSignature,
    /// Encrypts and signs the next outgoing message: the signature, then the sealed bytes.
    Seal,
    /// Decrypts and checks the next incoming message: the plain text.
    Unseal,
    /// Seals, or signs where sealing was not agreed on, into one piece.
    Wrap,
    /// Takes apart what the other side wrapped.
    Unwrap,
    /// The key that other protocols take from a session.
    Key,
}

impl Operation {
    /// Whether it computes with no secret, so that the stack need not be wiped behind it.
    pub const fn is_light(self) -> bool {
        (self as u32) < Operation::SetSequence as u32
    }
}
