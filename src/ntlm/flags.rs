//! `NEGOTIATE` flags (MS-NLMP 2.2.2.5).

use core::ops::{BitAnd, BitOr, Not};

/// A set of flags. Unknown bits are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u32);

/// Declares the flags with their names, letters and meanings in one table.
macro_rules! flags {
    ($($bit:literal $letter:literal $name:ident $wire:literal $meaning:literal)*) => {
        impl Flags {
            $(#[doc = $meaning] pub const $name: Flags = Flags(1 << $bit);)*

            /// Every bit from the highest to the lowest: flag, letter, name and meaning.
            pub const TABLE: &'static [(Flags, &'static str, &'static str, &'static str)] =
                &[$((Flags(1 << $bit), $letter, $wire, $meaning)),*];
        }
    };
}

flags! {
    31 "W" BITS_56 "NTLMSSP_NEGOTIATE_56" "56-bit keys are supported"
    30 "V" KEY_EXCH "NTLMSSP_NEGOTIATE_KEY_EXCH" "the client chooses the session key and sends it encrypted"
    29 "U" BITS_128 "NTLMSSP_NEGOTIATE_128" "128-bit keys are supported"
    28 "r1" RESERVED_1 "reserved (r1)" "unused"
    27 "r2" RESERVED_2 "reserved (r2)" "unused"
    26 "r3" RESERVED_3 "reserved (r3)" "unused"
    25 "T" VERSION "NTLMSSP_NEGOTIATE_VERSION" "the VERSION field is filled in"
    24 "r4" RESERVED_4 "reserved (r4)" "unused"
    23 "S" TARGET_INFO "NTLMSSP_NEGOTIATE_TARGET_INFO" "the challenge carries AV pairs about the server"
    22 "R" NON_NT_SESSION_KEY "NTLMSSP_REQUEST_NON_NT_SESSION_KEY" "the session key comes from the LM hash"
    21 "r5" RESERVED_5 "reserved (r5)" "unused"
    20 "Q" IDENTIFY "NTLMSSP_NEGOTIATE_IDENTIFY" "the server may identify the user, but not act on the user's behalf"
    19 "P" ESS "NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY" "extended session security: newer signatures and keys, and NTLM2 session responses"
    18 "r6" RESERVED_6 "reserved (r6)" "unused"
    17 "O" TARGET_TYPE_SERVER "NTLMSSP_TARGET_TYPE_SERVER" "the target name is that of a server"
    16 "N" TARGET_TYPE_DOMAIN "NTLMSSP_TARGET_TYPE_DOMAIN" "the target name is that of a domain"
    15 "M" ALWAYS_SIGN "NTLMSSP_NEGOTIATE_ALWAYS_SIGN" "messages carry a signature, possibly an empty one"
    14 "r7" RESERVED_7 "reserved (r7)" "unused"
    13 "L" OEM_WORKSTATION_SUPPLIED "NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED" "the first message names the workstation"
    12 "K" OEM_DOMAIN_SUPPLIED "NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED" "the first message names the domain"
    11 "J" ANONYMOUS "NTLMSSP_NEGOTIATE_ANONYMOUS" "the client is anonymous"
    10 "r8" RESERVED_8 "reserved (r8)" "unused"
    9 "H" NTLM "NTLMSSP_NEGOTIATE_NTLM" "NTLM authentication"
    8 "r9" RESERVED_9 "reserved (r9)" "unused"
    7 "G" LM_KEY "NTLMSSP_NEGOTIATE_LM_KEY" "the session key comes from the LM response"
    6 "F" DATAGRAM "NTLMSSP_NEGOTIATE_DATAGRAM" "authentication without a connection"
    5 "E" SEAL "NTLMSSP_NEGOTIATE_SEAL" "messages are encrypted"
    4 "D" SIGN "NTLMSSP_NEGOTIATE_SIGN" "messages are signed"
    3 "r10" RESERVED_10 "reserved (r10)" "unused"
    2 "C" REQUEST_TARGET "NTLMSSP_REQUEST_TARGET" "the server is asked to name itself in the challenge"
    1 "B" OEM "NTLM_NEGOTIATE_OEM" "text in an OEM code page is supported"
    0 "A" UNICODE "NTLMSSP_NEGOTIATE_UNICODE" "UTF-16LE text is supported"
}

impl Flags {
    /// The flags that Windows HTTP clients request: a2088207.
    pub const HTTP_CLIENT: Flags = Flags(0xa208_8207);

    /// Returns whether all flags in `other` are set.
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns these flags with `other` set or cleared.
    #[must_use]
    pub const fn with(self, other: Flags, set: bool) -> Flags {
        Flags(if set { self.0 | other.0 } else { self.0 & !other.0 })
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Flags;
    fn bitand(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }
}

impl Not for Flags {
    type Output = Flags;
    fn not(self) -> Flags {
        Flags(!self.0)
    }
}
