//! What only GSS-API does: channel bindings in NTLM, sealing, and troubles that have names.

use crate::sspi::{alone, options, shake_under};
use crate::support::{Counter, env};
use ntlm_wasm::channel_binding::from_application_data;
use ntlm_wasm::error::ErrorKind;
use ntlm_wasm::mechanism::Mechanism;
use ntlm_wasm::ntlm::policy::{ChannelBindingPolicy, Policy};
use ntlm_wasm::sspi::alive;
use ntlm_wasm::sspi::failure::Reason;
use ntlm_wasm::sspi::mechanism::{SystemClient, SystemMechanism};
use ntlm_wasm::sspi::options::{Options, Package};
use ntlm_wasm::sspi::survey::survey;
use ntlm_wasm::sspi::token::Spoken;
use std::sync::Arc;

const APPLICATION_DATA: &[u8] = b"tls-server-end-point:0123456789abcdef0123456789abcdef";

fn mechanism(options: Options) -> SystemMechanism {
    SystemMechanism::new(Arc::new(SystemClient::new(options)), Package::Ntlm)
}

fn strict() -> Policy {
    Policy {
        channel_bindings: Some(from_application_data(APPLICATION_DATA)),
        channel_binding_policy: ChannelBindingPolicy::Required,
        target_names: ["HTTP/server.domain.example".into()].into(),
        ..Policy::default()
    }
}

#[test]
fn the_channel_and_the_service_are_in_the_token() {
    let _alone = alone();
    let bound = Options { channel_bindings: Some(APPLICATION_DATA.to_vec()), ..options("secret") };
    shake_under(&mut mechanism(bound), strict()).unwrap();
}

#[test]
fn another_channel_is_refused() {
    let _alone = alone();
    let another = b"tls-server-end-point:another".to_vec();
    let bound = Options { channel_bindings: Some(another), ..options("secret") };
    let refused = shake_under(&mut mechanism(bound), strict());
    assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::ChannelBindingMismatch));
}

#[test]
fn messages_are_sealed_both_ways_and_the_key_is_the_same() {
    let _alone = alone();
    let mut mechanism = mechanism(Options { seal: true, ..options("secret") });
    let mut session = shake_under(&mut mechanism, Policy::default()).unwrap().session;
    let sealed = mechanism.seal(b"from the client").unwrap();
    assert!(!sealed.windows(4).any(|window| window == b"from"));
    assert_eq!(session.unwrap(&sealed).unwrap(), b"from the client");
    let sealed = session.wrap(b"from the server").unwrap();
    assert_eq!(*mechanism.unseal(&sealed).unwrap(), b"from the server");
    assert_eq!(mechanism.session_key().unwrap()[..], session.exported_session_key().expose()[..]);
}

#[test]
fn an_altered_message_is_not_unsealed() {
    let _alone = alone();
    let mut mechanism = mechanism(Options { seal: true, ..options("secret") });
    let mut session = shake_under(&mut mechanism, Policy::default()).unwrap().session;
    let mut sealed = session.wrap(b"from the server").unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    assert!(mechanism.unseal(&sealed).is_err());
}

#[test]
fn before_the_end_nothing_is_protected() {
    let _alone = alone();
    let mut mechanism = mechanism(options("secret"));
    assert_eq!(mechanism.sign(b"early").unwrap_err().reason(), Reason::NotSupported);
    mechanism.start(&mut env(&mut Counter(1))).unwrap();
    assert_eq!(mechanism.sign(b"early").unwrap_err().reason(), Reason::NotSupported);
}

#[test]
fn a_cache_without_tickets_is_named_and_nothing_else_is_used() {
    let _alone = alone();
    let cache = "FILE:/nonexistent/tickets";
    let named = Options { target: "HTTP/localhost".into(), credential_cache: Some(cache.into()), ..Options::default() };
    let client = Arc::new(SystemClient::new(named));
    let mut mechanism = SystemMechanism::new(Arc::clone(&client), Package::Negotiate);
    let error = mechanism.start(&mut env(&mut Counter(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SsoFailed);
    let failure = client.notes().failure.unwrap();
    assert_eq!(failure.reason(), Reason::NoCredentials);
    assert_eq!(failure.message(), "there is no Kerberos ticket in FILE:/nonexistent/tickets");
    assert!(failure.advice().contains("kinit"));
    assert_eq!((alive::contexts(), alive::credentials()), (0, 0));
}

#[test]
fn the_survey_names_each_way_and_leaves_nothing_behind() {
    let _alone = alone();
    let findings = survey();
    let ways: Vec<_> = findings.iter().map(|finding| finding.mechanism).collect();
    assert_eq!(ways, [Spoken::Kerberos, Spoken::Ntlm, Spoken::Ntlm]);
    for failure in findings.iter().filter_map(|finding| finding.verdict.as_ref().err()) {
        assert!(failure.reason().code().starts_with("ERR_NTLM_SSO_") && !failure.advice().is_empty(), "{failure}");
    }
    assert_eq!((alive::contexts(), alive::credentials()), (0, 0));
}
