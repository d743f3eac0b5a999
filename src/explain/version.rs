//! Which release of Windows a VERSION field names.

use crate::explain::layout::Layout;
use crate::explain::node::{Node, Title, Value};
use crate::ntlm::version::Version;
use alloc::format;

const MAJOR: Title = Title::new("productMajorVersion", "ProductMajorVersion", "");
const MINOR: Title = Title::new("productMinorVersion", "ProductMinorVersion", "");
const BUILD: Title = Title::new("productBuild", "ProductBuild", "");
const RESERVED: Title = Title::new("reserved", "Reserved", "");
const REVISION: Title = Title::new("ntlmRevisionCurrent", "NTLMRevisionCurrent", "other than the usual 15");

/// Peers other than Windows.
const OTHERS: &[(u8, u8, u16, &str)] = &[(0, 0, 0, "none given"), (6, 1, 0, "Samba"), (6, 2, 0, "gss-ntlmssp")];

/// Releases of Windows: major, minor, build.
///
/// Source: the release history in Microsoft's "Windows 10 release information", "Windows 11 release information" and "Windows
/// Server release information", and "Operating System Version" for earlier releases.
#[rustfmt::skip]
const WINDOWS: &[(u8, u8, u16, &str)] = &[
    (5, 0, 2195, "Windows 2000"),
    (5, 1, 2600, "Windows XP"),
    (5, 2, 3790, "Windows Server 2003 or XP x64"),
    (6, 0, 6000, "Windows Vista"),
    (6, 0, 6001, "Windows Vista SP1 or Server 2008"),
    (6, 0, 6002, "Windows Vista SP2 or Server 2008 SP2"),
    (6, 0, 6003, "Windows Server 2008 SP2"),
    (6, 1, 7600, "Windows 7 or Server 2008 R2"),
    (6, 1, 7601, "Windows 7 SP1 or Server 2008 R2 SP1"),
    (6, 2, 9200, "Windows 8 or Server 2012"),
    (6, 3, 9600, "Windows 8.1 or Server 2012 R2"),
    (10, 0, 10240, "Windows 10 1507"),
    (10, 0, 10586, "Windows 10 1511"),
    (10, 0, 14393, "Windows 10 1607 or Server 2016"),
    (10, 0, 15063, "Windows 10 1703"),
    (10, 0, 16299, "Windows 10 1709"),
    (10, 0, 17134, "Windows 10 1803"),
    (10, 0, 17763, "Windows 10 1809 or Server 2019"),
    (10, 0, 18362, "Windows 10 1903"),
    (10, 0, 18363, "Windows 10 1909"),
    (10, 0, 19041, "Windows 10 2004"),
    (10, 0, 19042, "Windows 10 20H2"),
    (10, 0, 19043, "Windows 10 21H1"),
    (10, 0, 19044, "Windows 10 21H2"),
    (10, 0, 19045, "Windows 10 22H2"),
    (10, 0, 20348, "Windows Server 2022"),
    (10, 0, 22000, "Windows 11 21H2"),
    (10, 0, 22621, "Windows 11 22H2"),
    (10, 0, 22631, "Windows 11 23H2"),
    (10, 0, 25398, "Windows Server, version 23H2"),
    (10, 0, 26100, "Windows 11 24H2 or Server 2025"),
    (10, 0, 26200, "Windows 11 25H2"),
    (10, 0, 28000, "Windows 11 26H1"),
];

fn find(releases: &[(u8, u8, u16, &'static str)], version: Version) -> Option<&'static str> {
    let wanted = (version.major, version.minor, version.build);
    releases.iter().find(|entry| (entry.0, entry.1, entry.2) == wanted).map(|entry| entry.3)
}

/// The name of the release of Windows, if it is known.
pub fn windows(version: Version) -> Option<&'static str> {
    find(WINDOWS, version)
}

/// Makes a node one for the structure, which is complete.
pub fn explain(node: &mut Node, message: &[u8], announced: bool) {
    let mut layout = Layout::new(message, node.start);
    let major = layout.number(MAJOR, 1).unwrap_or_default();
    let minor = layout.number(MINOR, 1).unwrap_or_default();
    let build = layout.number(BUILD, 2).unwrap_or_default();
    layout.field(RESERVED, 3);
    if layout.number(REVISION, 1) == Some(Version::REVISION.into())
        && let Some(revision) = layout.nodes.last_mut()
    {
        revision.meaning = "NTLMSSP_REVISION_W2K3".into();
    }
    node.value = Value::Text(format!("{major}.{minor}.{build}"));
    if announced {
        let version = Version::new(major as u8, minor as u8, build as u16);
        let release = windows(version).or_else(|| find(OTHERS, version));
        node.meaning = release.unwrap_or("an unknown build").into();
    }
    node.children = layout.nodes;
}
