//! Everything that findings can say.

use super::Severity::{self, Broken, Dangerous, Note, Weak};

/// A kind of finding.
#[derive(Clone, Copy)]
pub struct Remark {
    pub id: &'static str,
    pub severity: Severity,
    /// The id of the node that it is about, from the message on.
    pub node: &'static str,
    /// The sentence; empty if it depends on the token.
    pub text: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

macro_rules! remarks {
    ($($name:ident $severity:ident $id:literal $node:literal $text:literal $advice:literal)*) => {
        $(pub const $name: Remark =
            Remark { id: $id, severity: $severity, node: $node, text: $text, advice: $advice };)*
    };
}

remarks! {
    CUT_OFF Broken "cut-off" "" ""
        "copy the whole token again: consoles, logs and mail programs cut or wrap long lines"
    DAMAGED Broken "damaged" "" ""
        "capture the token again, on both sides of any device in between, to find out where it changes"
    UNREADABLE Broken "damaged" "messageType" ""
        "capture the token again, on both sides of any device in between, to find out where it changes"
    UNUSED_BYTES Note "unused-bytes" "" "" "nothing to do: receivers ignore such bytes"

    // Flags and versions.
    WEAK_KEY Weak "weak-key" "negotiateFlags" ""
        "have the peer negotiate 128-bit keys (\"Minimum session security\" in the policy of Windows)"
    NO_ESS Weak "no-extended-session-security" "negotiateFlags"
        "without extended session security, signatures are weak and responses are of the oldest kind"
        "have the peer negotiate extended session security (\"Minimum session security\" in the policy of Windows)"
    LM_KEY Note "lm-key" "negotiateFlags"
        "the key of the LM response is requested; extended session security overrides it"
        "nothing to do: extended session security is in effect"
    DOWNGRADED Dangerous "downgraded-flags" "negotiateFlags" ""
        "compare captures on both sides of each device: a flag that is lost on the way points to an attacker or a faulty proxy"
    OLD_WINDOWS Weak "old-windows" "version" "" "update or replace the system"
    CLIENT_NAMES Note "names-disclosed" "domainName"
        "the client sends its domain or computer name to any server that offers NTLM"
        "leave the names out of message 1, as current versions of Windows do"

    // Message 2.
    KNOWN_CHALLENGE Dangerous "known-challenge" "serverChallenge"
        "the server challenge is a well-known constant: tools that collect responses use it, because tables exist for it"
        "find out which machine sent it: it may be an attack tool such as Responder"
    ZERO_CHALLENGE Dangerous "known-challenge" "serverChallenge"
        "the server challenge is zero, so responses to it can be replayed"
        "find out which machine sent it, and replace its NTLM implementation"
    NO_TARGET_INFO Weak "no-target-info" "targetInfoFields"
        "there is no target information: clients answer with older responses, or without protection"
        "update the server, or join it to the domain"
    NO_TIMESTAMP Note "no-timestamp" "targetInfo"
        "without a server time, clients send no message integrity code and use their own clock"
        "update the server: Windows has sent a time since Vista and Server 2008"
    CHALLENGE_SKEW Weak "clock-skew" "targetInfo.timestamp" ""
        "check the clocks of the server and of the machine that captured this; more than five minutes apart, Kerberos fails too"
    SERVER_NAMES Note "names-disclosed" "targetInfo"
        "the server sends its internal names to any client, before authentication"
        "offer NTLM to the internal network only"
    FLAGS_IN_CHALLENGE Note "flags-in-challenge" "targetInfo.flags"
        "MsvAvFlags belong to the client: some servers reject what Windows answers to a challenge that has them"
        "update the server's NTLM implementation"

    // Message 3.
    NULL_SESSION Note "null-session" "userName"
        "the client is anonymous (a null session)"
        "set a user name if the server is to know who connects"
    RESPONSE_SKEW Weak "clock-skew" "ntChallengeResponse.timeStamp" ""
        "check the clocks of client and server; servers may reject responses that are more than 36 hours old"
    TIME_NOT_ECHOED Weak "time-not-echoed" "ntChallengeResponse.timeStamp" ""
        "check that challenge and response belong to one handshake"
    NTLM2_SESSION Dangerous "ntlm2-session" "ntChallengeResponse"
        "an NTLM2 session response is NTLMv1 with another nonce: the NT hash can be recovered from it by exhaustive search"
        "set LmCompatibilityLevel to 3 or higher on the client; consider the password exposed"
    NTLMV1 Dangerous "ntlmv1" "ntChallengeResponse"
        "the NT hash can be recovered from an NTLMv1 response at little cost; current Windows neither sends nor accepts it"
        "set LmCompatibilityLevel to 3 or higher on the client; consider the password exposed"
    NO_NT_RESPONSE Dangerous "no-nt-response" "ntChallengeResponse"
        "there is only an LM response, no NT response"
        "replace the client: it is older than Windows NT 4.0 SP4"
    LMV2 Note "lmv2-response" "lmChallengeResponse"
        "an LMv2 response next to NTLMv2 is redundant, and passwords can be tried on it as well"
        "nothing to do: clients leave it out when the server sends a time"
    LM_REPEATS_NT Note "lm-repeats-nt" "lmChallengeResponse"
        "the LM response is a copy of the NT response"
        "nothing to do: the client sends no separate LM response"
    LM Dangerous "lm-response" "lmChallengeResponse"
        "an LM response gives the password away, in two halves and without case"
        "set LmCompatibilityLevel to 3 or higher on the client, and change the password"
    MIC_MISSING Dangerous "mic-missing" "mic"
        "a message integrity code is announced but missing: it may have been removed on the way (CVE-2019-1040)"
        "compare with a capture on the client; install the update for CVE-2019-1040 on the server"
    NO_MIC Weak "no-mic" "mic"
        "no message integrity code: the messages can be changed on the way, and some servers reject that"
        "use a client that sends one (Windows does when the server sends a time)"
    MIC_UNANNOUNCED Note "mic-unannounced" "mic"
        "there is a message integrity code that MsvAvFlags do not announce"
        "update the client: servers may ignore the code"
    NO_CHANNEL_BINDING Weak "no-channel-binding" "ntChallengeResponse.avPairs"
        "no channel binding: over TLS, servers with extended protection reject this even if the password is right"
        "use a client that binds to the TLS channel; without TLS there is nothing to bind to"
    ZERO_CHANNEL_BINDING Weak "zero-channel-binding" "ntChallengeResponse.avPairs.channelBindings"
        "the channel binding is zero, which means that the client saw no TLS; over TLS it is rejected"
        "if this went over TLS, look for a proxy that inspects TLS, or use a client that binds to the channel"
    UNTRUSTED_TARGET_NAME Note "untrusted-target-name" "ntChallengeResponse.avPairs.flags"
        "the client says that the service name comes from an untrusted source"
        "nothing to do, unless the server checks service names"
    LONG_SINGLE_HOST Note "long-single-host" "ntChallengeResponse.avPairs.singleHost"
        "Single_Host_Data is longer than 48 bytes, as sent by Windows 11 25H2; some servers and libraries cannot read it"
        "update the server if it rejects this client only"

    // SPNEGO.
    REPEATED_TOKEN Note "repeated-token" "mechListMIC"
        "the mechListMIC is a copy of the token, as old versions of Windows write it; receivers must ignore it"
        "nothing to do"
    REJECTED Broken "rejected" ""
        "the server rejects the negotiation"
        "see the server's log for the reason"
    NTLM_NOT_OFFERED Note "ntlm-not-offered" ""
        "NTLM is not among the offered mechanisms"
        "nothing to do, unless NTLM is expected: then allow it on this side"
    SHORT_KERBEROS Note "short-kerberos-oid" ""
        "Kerberos is offered under the identifier that Windows 2000 truncated, as every later Windows does"
        "nothing to do"
    SERVER_HINT Note "server-hint" ""
        "the server speaks first, with a hint that RFC 4178 does not define, as Windows does; clients ignore it"
        "nothing to do"
    OTHER_MECHANISM Note "other-mechanism" ""
        "the token inside is not NTLM"
        "use a Kerberos decoder, such as Wireshark, for the token inside"
}
