//! Every word that the explanations say, in one table.
//!
//! Who speaks knows a text by its number: the module for JavaScript carries none of them. `cargo xtask build` compiles this very
//! file to write the table for JavaScript, so it imports nothing.

/// A text, by its place in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(pub u16);

/// What a range of bytes is called: its name in ids, its label, and what it means unless more is known.
#[derive(Clone, Copy)]
pub struct Title(pub u16);

impl Title {
    /// What stands in ids.
    pub const fn name(self) -> Text {
        Text(self.0)
    }

    /// The name in the specification.
    pub const fn label(self) -> Text {
        Text(self.0 + 1)
    }

    /// What it means; may be empty.
    pub const fn meaning(self) -> Text {
        Text(self.0 + 2)
    }

    /// The title that comes so many later in the table.
    pub const fn later(self, by: u16) -> Title {
        Title(self.0 + 3 * by)
    }
}

/// Something to say about a token: its id, the node that it is about, and the sentence.
#[derive(Clone, Copy)]
pub struct Remark(pub u16);

impl Remark {
    /// What it is, for programs.
    pub const fn id(self) -> Text {
        Text(self.0)
    }

    /// The id of the node, from the message on.
    pub const fn node(self) -> Text {
        Text(self.0 + 1)
    }

    /// What it is, for people. Each `{}` is a gap.
    pub const fn sentence(self) -> Text {
        Text(self.0 + 2)
    }
}

/// Numbers what is declared, and makes the one table of all.
macro_rules! table {
    (
        titles { $($title:ident $name:literal $label:literal $meaning:literal)* }
        remarks { $($remark:ident $id:literal $node:literal $sentence:literal)* }
        releases { $($major:literal $minor:literal $build:literal $release:literal)* }
        texts { $($text:ident $words:literal)* }
    ) => {
        #[allow(
            non_camel_case_types,
            clippy::upper_case_acronyms,
            dead_code,
            reason = "they only number the constants, of which some stand for their neighbours too"
        )]
        mod number {
            pub enum Title { $($title,)* END }
            pub enum Remark { $($remark,)* END }
            pub enum Text { $($text),* }
        }

        const REMARKS: u16 = 3 * number::Title::END as u16;
        const FIRST_RELEASE: u16 = REMARKS + 3 * number::Remark::END as u16;
        const TEXTS: u16 = FIRST_RELEASE + RELEASES.len() as u16;

        #[allow(dead_code, reason = "some are reached from their neighbours")]
        impl Title { $(pub const $title: Title = Title(3 * number::Title::$title as u16);)* }
        impl Remark { $(pub const $remark: Remark = Remark(REMARKS + 3 * number::Remark::$remark as u16);)* }
        #[allow(dead_code, reason = "some are reached from their neighbours")]
        impl Text { $(pub(super) const $text: Text = Text(TEXTS + number::Text::$text as u16);)* }

        /// The builds that are known: major, minor, build. The names of them stand in the same order.
        pub const RELEASES: &[(u8, u8, u16)] = &[$(($major, $minor, $build)),*];

        /// All texts, by their numbers.
        pub const TABLE: &[&str] =
            &[$($name, $label, $meaning,)* $($id, $node, $sentence,)* $($release,)* $($words),*];
    };
}

impl Text {
    /// The name of a release, by its place in the list.
    pub const fn release(at: usize) -> Text {
        Text(FIRST_RELEASE + at as u16)
    }
}

