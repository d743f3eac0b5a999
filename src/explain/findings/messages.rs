//! What is weak or odd about the three messages.

use super::Findings;
use super::remarks::*;
use crate::explain::bytes::{is_blank, little_endian};
use crate::explain::{Context, flags, iso, time, version};
use crate::ntlm::authenticate::Authenticate;
use crate::ntlm::av_pair::{AV_FLAG_MIC, AV_FLAG_UNTRUSTED_SPN, AvId, AvPairs};
use crate::ntlm::challenge::Challenge;
use crate::ntlm::flags::Flags;
use crate::ntlm::negotiate::Negotiate;
use crate::ntlm::version::Version;
use crate::wire::filetime::FileTime;
use alloc::format;

const CLOCK_SKEW_SECONDS: u64 = 300;

/// Whatever protects the connection or its keys.
const PROTECTIVE: Flags = Flags(Flags::SIGN.0 | Flags::SEAL.0 | Flags::ESS.0 | Flags::KEY_EXCH.0 | Flags::BITS_128.0);

impl Findings {
    pub(super) fn negotiate(&mut self, message: &Negotiate<'_>) {
        self.strength(message.flags);
        if !message.domain.is_empty() || !message.workstation.is_empty() {
            self.add(CLIENT_NAMES);
        }
        self.version(message.version);
    }

    pub(super) fn challenge(&mut self, message: &Challenge<'_>, context: &Context<'_>) {
        self.flags(message.flags, None, context);
        self.version(message.version);
        match u64::from_be_bytes(message.server_challenge) {
            0x1122_3344_5566_7788 | 0x0123_4567_89ab_cdef => self.add(KNOWN_CHALLENGE),
            0 => self.add(ZERO_CHALLENGE),
            _ => {}
        }
        let Some(info) = message.target_info else {
            return self.add(NO_TARGET_INFO);
        };
        match info.timestamp() {
            None => self.add(NO_TIMESTAMP),
            Some(server) => self.skew(server, CHALLENGE_SKEW, context.now),
        }
        let names = [AvId::DNS_COMPUTER_NAME, AvId::DNS_DOMAIN_NAME, AvId::DNS_TREE_NAME];
        if names.iter().any(|id| info.get(*id).is_some_and(|name| !name.is_empty())) {
            self.add(SERVER_NAMES);
        }
        if info.get(AvId::FLAGS).is_some() {
            self.add(FLAGS_IN_CHALLENGE);
        }
    }

    pub(super) fn authenticate(&mut self, message: &Authenticate<'_>, context: &Context<'_>) {
        let flags = message.flags.or(context.challenge_flags()).unwrap_or_default();
        if let Some(flags) = message.flags {
            self.flags(flags, context.challenge_flags(), context);
        }
        self.version(message.version);
        if message.user.is_empty() && message.nt_response.is_empty() {
            self.add(NULL_SESSION);
        } else {
            self.responses(message, flags);
        }
        if let Some(info) = message.nt_response.get(44..).and_then(|info| AvPairs::parse(info).ok()) {
            self.ntlmv2(message, info);
            let time = FileTime(little_endian(message.nt_response.get(24..32).unwrap_or_default()));
            self.skew(time, RESPONSE_SKEW, context.now);
            // MS-NLMP 3.1.5.1.2: if the challenge contains a time, the client uses that one.
            if let Some(server) = context.challenge_time().filter(|server| *server != time) {
                let server = iso::iso(server);
                self.say(TIME_NOT_ECHOED, format!(
                    "the time is not that of the challenge ({server}): the two do not belong together, or the client uses its own clock"
                ));
            }
        }
    }

    fn responses(&mut self, message: &Authenticate<'_>, flags: Flags) {
        let lm = message.lm_response;
        match message.nt_response.len() {
            24 if flags.contains(Flags::ESS) => self.add(NTLM2_SESSION),
            24 => self.add(NTLMV1),
            0 => self.add(NO_NT_RESPONSE),
            _ => {}
        }
        let nonce_only = lm.get(8..).is_some_and(is_blank);
        if lm.len() == 24 && !nonce_only {
            if message.nt_response.len() > 24 {
                self.add(LMV2);
            } else if lm == message.nt_response {
                self.add(LM_REPEATS_NT);
            } else {
                self.add(LM);
            }
        }
    }

    fn ntlmv2(&mut self, message: &Authenticate<'_>, info: AvPairs<'_>) {
        let announced = info.flags() & AV_FLAG_MIC != 0;
        let present = message.mic.is_some_and(|mic| !is_blank(&mic));
        match (announced, present) {
            (true, false) => self.add(MIC_MISSING),
            (false, false) => self.add(NO_MIC),
            (false, true) => self.add(MIC_UNANNOUNCED),
            (true, true) => {}
        }
        match info.get(AvId::CHANNEL_BINDINGS) {
            None => self.add(NO_CHANNEL_BINDING),
            Some(binding) if is_blank(binding) => self.add(ZERO_CHANNEL_BINDING),
            Some(_) => {}
        }
        if info.flags() & AV_FLAG_UNTRUSTED_SPN != 0 {
            self.add(UNTRUSTED_TARGET_NAME);
        }
        if info.get(AvId::SINGLE_HOST).is_some_and(|data| data.len() > 48) {
            self.add(LONG_SINGLE_HOST);
        }
    }

    fn strength(&mut self, flags: Flags) {
        if !flags.contains(Flags::BITS_128) {
            let bits = if flags.contains(Flags::BITS_56) { 56 } else { 40 };
            self.say(WEAK_KEY, format!("without 128-bit keys, signing and sealing use {bits} bits"));
        }
        if !flags.contains(Flags::ESS) {
            self.add(NO_ESS);
        } else if flags.contains(Flags::LM_KEY) {
            self.add(LM_KEY);
        }
    }

    /// What flags say, and what they no longer say although it was offered or asked for.
    fn flags(&mut self, flags: Flags, offered: Option<Flags>, context: &Context<'_>) {
        self.strength(flags);
        self.downgraded(offered, flags, "the challenge offered");
        self.downgraded(context.negotiate_flags(), flags, "message 1 requested");
    }

    fn downgraded(&mut self, from: Option<Flags>, to: Flags, what: &str) {
        let lost = from.unwrap_or_default() & PROTECTIVE & !to;
        if lost != Flags::default() {
            let names = flags::names(lost);
            self.say(DOWNGRADED, format!("{what} {names}, which is missing here"));
        }
    }

    fn version(&mut self, version: Option<Version>) {
        let Some(version) = version.filter(|version| version.major < 10) else { return };
        if let Some(name) = version::windows(version) {
            // From MS-NLMP's appendix on what each version does.
            let more = match (version.major, version.minor) {
                (5, _) => "; it never sends a message integrity code, and channel bindings only with update KB968389",
                (6, 0) => "; it sends channel bindings only with update KB968389",
                _ => "",
            };
            self.say(OLD_WINDOWS, format!("{name} no longer gets security updates{more}"));
        }
    }

    fn skew(&mut self, time: FileTime, remark: Remark, now: Option<FileTime>) {
        if let Some(now) = now.filter(|now| time.0 != 0 && time.seconds_between(*now) > CLOCK_SKEW_SECONDS) {
            let apart = time::apart(time, now);
            self.say(remark, format!("the time is {apart}: the token is old, or a clock is wrong"));
        }
    }
}
