//! A client and an acceptor with any options: they agree on user, response and keys, or one says why not.

use super::choices::Choices;
use super::parties::{Random, client_of, env, judge, server};
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::ntlm::flags::Flags;

pub fn agreement(input: &[u8]) {
    let mut choices = Choices(input);
    let server = server(choices.byte());
    let client = client_of(&mut choices);
    // Without a connection there is no message 1 for the server to hear.
    if client.is_connectionless() || client.config().credential.hashes.is_none() {
        return;
    }
    let Ok(negotiated) = client.negotiate() else { return };
    let negotiate = negotiated.message().to_vec();
    let Ok(challenged) = server.challenge(negotiate.clone(), &mut env(&mut Random(9))) else { return };
    let Ok(sent) = negotiated.authenticate(&client, challenged.message(), &mut env(&mut Random(4))) else { return };
    let accepted = match judge(&server, negotiate, &sent.message) {
        Ok(accepted) => accepted,
        Err(error) => return assert!(is_expected(error.kind()), "{error:?}"),
    };
    assert_eq!(accepted.version, sent.version);
    let (mut ours, mut theirs) = (sent.session, accepted.session);
    assert_eq!(ours.exported_session_key().expose(), theirs.exported_session_key().expose());
    let agreed = ours.flags() & theirs.flags();
    for text in [&b"one"[..], b"", &[7; 300]] {
        let (from, to) = if choices.flag() { (&mut ours, &mut theirs) } else { (&mut theirs, &mut ours) };
        let Ok(mut wrapped) = from.wrap(text) else { return assert!(!agreed.contains(Flags::SIGN)) };
        if choices.byte() == 77 {
            let at = usize::from(choices.byte()) % wrapped.len();
            let change = choices.byte() | 1;
            wrapped[at] ^= change;
            // Only signatures are looked at where nothing is signed, and the old ones have a pad that means nothing.
            let checked = agreed.contains(Flags::SIGN | Flags::ESS);
            assert!(!checked || to.unwrap(&wrapped).is_err(), "a changed message passes");
            return;
        }
        assert_eq!(to.unwrap(&wrapped).unwrap(), text);
    }
}

/// What honest parties may have against each other.
fn is_expected(kind: ErrorKind) -> bool {
    matches!(
        kind,
        // Extended session security that only the client insists on makes another response than the server expects.
        ErrorKind::ProofMismatch
            // A code was demanded, or a binding sent to a server that sees no TLS.
            | ErrorKind::MicMissing
            | ErrorKind::ChannelBindingMismatch
    )
}
