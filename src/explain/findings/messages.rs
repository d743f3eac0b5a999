//! What is weak or odd about the three messages.

use super::Findings;
use crate::explain::{Context, time, version};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::av_pair::{AV_FLAG_MIC, AV_FLAG_UNTRUSTED_SPN, AvId, AvPairs};
use crate::ntlm::challenge::Challenge;
use crate::ntlm::flags::Flags;
use crate::ntlm::negotiate::Negotiate;
use crate::ntlm::version::Version;
use crate::wire::filetime::FileTime;
use alloc::format;
use alloc::vec::Vec;

const CLOCK_SKEW_SECONDS: u64 = 300;

/// Whatever protects the connection or its keys.
const PROTECTIVE: Flags = Flags(Flags::SIGN.0 | Flags::SEAL.0 | Flags::ESS.0 | Flags::KEY_EXCH.0 | Flags::BITS_128.0);

impl Findings {
    pub(super) fn negotiate(&mut self, message: &Negotiate<'_>) {
        self.strength(message.flags);
        if !message.domain.is_empty() || !message.workstation.is_empty() {
            self.note(
                "names-disclosed",
                "domainName",
                "the client tells its domain or computer name to any server that asks",
            );
        }
        self.version(message.version);
    }

    pub(super) fn challenge(&mut self, message: &Challenge<'_>, context: &Context<'_>) {
        self.strength(message.flags);
        self.downgraded(context.negotiate_flags(), message.flags, "message 1 asked for");
        self.version(message.version);
        match u64::from_be_bytes(message.server_challenge) {
            0x1122_3344_5566_7788 | 0x0123_4567_89ab_cdef => self.warn(
                "known-challenge",
                "serverChallenge",
                "the nonce is a well-known constant: tools that collect responses use it, as tables exist for it",
            ),
            0 => {
                self.warn("known-challenge", "serverChallenge", "the nonce is zero, so that responses can be replayed")
            }
            _ => {}
        }
        let Some(info) = message.target_info else {
            let text = "there is no target information: clients answer with older responses, or without protection";
            return self.warn("no-target-info", "targetInfoFields", text);
        };
        match info.timestamp() {
            None => self.note(
                "no-timestamp",
                "targetInfo",
                "without a time of the server, clients send no message integrity code and trust their own clock",
            ),
            Some(server) => self.skew(server, "targetInfo.timestamp", context.now),
        }
        let names = [AvId::DNS_COMPUTER_NAME, AvId::DNS_DOMAIN_NAME, AvId::DNS_TREE_NAME];
        if names.iter().any(|id| info.get(*id).is_some_and(|name| !name.is_empty())) {
            let text = "the server tells its names within the network to whoever asks, before anyone has signed on";
            self.note("names-disclosed", "targetInfo", text);
        }
        if info.get(AvId::FLAGS).is_some() {
            let text = "MsvAvFlags are the client's to send: what Windows answers to a challenge that has them is refused by some servers";
            self.note("flags-in-challenge", "targetInfo.flags", text);
        }
    }

    pub(super) fn authenticate(&mut self, message: &Authenticate<'_>, context: &Context<'_>) {
        let flags = message.flags.or(context.challenge_flags()).unwrap_or_default();
        if let Some(flags) = message.flags {
            self.strength(flags);
            self.downgraded(context.challenge_flags(), flags, "the challenge offered");
            self.downgraded(context.negotiate_flags(), flags, "message 1 asked for");
        }
        self.version(message.version);
        if message.user.is_empty() && message.nt_response.is_empty() {
            self.note("null-session", "userName", "the client signs on as nobody (a null session)");
        } else {
            self.responses(message, flags);
        }
        if let Some(info) = message.nt_response.get(44..).and_then(|info| AvPairs::parse(info).ok()) {
            self.ntlmv2(message, info);
            let time = message.nt_response.get(24..32).and_then(|time| time.try_into().ok()).map(u64::from_le_bytes);
            let time = FileTime(time.unwrap_or_default());
            self.skew(time, "ntChallengeResponse.timeStamp", context.now);
            // MS-NLMP 3.1.5.1.2: where the challenge tells the time, the client uses no other.
            if let Some(server) = context.challenge_time().filter(|server| *server != time) {
                let text = format!(
                    "the time is not the challenge's ({}): the two do not belong together, or the client does as it likes",
                    time::iso(server)
                );
                self.warn("time-not-echoed", "ntChallengeResponse.timeStamp", text);
            }
        }
    }