/// The part of a flag's name that tells it from the others.
#[allow(dead_code, reason = "the module for JavaScript carries no names")]
pub fn short(name: &'static str) -> &'static str {
    let prefixes = ["NTLMSSP_NEGOTIATE_", "NTLM_NEGOTIATE_", "NTLMSSP_"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

table! {
    titles {
        // The messages (MS-NLMP 2.2.1), in the order of their types.
        UNKNOWN_MESSAGE "unknownMessage" "NTLMSSP message" ""
        NEGOTIATE_MESSAGE "negotiateMessage" "NEGOTIATE_MESSAGE" ""
        CHALLENGE_MESSAGE "challengeMessage" "CHALLENGE_MESSAGE" ""
        AUTHENTICATE_MESSAGE "authenticateMessage" "AUTHENTICATE_MESSAGE" ""
        SIGNATURE "signature" "Signature" "what every message begins with"
        MESSAGE_TYPE "messageType" "MessageType" ""
        NEGOTIATE_FLAGS "negotiateFlags" "NegotiateFlags" ""
        SERVER_CHALLENGE "serverChallenge" "ServerChallenge" "the server's nonce"
        CHALLENGE_RESERVED "reserved" "Reserved" "a context, for log-ons within one machine"
        MIC "mic" "MIC" "the message integrity code, over all three messages"
        // Parts of the payload, each with what the header has for it behind.
        DOMAIN_NAME "domainName" "DomainName" ""
        DOMAIN_NAME_FIELDS "domainNameFields" "DomainNameFields" ""
        WORKSTATION "workstation" "Workstation" ""
        WORKSTATION_FIELDS "workstationFields" "WorkstationFields" ""
        TARGET_NAME "targetName" "TargetName" ""
        TARGET_NAME_FIELDS "targetNameFields" "TargetNameFields" ""
        TARGET_INFO "targetInfo" "TargetInfo" "what the server tells of itself"
        TARGET_INFO_FIELDS "targetInfoFields" "TargetInfoFields" ""
        LM_RESPONSE "lmChallengeResponse" "LmChallengeResponse" ""
        LM_RESPONSE_FIELDS "lmChallengeResponseFields" "LmChallengeResponseFields" ""
        NT_RESPONSE "ntChallengeResponse" "NtChallengeResponse" ""
        NT_RESPONSE_FIELDS "ntChallengeResponseFields" "NtChallengeResponseFields" ""
        USER_NAME "userName" "UserName" ""
        USER_NAME_FIELDS "userNameFields" "UserNameFields" ""
        SESSION_KEY "encryptedRandomSessionKey" "EncryptedRandomSessionKey" "the session key that the client chose, encrypted"
        SESSION_KEY_FIELDS "encryptedRandomSessionKeyFields" "EncryptedRandomSessionKeyFields" ""
        FIELD_LENGTH "length" "Len" "its length in bytes"
        FIELD_MAXIMUM "maximum" "MaxLen" "the space kept for it, which receivers ignore"
        FIELD_OFFSET "offset" "BufferOffset" "where it begins, from the first byte of the message"
        // VERSION (2.2.2.10).
        VERSION "version" "Version" "not announced by the flags, so it means nothing"
        MAJOR "productMajorVersion" "ProductMajorVersion" ""
        MINOR "productMinorVersion" "ProductMinorVersion" ""
        BUILD "productBuild" "ProductBuild" ""
        VERSION_RESERVED "reserved" "Reserved" ""
        REVISION "ntlmRevisionCurrent" "NTLMRevisionCurrent" "other than the usual 15"
        // Responses (2.2.2.3 to 2.2.2.8).
        NONCE_OF_LM "challengeFromClient" "ChallengeFromClient" ""
        ZEROS "zeros" "zeros" ""
        PROOF "ntProofStr" "NTProofStr" "what proves the password: an HMAC over the server's nonce and all that follows here"
        RESP_TYPE "respType" "RespType" ""
        HI_RESP_TYPE "hiRespType" "HiRespType" ""
        RESERVED_1 "reserved1" "Reserved1, Reserved2" ""
        TIME_STAMP "timeStamp" "TimeStamp" ""
        CLIENT_NONCE "challengeFromClient" "ChallengeFromClient" "the client's nonce"
        RESERVED_3 "reserved3" "Reserved3" ""
        AV_PAIRS "avPairs" "AvPairs" "the server's attributes given back, with those of the client"
        // Attributes (2.2.2.1), the first eleven in the order of their identifiers.
        AV_EOL "eol" "MsvAvEOL" "the end of the list"
        AV_NB_COMPUTER_NAME "nbComputerName" "MsvAvNbComputerName" "the server's NetBIOS name"
        AV_NB_DOMAIN_NAME "nbDomainName" "MsvAvNbDomainName" "the domain's NetBIOS name"
        AV_DNS_COMPUTER_NAME "dnsComputerName" "MsvAvDnsComputerName" "the server's DNS name"
        AV_DNS_DOMAIN_NAME "dnsDomainName" "MsvAvDnsDomainName" "the domain's DNS name"
        AV_DNS_TREE_NAME "dnsTreeName" "MsvAvDnsTreeName" "the forest's DNS name"
        AV_FLAGS "flags" "MsvAvFlags" ""
        AV_TIMESTAMP "timestamp" "MsvAvTimestamp" ""
        AV_SINGLE_HOST "singleHost" "MsvAvSingleHost" "the client's machine, so that a server can tell its own log-ons"
        AV_TARGET_NAME "targetName" "MsvAvTargetName" "the service that the client means to reach"
        AV_CHANNEL_BINDINGS "channelBindings" "MsvAvChannelBindings" "the hash of the TLS channel that the client sees"
        AV_UNKNOWN "unknown" "AV_PAIR " "an attribute without a public definition"
        AV_CUT "pair" "AV_PAIR" ""
        AV_ID "id" "AvId" ""
        AV_LENGTH "length" "AvLen" "the length of the value in bytes"
        AV_VALUE "value" "Value" ""
        SINGLE_HOST_DATA "value" "Single_Host_Data" ""
        SINGLE_HOST_SIZE "size" "Size" "the length of this structure"
        SINGLE_HOST_ZERO "zero" "Z4" ""
        SINGLE_HOST_CUSTOM "dataPresent" "DataPresent" "whether there is custom data"
        SINGLE_HOST_LEVEL "integrityLevel" "CustomData" "the integrity level of the process: 0x2000 is medium, 0x3000 high"
        SINGLE_HOST_MACHINE "machineId" "MachineID" "random, made when the machine starts"
        // Bytes that no field has.
        UNUSED "unused" "unused bytes" "no field points here"
        TRAILING "unused" "trailing bytes" "no field points here"
        PADDING "unused" "padding" "zeros, to fill up"
        // SPNEGO (RFC 4178, MS-SPNG).
        SPNEGO_TOKEN "spnegoToken" "SPNEGO token" ""
        INITIAL_CONTEXT_TOKEN "initialContextToken" "InitialContextToken" ""
        NEG_TOKEN_INIT "negTokenInit" "NegTokenInit" ""
        NEG_TOKEN_RESP "negTokenResp" "NegTokenResp" ""
        THIS_MECH "thisMech" "thisMech" ""
        FIELDS "fields" "SEQUENCE" ""
        MECH_TYPES "mechTypes" "mechTypes" ""
        MECH_LIST "list" "SEQUENCE OF OBJECT IDENTIFIER" ""
        MECH "mech" "OBJECT IDENTIFIER" ""
        REQ_FLAGS "reqFlags" "reqFlags" ""
        MECH_TOKEN "mechToken" "mechToken" ""
        NEG_HINTS "negHints" "negHints" ""
        MECH_LIST_MIC "mechListMIC" "mechListMIC" ""
        HINT_NAME "hintName" "hintName" ""
        HINT_ADDRESS "hintAddress" "hintAddress" ""
        NEG_STATE "negState" "negState" ""
        SUPPORTED_MECH "supportedMech" "supportedMech" ""
        RESPONSE_TOKEN "responseToken" "responseToken" ""
        OCTETS "octets" "OCTET STRING" ""
        ENUMERATED "enumerated" "ENUMERATED" ""
        OID "oid" "OBJECT IDENTIFIER" ""
        BIT_STRING "bits" "BIT STRING" ""
        GENERAL_STRING "string" "GeneralString" ""
        ELEMENT "element" "element " ""
        HEADER "header" "tag and length" ""
        CONTENT "content" "content" ""
        NOT_DER "damaged" "not DER" ""
        FOREIGN_TOKEN "foreignToken" "token" "a token of another mechanism"
    }

    remarks {
        DAMAGED "damaged" "" "{}, at byte {}: {}"
        UNREADABLE "damaged" "messageType" "nobody could read this message, from byte {} on"
        UNUSED_BYTES "unused-bytes" "" "{} bytes at {} belong to no field"
        WEAK_KEY "weak-key" "negotiateFlags" "without 128-bit keys, signing and sealing would use {} bits"
        NO_ESS "no-extended-session-security" "negotiateFlags"
            "without extended session security, signatures are weak and responses of the oldest kind"
        LM_KEY "lm-key" "negotiateFlags"
            "the key of the LM response is asked for; extended session security overrides it"
        DOWNGRADED "downgraded-flags" "negotiateFlags" "{} {}, which is not here"
        OLD_WINDOWS "old-windows" "version" "{} gets no security updates any more{}"
        CLIENT_NAMES "names-disclosed" "domainName"
            "the client tells its domain or computer name to any server that asks"
        KNOWN_CHALLENGE "known-challenge" "serverChallenge"
            "the nonce is a well-known constant: tools that collect responses use it, as tables exist for it"
        ZERO_CHALLENGE "known-challenge" "serverChallenge" "the nonce is zero, so that responses can be replayed"
        NO_TARGET_INFO "no-target-info" "targetInfoFields"
            "there is no target information: clients answer with older responses, or without protection"
        NO_TIMESTAMP "no-timestamp" "targetInfo"
            "without a time of the server, clients send no message integrity code and trust their own clock"
        CHALLENGE_SKEW "clock-skew" "targetInfo.timestamp" "the time is {}: the token is old, or a clock is wrong"
        SERVER_NAMES "names-disclosed" "targetInfo"
            "the server tells its names within the network to whoever asks, before anyone has signed on"
        FLAGS_IN_CHALLENGE "flags-in-challenge" "targetInfo.flags"
            "MsvAvFlags are the client's to send: what Windows answers to a challenge that has them is refused by some servers"
        NULL_SESSION "null-session" "userName" "the client signs on as nobody (a null session)"
        RESPONSE_SKEW "clock-skew" "ntChallengeResponse.timeStamp"
            "the time is {}: the token is old, or a clock is wrong"
        TIME_NOT_ECHOED "time-not-echoed" "ntChallengeResponse.timeStamp"
            "the time is not the challenge's ({}): the two do not belong together, or the client does as it likes"
        NTLM2_SESSION "ntlm2-session" "ntChallengeResponse"
            "an NTLM2 session response is NTLMv1 with another nonce: the NT hash can be had from it by exhaustive search"
        NTLMV1 "ntlmv1" "ntChallengeResponse"
            "an NTLMv1 response gives the NT hash away to anyone with a little money; Windows no longer sends or takes it"
        NO_NT_RESPONSE "no-nt-response" "ntChallengeResponse" "there is no NT response, only the LM response"
        LMV2 "lmv2-response" "lmChallengeResponse"
            "an LMv2 response beside NTLMv2 is not needed, and can be attacked as well"
        LM_REPEATS_NT "lm-repeats-nt" "lmChallengeResponse"
            "the NT response stands in the place of the LM response"
        LM "lm-response" "lmChallengeResponse" "an LM response gives the password away, in two halves without case"
        MIC_MISSING "mic-missing" "mic"
            "a message integrity code is announced and is not there: someone may have removed it (CVE-2019-1040)"
        NO_MIC "no-mic" "mic"
            "no message integrity code: the messages could be changed on their way, and some servers refuse that"
        MIC_UNANNOUNCED "mic-unannounced" "mic"
            "there is a message integrity code that MsvAvFlags do not announce"
        NO_CHANNEL_BINDING "no-channel-binding" "ntChallengeResponse.avPairs"
            "no channel binding: over TLS, servers with extended protection refuse this even with the right password"
        ZERO_CHANNEL_BINDING "zero-channel-binding" "ntChallengeResponse.avPairs.channelBindings"
            "the channel binding is zero, which says that there is no TLS; over TLS it is refused"
        UNTRUSTED_TARGET_NAME "untrusted-target-name" "ntChallengeResponse.avPairs.flags"
            "the client says that the name of the service comes from an untrusted source"
        LONG_SINGLE_HOST "long-single-host" "ntChallengeResponse.avPairs.singleHost"
            "Single_Host_Data longer than 48 bytes, as Windows 11 25H2 sends it; some servers and libraries fail at it"
        REPEATED_TOKEN "repeated-token" "mechListMIC"
            "the token stands in the place of the mechListMIC as well, as old Windows has it: receivers must ignore that"
        REJECTED "rejected" "" "the server rejects the negotiation"
        NTLM_NOT_OFFERED "ntlm-not-offered" "" "NTLM is not among the mechanisms"
        SHORT_KERBEROS "short-kerberos-oid" ""
            "Kerberos is offered under the number that Windows 2000 cut short, as every Windows has done since"
        SERVER_HINT "server-hint" ""
            "the server speaks first, with a hint that RFC 4178 does not know, as Windows does: it is to be ignored"
        OTHER_MECHANISM "other-mechanism" "" "the token within is not of NTLM"
    }

    // Source: the release history in Microsoft's "Windows 10 release information", "Windows 11 release information" and "Windows
    // Server release information", and "Operating System Version" for those before. Peers that are no Windows write the first three.
    releases {
        0 0 0 "none given"
        6 1 0 "Samba"
        6 2 0 "gss-ntlmssp"
        5 0 2195 "Windows 2000"
        5 1 2600 "Windows XP"
        5 2 3790 "Windows Server 2003 or XP x64"
        6 0 6000 "Windows Vista"
        6 0 6001 "Windows Vista SP1 or Server 2008"
        6 0 6002 "Windows Vista SP2 or Server 2008 SP2"
        6 0 6003 "Windows Server 2008 SP2"
        6 1 7600 "Windows 7 or Server 2008 R2"
        6 1 7601 "Windows 7 SP1 or Server 2008 R2 SP1"
        6 2 9200 "Windows 8 or Server 2012"
        6 3 9600 "Windows 8.1 or Server 2012 R2"
        10 0 10240 "Windows 10 1507"
        10 0 10586 "Windows 10 1511"
        10 0 14393 "Windows 10 1607 or Server 2016"
        10 0 15063 "Windows 10 1703"
        10 0 16299 "Windows 10 1709"
        10 0 17134 "Windows 10 1803"
        10 0 17763 "Windows 10 1809 or Server 2019"
        10 0 18362 "Windows 10 1903"
        10 0 18363 "Windows 10 1909"
        10 0 19041 "Windows 10 2004"
        10 0 19042 "Windows 10 20H2"
        10 0 19043 "Windows 10 21H1"
        10 0 19044 "Windows 10 21H2"
        10 0 19045 "Windows 10 22H2"
        10 0 20348 "Windows Server 2022"
        10 0 22000 "Windows 11 21H2"
        10 0 22621 "Windows 11 22H2"
        10 0 22631 "Windows 11 23H2"
        10 0 25398 "Windows Server, version 23H2"
        10 0 26100 "Windows 11 24H2 or Server 2025"
        10 0 26200 "Windows 11 25H2"
        10 0 28000 "Windows 11 26H1"
    }

    texts {
        NOTHING ""
        // Members of the JSON.
        JSON_TYPE "type"
        JSON_SOURCE "source"
        JSON_FORM "form"
        JSON_START "start"
        JSON_END "end"
        JSON_HEADER "header"
        JSON_SCHEME "scheme"
        JSON_BYTES "bytes"
        JSON_FINDINGS "findings"
        JSON_ID "id"
        JSON_SEVERITY "severity"
        JSON_TEXT "text"
        JSON_NODE "node"
        JSON_TREE "tree"
        JSON_LABEL "label"
        JSON_VALUE "value"
        JSON_MEANING "meaning"
        JSON_PROBLEM "problem"
        JSON_SENSITIVE "sensitive"
        JSON_BITS "bits"
        JSON_MASK "mask"
        JSON_LETTER "letter"
        JSON_NAME "name"
        JSON_SET "set"
        JSON_CHILDREN "children"
        FORM_BYTES "bytes"
        FORM_BASE64 "base64"
        FORM_HEX "hex"
        SEVERITY_ERROR "error"
        SEVERITY_WARNING "warning"
        SEVERITY_NOTE "note"
        // Damage.
        CUT_SHORT "the token ends within this field: {} of its {} bytes are there"
        OVERLAPS "its bytes {} to {} belong to another field as well"
        OUT_OF_REACH "it should lie at {} with {} bytes, of which {} are there"
        IN_HEADER "it points into the header, at {}"
        WRONG_TYPE "there are messages 1, 2 and 3"
        ODD_TEXT "UTF-16 text has an even number of bytes; the last one was left out"
        AV_AGAIN "this attribute is in the list a second time"
        AV_ENDLESS "the list ends within an attribute, without MsvAvEOL"
        AV_SHORT "it should have {} bytes, of which {} are there"
        FLAGS_SIZE "flags have 4 bytes"
        TIME_SIZE "a time has 8 bytes"
        BINDING_SIZE "channel bindings have 16 bytes"
        DER_SHORT "it should have {} bytes of content, of which {} are there"
        DER_MISSING "no tag and length of DER stand here"
        WRONG_STATE "there are the states 0 to 3"
        // Messages and their parts.
        TYPE_1 "NEGOTIATE, from the client"
        TYPE_2 "CHALLENGE, from the server"
        TYPE_3 "AUTHENTICATE, from the client"
        EMPTY "empty"
        PLACE "{} bytes at {}"
        UNANNOUNCED "not announced by the flags, so it means nothing ({})"
        NO_MIC "zeros: there is no message integrity code"
        REVISION_W2K3 "NTLMSSP_REVISION_W2K3"
        UNKNOWN_BUILD "a build that is in no list of releases"
        // Responses.
        LM_ANONYMOUS "the client wants to be anonymous"
        LM_BLANK "left blank, as it must be beside NTLMv2"
        LM_NONCE "the client's nonce of an NTLM2 session response"
        LM_OR_LMV2 "LM or LMv2 response"
        LM_UNUSUAL "of an unusual length"
        NTLM2_SESSION "NTLM2 session response, which is NTLMv1 with a nonce of the client"
        NTLMV1 "NTLMv1 response"
        NTLMV2 "NTLMv2 response"
        NT_SHORT "shorter than any response"
        // Attributes.
        ZERO_BINDING "zeros: the client saw no TLS channel"
        AV_CONSTRAINED "constrained"
        AV_CONSTRAINED_MEANING "the account's authentication is constrained"
        AV_MIC "MIC"
        AV_MIC_MEANING "the message has a message integrity code"
        AV_UNTRUSTED "untrusted SPN"
        AV_UNTRUSTED_MEANING "the target name comes from an untrusted source"
        // Flags and times.
        FLAGS "{}: {}"
        NONE_SET "none set"
        TICKS "{} ticks of 100 ns since 1601"
        TICKS_APART "{}; {}"
        SECONDS_AGO "{} seconds ago"
        MINUTES_AGO "{} minutes ago"
        HOURS_AGO "{} hours ago"
        DAYS_AGO "{} days ago"
        SECONDS_AHEAD "{} seconds from now"
        MINUTES_AHEAD "{} minutes from now"
        HOURS_AHEAD "{} hours from now"
        DAYS_AHEAD "{} days from now"
        // SPNEGO.
        TAG "tag {}, {} bytes of content"
        STATE_0 "accept-completed: all is done"
        STATE_1 "accept-incomplete: more tokens are wanted"
        STATE_2 "reject"
        STATE_3 "request-mic: the list of mechanisms must be protected at the end"
        KERBEROS_TOKEN "a token of Kerberos, most likely"
        MECH_SPNEGO "SPNEGO"
        MECH_IAKERB "IAKERB"
        MECH_KERBEROS "Kerberos"
        MECH_USER_TO_USER "Kerberos, user to user"
        MECH_SHORT_KERBEROS "Kerberos, with the number that Windows 2000 cut short"
        MECH_NTLM "NTLM"
        MECH_NEGOEX "NegoEx"
        MECH_UNKNOWN "another mechanism"
        // Findings.
        ASKED_BY_1 "message 1 asked for"
        OFFERED "the challenge offered"
        NO_MIC_NOR_BINDING "; it never sends an integrity code, and channel bindings only with update KB968389"
        NO_BINDING "; it sends channel bindings only with update KB968389"
    }
}
