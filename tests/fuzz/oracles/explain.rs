//! The explaining decoder: its ranges nest and cover, whatever it is given.

use ntlm_wasm::explain::{Context, Node, explain};
use std::collections::HashSet;

pub fn explained(input: &[u8]) {
    for kind in 0..=3_u8 {
        let prefixed = [&b"NTLMSSP\0"[..], &[kind, 0, 0, 0], input].concat();
        token(if kind == 0 { input } else { &prefixed });
    }
}

fn token(token: &[u8]) {
    let Some(explained) = explain(token, &Context::default()) else { return };
    let context = Context { negotiate: Some(token), challenge: Some(token), ..Context::default() };
    assert!(explain(token, &context).is_some());
    assert_eq!((explained.tree.start, explained.tree.end), (0, token.len()));
    tree(&explained.tree);
}

/// Siblings are contiguous, cover their parent, and have distinct names.
fn tree(node: &Node) {
    let names: HashSet<_> = node.children.iter().map(|child| &child.name).collect();
    assert_eq!(names.len(), node.children.len(), "names within {}", node.name);
    let mut at = node.start;
    for child in &node.children {
        assert_eq!(child.start, at, "{} within {}", child.name, node.name);
        assert!(child.end >= child.start);
        at = child.end;
        tree(child);
    }
    assert!(node.children.is_empty() || at == node.end, "the end of {}", node.name);
}