    fn responses(&mut self, message: &Authenticate<'_>, flags: Flags) {
        let lm = message.lm_response;
        match message.nt_response.len() {
            24 if flags.contains(Flags::ESS) => self.warn(
                "ntlm2-session",
                "ntChallengeResponse",
                "an NTLM2 session response is NTLMv1 with another nonce: the NT hash can be had from it by exhaustive search",
            ),
            24 => self.warn(
                "ntlmv1",
                "ntChallengeResponse",
                "an NTLMv1 response gives the NT hash away to anyone with a little money; Windows no longer sends or takes it",
            ),
            0 => self.warn("no-nt-response", "ntChallengeResponse", "there is no NT response, only the LM response"),
            _ => {}
        }
        let nonce_only = lm.get(8..).is_some_and(|rest| rest.iter().all(|byte| *byte == 0));
        if lm.len() == 24 && !nonce_only {
            if message.nt_response.len() > 24 {
                self.note(
                    "lmv2-response",
                    "lmChallengeResponse",
                    "an LMv2 response beside NTLMv2 is not needed, and can be attacked as well",
                );
            } else if lm == message.nt_response {
                self.note(
                    "lm-repeats-nt",
                    "lmChallengeResponse",
                    "the NT response stands in the place of the LM response",
                );
            } else {
                self.warn(
                    "lm-response",
                    "lmChallengeResponse",
                    "an LM response gives the password away, in two halves without case",
                );
            }
        }
    }

    fn ntlmv2(&mut self, message: &Authenticate<'_>, info: AvPairs<'_>) {
        let announced = info.flags() & AV_FLAG_MIC != 0;
        let present = message.mic.is_some_and(|mic| mic != [0; 16]);
        match (announced, present) {
            (true, false) => self.warn(
                "mic-missing",
                "mic",
                "a message integrity code is announced and is not there: someone may have removed it (CVE-2019-1040)",
            ),
            (false, false) => self.warn(
                "no-mic",
                "mic",
                "no message integrity code: the messages could be changed on their way, and some servers refuse that",
            ),
            (false, true) => {
                self.note("mic-unannounced", "mic", "there is a message integrity code that MsvAvFlags do not announce")
            }
            (true, true) => {}
        }
        match info.get(AvId::CHANNEL_BINDINGS) {
            None => self.warn(
                "no-channel-binding",
                "ntChallengeResponse.avPairs",
                "no channel binding: over TLS, servers with extended protection refuse this even with the right password",
            ),
            Some(binding) if binding.iter().all(|byte| *byte == 0) => self.warn(
                "zero-channel-binding",
                "ntChallengeResponse.avPairs.channelBindings",
                "the channel binding is zero, which says that there is no TLS; over TLS it is refused",
            ),
            Some(_) => {}
        }
        if info.flags() & AV_FLAG_UNTRUSTED_SPN != 0 {
            let text = "the client says that the name of the service comes from an untrusted source";
            self.note("untrusted-target-name", "ntChallengeResponse.avPairs.flags", text);
        }
        if info.get(AvId::SINGLE_HOST).is_some_and(|data| data.len() > 48) {
            let text = "Single_Host_Data longer than 48 bytes, as Windows 11 25H2 sends it; some servers and libraries fail at it";
            self.note("long-single-host", "ntChallengeResponse.avPairs.singleHost", text);
        }
    }

    fn strength(&mut self, flags: Flags) {
        if !flags.contains(Flags::BITS_128) {
            let bits = if flags.contains(Flags::BITS_56) { 56 } else { 40 };
            self.warn(
                "weak-key",
                "negotiateFlags",
                format!("without 128-bit keys, signing and sealing would use {bits} bits"),
            );
        }
        if !flags.contains(Flags::ESS) {
            let text = "without extended session security, signatures are weak and responses of the oldest kind";
            self.warn("no-extended-session-security", "negotiateFlags", text);
        } else if flags.contains(Flags::LM_KEY) {
            self.note(
                "lm-key",
                "negotiateFlags",
                "the key of the LM response is asked for; extended session security overrides it",
            );
        }
    }

    fn downgraded(&mut self, from: Option<Flags>, to: Flags, what: &str) {
        let Some(from) = from else { return };
        let lost = from & PROTECTIVE & !to;
        if lost == Flags::default() {
            return;
        }
        let names = Flags::TABLE.iter().filter(|(flag, ..)| lost.contains(*flag)).map(|(_, _, name, _)| *name);
        let names: Vec<_> = names.collect();
        self.warn("downgraded-flags", "negotiateFlags", format!("{what} {}, which is not here", names.join(", ")));
    }

    fn version(&mut self, version: Option<Version>) {
        let Some(version) = version.filter(|version| (5..10).contains(&version.major)) else { return };
        if let Some(name) = version::release(version).filter(|name| name.starts_with("Windows")) {
            // From MS-NLMP's appendix on what each version does.
            let more = match (version.major, version.minor) {
                (5, _) => "; it never sends an integrity code, and channel bindings only with update KB968389",
                (6, 0) => "; it sends channel bindings only with update KB968389",
                _ => "",
            };
            self.note("old-windows", "version", format!("{name} gets no security updates any more{more}"));
        }
    }

    fn skew(&mut self, time: FileTime, node: &str, now: Option<FileTime>) {
        let Some(now) = now.filter(|now| time.0 != 0 && time.seconds_between(*now) > CLOCK_SKEW_SECONDS) else {
            return;
        };
        let text = format!("the time is {}: the token is old, or a clock is wrong", time::apart(time, now));
        self.warn("clock-skew", node, text);
    }
}
