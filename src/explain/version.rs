//! Which Windows a VERSION field speaks of.

use crate::explain::node::Node;
use crate::ntlm::version::Version;
use alloc::format;
use alloc::string::String;

/// Builds and the releases that they are. Source: the release history in Microsoft's "Windows 10 release information",
/// "Windows 11 release information" and "Windows Server release information", and "Operating System Version" for those before.
#[rustfmt::skip]
const RELEASES: &[(u8, u8, u16, &str)] = &[
    (5, 0, 2195, "Windows 2000"), (5, 1, 2600, "Windows XP"), (5, 2, 3790, "Windows Server 2003 or XP x64"),
    (6, 0, 6000, "Windows Vista"), (6, 0, 6001, "Windows Vista SP1 or Server 2008"),
    (6, 0, 6002, "Windows Vista SP2 or Server 2008 SP2"), (6, 0, 6003, "Windows Server 2008 SP2"),
    (6, 1, 7600, "Windows 7 or Server 2008 R2"), (6, 1, 7601, "Windows 7 SP1 or Server 2008 R2 SP1"),
    (6, 2, 9200, "Windows 8 or Server 2012"), (6, 3, 9600, "Windows 8.1 or Server 2012 R2"),
    (10, 0, 10240, "Windows 10 1507"), (10, 0, 10586, "Windows 10 1511"), (10, 0, 14393, "Windows 10 1607 or Server 2016"),
    (10, 0, 15063, "Windows 10 1703"), (10, 0, 16299, "Windows 10 1709"), (10, 0, 17134, "Windows 10 1803"),
    (10, 0, 17763, "Windows 10 1809 or Server 2019"), (10, 0, 18362, "Windows 10 1903"), (10, 0, 18363, "Windows 10 1909"),
    (10, 0, 19041, "Windows 10 2004"), (10, 0, 19042, "Windows 10 20H2"), (10, 0, 19043, "Windows 10 21H1"),
    (10, 0, 19044, "Windows 10 21H2"), (10, 0, 19045, "Windows 10 22H2"), (10, 0, 20348, "Windows Server 2022"),
    (10, 0, 22000, "Windows 11 21H2"), (10, 0, 22621, "Windows 11 22H2"), (10, 0, 22631, "Windows 11 23H2"),
    (10, 0, 25398, "Windows Server, version 23H2"), (10, 0, 26100, "Windows 11 24H2 or Server 2025"),
    (10, 0, 26200, "Windows 11 25H2"), (10, 0, 28000, "Windows 11 26H1"),
    // Peers that are no Windows write these.
    (0, 0, 0, "none given"), (6, 1, 0, "Samba"), (6, 2, 0, "gss-ntlmssp"),
];

/// The release, as far as the table knows it.
pub fn release(version: Version) -> Option<&'static str> {
    let key = (version.major, version.minor, version.build);
    RELEASES.iter().find(|(major, minor, build, _)| (*major, *minor, *build) == key).map(|(.., name)| *name)
}

/// A node for the structure.
pub fn node(node: Node, value: [u8; Version::SIZE], announced: bool) -> Node {
    let [major, minor, low, high, a, b, c, revision] = value;
    let build = u16::from_le_bytes([low, high]);
    let version = Version { major, minor, build, reserved: [a, b, c], revision };
    let at = node.start;
    let children = [
        Node::new("productMajorVersion", "ProductMajorVersion", at..at + 1).number(major),
        Node::new("productMinorVersion", "ProductMinorVersion", at + 1..at + 2).number(minor),
        Node::new("productBuild", "ProductBuild", at + 2..at + 4).number(build),
        Node::bytes("reserved", "Reserved", at + 4..at + 7),
        Node::new("ntlmRevisionCurrent", "NTLMRevisionCurrent", at + 7..at + 8)
            .number(revision)
            .meaning(if revision == Version::REVISION { "NTLMSSP_REVISION_W2K3" } else { "other than the usual 15" }),
    ];
    let meaning: String = match (announced, release(version)) {
        (false, _) => "not announced by the flags, so it means nothing".into(),
        (true, Some(name)) => name.into(),
        (true, None) => "a build that is in no list of releases".into(),
    };
    let node = node.text(format!("{major}.{minor}.{build}")).meaning(meaning);
    Node { children: children.into(), ..node }
}
