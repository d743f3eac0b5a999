//! Status codes of GSS-API and Kerberos (RFC 2744 3.9, `krb5_err.et`).

use crate::sspi::failure::{Failure, Reason};
use crate::sspi::gss::library::{Buffer, Library, Oid, Status};
use alloc::string::String;
use alloc::vec::Vec;

/// The handshake is complete.
pub const COMPLETE: Status = 0;
/// Another token is needed.
pub const CONTINUE_NEEDED: Status = 1;

const MECHANISM_CODE: i32 = 2;

/// Returns whether a status is an error. The upper 16 bits hold calling and routine errors.
pub const fn is_error(major: Status) -> bool {
    major & 0xffff_0000 != 0
}

/// Converts an error status, with the library's message.
pub fn failure(library: &Library, major: Status, minor: Status, mechanism: &Oid) -> Failure {
    Failure::told(reason(major, minor), words(library, minor, mechanism))
}

fn reason(major: Status, minor: Status) -> Reason {
    match major >> 16 & 0xff {
        1 => Reason::Unavailable,       // BAD_MECH
        4 => Reason::ChannelBinding,    // BAD_BINDINGS
        6 => Reason::SignatureMismatch, // BAD_SIG
        9 => Reason::BadToken,          // DEFECTIVE_TOKEN
        15 => Reason::LogonDenied,      // UNAUTHORIZED
        16 => Reason::NotSupported,     // UNAVAILABLE
        routine => match (kerberos_reason(minor), routine) {
            (Some(reason), _) => reason,
            (None, 7 | 10 | 11) => Reason::NoCredentials, // NO_CRED, DEFECTIVE_CREDENTIAL, CREDENTIALS_EXPIRED
            // Supplementary bits report the order of protected messages.
            (None, 0) if major & 0x1e != 0 => Reason::SignatureMismatch,
            _ => Reason::Failed,
        },
    }
}

/// The base of Kerberos' error table. The protocol's errors (RFC 4120 7.5.9) are first.
const KRB5: i32 = -1_765_328_384;

fn kerberos_reason(minor: Status) -> Option<Reason> {
    Some(match minor.cast_signed().checked_sub(KRB5)? {
        6 | 24 | 210 => Reason::LogonDenied, // unknown client, pre-authentication failed (at the server, here)
        12 | 18 | 23 => Reason::AccountRestricted, // policy, revoked, password expired
        7 => Reason::TargetUnknown,
        32 | 141 | 195 => Reason::NoCredentials, // ticket expired, no cache of tickets, no file of it
        37 => Reason::ClockSkew,
        154 | 156 | 220 => Reason::NoAuthority, // realm unknown, no KDC reachable, realm not resolvable
        31 | 41 => Reason::BadToken,            // integrity check failed, message modified
        _ => return None,
    })
}

/// Returns the library's message for a minor status.
fn words(library: &Library, minor: Status, mechanism: &Oid) -> String {
    let mut more = 0;
    let mut sentences = Vec::new();
    for _ in 0..4 {
        let mut buffer = Buffer::EMPTY;
        // SAFETY: all pointers are to locals; the text is released by `text`.
        let status = unsafe {
            let display = library.gss_display_status;
            display(&mut 0, minor, MECHANISM_CODE, mechanism.as_ptr(), &mut more, &mut buffer)
        };
        let sentence = library.text(&mut buffer);
        if !is_error(status) && !sentence.is_empty() {
            sentences.push(sentence);
        }
        if is_error(status) || more == 0 {
            break;
        }
    }
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{Reason, reason};

    /// The numbers match those that `klist` and the Kerberos manuals print.
    #[test]
    fn kerberos_numbers_have_reasons() {
        const FAILURE: u32 = 13 << 16;
        for (minor, expected) in [
            (-1_765_328_378_i32, Reason::LogonDenied),
            (-1_765_328_377, Reason::TargetUnknown),
            (-1_765_328_366, Reason::AccountRestricted),
            (-1_765_328_352, Reason::NoCredentials),
            (-1_765_328_347, Reason::ClockSkew),
            (-1_765_328_243, Reason::NoCredentials),
            (-1_765_328_189, Reason::NoCredentials),
            (-1_765_328_228, Reason::NoAuthority),
            (0, Reason::Failed),
        ] {
            assert_eq!(reason(FAILURE, minor.cast_unsigned()), expected, "{minor}");
        }
    }

    #[test]
    fn routine_errors_have_reasons() {
        for (routine, expected) in [
            (1, Reason::Unavailable),
            (4, Reason::ChannelBinding),
            (6, Reason::SignatureMismatch),
            (7, Reason::NoCredentials),
            (9, Reason::BadToken),
            (13, Reason::Failed),
        ] {
            assert_eq!(reason(routine << 16, 0), expected, "{routine}");
        }
    }
}
