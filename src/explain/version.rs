//! Which Windows a VERSION field speaks of.

use crate::explain::layout::Layout;
use crate::explain::node::{Node, Value};
use crate::explain::texts::{RELEASES, Text, Title};
use crate::explain::words::decimal;
use crate::ntlm::version::Version;
use alloc::string::String;

/// How many of the releases are none of Windows; they stand first.
const OTHERS: usize = 3;

/// The place of a release in the list.
fn place(version: Version) -> Option<usize> {
    RELEASES.iter().position(|release| *release == (version.major, version.minor, version.build))
}

/// The name of the release of Windows, as far as the list knows it.
pub fn windows(version: Version) -> Option<Text> {
    place(version).filter(|at| *at >= OTHERS).map(Text::release)
}

/// Makes a node one for the structure, of which nothing is missing.
pub fn explain(node: &mut Node, message: &[u8], announced: bool) {
    let mut layout = Layout::new(message, node.start);
    let major = layout.number(Title::MAJOR, 1).unwrap_or_default();
    let minor = layout.number(Title::MINOR, 1).unwrap_or_default();
    let build = layout.number(Title::BUILD, 2).unwrap_or_default();
    layout.field(Title::VERSION_RESERVED, 3);
    if layout.number(Title::REVISION, 1) == Some(Version::REVISION.into())
        && let Some(revision) = layout.nodes.last_mut()
    {
        revision.means(Text::REVISION_W2K3);
    }
    let mut text = String::new();
    for number in [major, minor, build] {
        if !text.is_empty() {
            text.push('.');
        }
        decimal(&mut text, number.into(), 1);
    }
    node.holds(Value::Text(text));
    if announced {
        let release = place(Version::new(major as u8, minor as u8, build as u16));
        node.means(release.map_or(Text::UNKNOWN_BUILD, Text::release));
    }
    node.children = layout.nodes;
}
