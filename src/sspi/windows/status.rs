//! Maps SSPI status codes to reasons (MS-ERREF 2.1.1, "SEC_E_").

use crate::sspi::failure::{Failure, Reason};
use windows_sys::Win32::Foundation::*;
use windows_sys::core::HRESULT;

/// Status, name and reason.
const KNOWN: &[(HRESULT, &str, Reason)] = &[
    (SEC_E_NO_CREDENTIALS, "SEC_E_NO_CREDENTIALS", Reason::NoCredentials),
    (SEC_E_UNKNOWN_CREDENTIALS, "SEC_E_UNKNOWN_CREDENTIALS", Reason::NoCredentials),
    (SEC_E_INCOMPLETE_CREDENTIALS, "SEC_E_INCOMPLETE_CREDENTIALS", Reason::NoCredentials),
    (SEC_E_NO_IMPERSONATION, "SEC_E_NO_IMPERSONATION", Reason::NoCredentials),
    (SEC_E_LOGON_DENIED, "SEC_E_LOGON_DENIED", Reason::LogonDenied),
    (SEC_E_MULTIPLE_ACCOUNTS, "SEC_E_MULTIPLE_ACCOUNTS", Reason::AccountRestricted),
    (SEC_E_SMARTCARD_LOGON_REQUIRED, "SEC_E_SMARTCARD_LOGON_REQUIRED", Reason::AccountRestricted),
    (SEC_E_DELEGATION_POLICY, "SEC_E_DELEGATION_POLICY", Reason::AccountRestricted),
    // A policy restricts NTLM ("Network security: Restrict NTLM").
    (SEC_E_UNSUPPORTED_FUNCTION, "SEC_E_UNSUPPORTED_FUNCTION", Reason::NtlmBlocked),
    (SEC_E_POLICY_NLTM_ONLY, "SEC_E_POLICY_NLTM_ONLY", Reason::NtlmBlocked),
    (SEC_E_SECPKG_NOT_FOUND, "SEC_E_SECPKG_NOT_FOUND", Reason::Unavailable),
    (SEC_E_TIME_SKEW, "SEC_E_TIME_SKEW", Reason::ClockSkew),
    (SEC_E_TARGET_UNKNOWN, "SEC_E_TARGET_UNKNOWN", Reason::TargetUnknown),
    (SEC_E_WRONG_PRINCIPAL, "SEC_E_WRONG_PRINCIPAL", Reason::TargetUnknown),
    (SEC_E_NO_AUTHENTICATING_AUTHORITY, "SEC_E_NO_AUTHENTICATING_AUTHORITY", Reason::NoAuthority),
    (SEC_E_KDC_UNABLE_TO_REFER, "SEC_E_KDC_UNABLE_TO_REFER", Reason::NoAuthority),
    (SEC_E_NO_IP_ADDRESSES, "SEC_E_NO_IP_ADDRESSES", Reason::NoAuthority),
    (SEC_E_MUTUAL_AUTH_FAILED, "SEC_E_MUTUAL_AUTH_FAILED", Reason::ServerNotProven),
    (SEC_E_BAD_BINDINGS, "SEC_E_BAD_BINDINGS", Reason::ChannelBinding),
    (SEC_E_DOWNGRADE_DETECTED, "SEC_E_DOWNGRADE_DETECTED", Reason::ServerNotProven),
    (SEC_E_INVALID_TOKEN, "SEC_E_INVALID_TOKEN", Reason::BadToken),
    (SEC_E_ILLEGAL_MESSAGE, "SEC_E_ILLEGAL_MESSAGE", Reason::BadToken),
    (SEC_E_INCOMPLETE_MESSAGE, "SEC_E_INCOMPLETE_MESSAGE", Reason::BadToken),
    (SEC_E_BUFFER_TOO_SMALL, "SEC_E_BUFFER_TOO_SMALL", Reason::Failed),
    (SEC_E_INSUFFICIENT_MEMORY, "SEC_E_INSUFFICIENT_MEMORY", Reason::Failed),
    (SEC_E_INTERNAL_ERROR, "SEC_E_INTERNAL_ERROR", Reason::Failed),
    (SEC_E_INVALID_HANDLE, "SEC_E_INVALID_HANDLE", Reason::Failed),
    (SEC_E_MESSAGE_ALTERED, "SEC_E_MESSAGE_ALTERED", Reason::SignatureMismatch),
    (SEC_E_OUT_OF_SEQUENCE, "SEC_E_OUT_OF_SEQUENCE", Reason::SignatureMismatch),
    (SEC_E_QOP_NOT_SUPPORTED, "SEC_E_QOP_NOT_SUPPORTED", Reason::NotSupported),
    (SEC_E_CONTEXT_EXPIRED, "SEC_E_CONTEXT_EXPIRED", Reason::NoCredentials),
];

/// Win32 error codes wrapped in a status.
const WIN32: &[(u32, &str, Reason)] = &[
    (ERROR_ACCOUNT_RESTRICTION, "ERROR_ACCOUNT_RESTRICTION", Reason::AccountRestricted),
    (ERROR_ACCOUNT_DISABLED, "ERROR_ACCOUNT_DISABLED", Reason::AccountRestricted),
    (ERROR_ACCOUNT_EXPIRED, "ERROR_ACCOUNT_EXPIRED", Reason::AccountRestricted),
    (ERROR_ACCOUNT_LOCKED_OUT, "ERROR_ACCOUNT_LOCKED_OUT", Reason::AccountRestricted),
    (ERROR_PASSWORD_EXPIRED, "ERROR_PASSWORD_EXPIRED", Reason::AccountRestricted),
    (ERROR_PASSWORD_MUST_CHANGE, "ERROR_PASSWORD_MUST_CHANGE", Reason::AccountRestricted),
    (ERROR_INVALID_LOGON_HOURS, "ERROR_INVALID_LOGON_HOURS", Reason::AccountRestricted),
    (ERROR_LOGON_FAILURE, "ERROR_LOGON_FAILURE", Reason::LogonDenied),
    (ERROR_NTLM_BLOCKED, "ERROR_NTLM_BLOCKED", Reason::NtlmBlocked),
    (ERROR_NO_LOGON_SERVERS, "ERROR_NO_LOGON_SERVERS", Reason::NoAuthority),
    (ERROR_TIME_SKEW, "ERROR_TIME_SKEW", Reason::ClockSkew),
];

/// FACILITY_WIN32 with the failure bit.
const FROM_WIN32: u32 = 0x8007_0000;

/// Converts a failure status.
pub fn failure(status: HRESULT) -> Failure {
    let number = status.cast_unsigned();
    let known = KNOWN.iter().find(|(code, ..)| *code == status).map(|(_, name, reason)| (*name, *reason));
    let win32 = || {
        let code = number.wrapping_sub(FROM_WIN32);
        WIN32.iter().find(|(known, ..)| *known == code).map(|(_, name, reason)| (*name, *reason))
    };
    match known.or_else(win32) {
        Some((name, reason)) => Failure::told(reason, format_args!("{name}, {number:#010x}")),
        None => Failure::told(Reason::Failed, format_args!("status {number:#010x}")),
    }
}
