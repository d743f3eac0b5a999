//! The imports between the crate's modules: every path that starts with `crate`, `self` or `super`.
//!
//! The files are read as tokens, so paths in macros count and comments do not. Test modules may import anything.

use super::graph::{Import, Imports};
use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// Returns the module name of a file.
pub fn module_name(path: &str) -> String {
    path.trim_end_matches(".rs").trim_end_matches("/mod").to_owned()
}

/// Returns the imports of each module; `sources` are names and texts.
pub fn imports(sources: &[(String, String)]) -> Result<Imports> {
    let modules: BTreeSet<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
    let read = |(name, text): &(String, String)| {
        let tokens = text.parse().map_err(|error| anyhow!("{name} cannot be read: {error}"))?;
        let mut paths = Vec::new();
        collect(tokens, &mut paths);
        let mut import = Import::default();
        let mut own_names = BTreeSet::new();
        for path in paths {
            match resolve(name, &path, &modules) {
                Target::Module(module) => {
                    own_names.extend(path.last().cloned());
                    import.modules.insert(module);
                }
                Target::Package(package) => drop(import.packages.insert(package)),
            }
        }
        import.modules.remove(name);
        // After `use crate::wire::base64`, `base64::decode` does not name a crate.
        import.packages.retain(|package| !own_names.contains(package));
        Ok((name.clone(), import))
    };
    sources.iter().map(read).collect()
}

enum Target {
    Module(String),
    Package(String),
}

/// Returns the deepest module in the path; the rest is an item.
fn resolve(from: &str, path: &[String], modules: &BTreeSet<&str>) -> Target {
    let mut at: Vec<&str> = if from == "lib" { Vec::new() } else { from.split('/').collect() };
    let mut rest = path;
    match path[0].as_str() {
        "crate" => at.clear(),
        "self" => {}
        "super" => drop(at.pop()),
        package => return Target::Package(package.to_owned()),
    }
    rest = &rest[1..];
    while rest.first().is_some_and(|segment| segment == "super") {
        at.pop();
        rest = &rest[1..];
    }
    for segment in rest {
        let deeper = [at.as_slice(), &[segment.as_str()]].concat();
        if !modules.contains(deeper.join("/").as_str()) {
            break;
        }
        at = deeper;
    }
    Target::Module(if at.is_empty() { "lib".into() } else { at.join("/") })
}

/// Collects the paths in `tokens`, one for each leaf of a group such as `crate::a::{b, c::d}`.
fn collect(tokens: TokenStream, paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = test_module(&tokens[at..]) {
            at += end;
        } else if starts_path(&tokens, at) {
            at = path(&tokens, at, Vec::new(), paths);
        } else {
            if let TokenTree::Group(group) = &tokens[at] {
                collect(group.stream(), paths);
            }
            at += 1;
        }
    }
}

/// Returns the number of tokens of `#[cfg(test)] mod name { … }`.
fn test_module(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), rest @ ..] = tokens else { return None };
    if hash.as_char() != '#' || attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
        return None;
    }
    let body =
        rest.iter().position(|token| matches!(token, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace))?;
    matches!(&rest[0], TokenTree::Ident(word) if word == "mod").then_some(2 + body + 1)
}

/// Returns whether a path starts at `at`: an identifier followed by `::` that is not inside a path.
fn starts_path(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens[at], TokenTree::Ident(_)) && is_colons(tokens, at + 1) && !(at >= 2 && is_colons(tokens, at - 2))
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// Reads the path at `at` and returns its end.
fn path(tokens: &[TokenTree], mut at: usize, mut so_far: Vec<String>, paths: &mut Vec<Vec<String>>) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(segment)) => so_far.push(segment.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for leaf in inner.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')) {
                    path(leaf, 0, so_far.clone(), paths);
                }
                return at + 1;
            }
            // A generic argument or a `*`: the path so far is the import.
            _ => break,
        }
        at += 1;
        if !is_colons(tokens, at) {
            break;
        }
        at += 2;
    }
    if !so_far.is_empty() {
        paths.push(so_far);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Imports {
        let sources: Vec<_> = files.iter().map(|(path, text)| (module_name(path), (*text).to_owned())).collect();
        imports(&sources).unwrap()
    }

    fn of<'a>(imports: &'a Imports, module: &str) -> Vec<&'a str> {
        imports[module].modules.iter().map(String::as_str).collect()
    }

    const TREE: &[(&str, &str)] = &[("lib.rs", ""), ("wire/mod.rs", ""), ("wire/reader.rs", ""), ("error.rs", "")];

    fn with(path: &str, text: &str) -> Imports {
        read(&[TREE, &[(path, text)]].concat())
    }

    #[test]
    fn groups_lead_to_the_deepest_module() {
        let imports = with("a.rs", "use crate::{error::Error, wire::{reader::{Reader, self}, Field}};");
        assert_eq!(of(&imports, "a"), ["error", "wire", "wire/reader"]);
    }

    #[test]
    fn super_and_self_are_followed() {
        assert_eq!(
            of(&with("wire/field.rs", "use super::reader::Reader; use super::super::error::E;"), "wire/field"),
            ["error", "wire/reader"]
        );
        assert_eq!(of(&with("a.rs", "pub use self::b::X; use super::Y;"), "a"), ["lib"]);
    }

    #[test]
    fn paths_in_code_and_macros_count_but_not_in_comments() {
        let imports = with(
            "a.rs",
            "// crate::wire\nfn f() { g!(crate::error::E::<crate::wire::F>::new()) } pub(crate) fn h() {}",
        );
        assert_eq!(of(&imports, "a"), ["error", "wire"]);
    }

    #[test]
    fn test_modules_are_free() {
        let imports = with("a.rs", "#[cfg(test)] mod tests { use crate::wire::F; } use crate::error::E;");
        assert_eq!(of(&imports, "a"), ["error"]);
    }

    #[test]
    fn item_of_the_root_belongs_to_the_front_module() {
        assert_eq!(of(&with("a.rs", "use crate::Error;"), "a"), ["lib"]);
    }

    #[test]
    fn crate_names_are_returned_except_for_this_crate() {
        let imports =
            with("a.rs", "use md4::Digest; use crate::wire::reader; fn f() { reader::new(); des::Des::new() }");
        assert_eq!(imports["a"].packages.iter().collect::<Vec<_>>(), ["des", "md4"]);
    }
}
