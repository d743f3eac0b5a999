//! Checks imports against the table.

use super::floors::Floors;
use std::collections::{BTreeMap, BTreeSet};

/// The imports of one module.
#[derive(Default)]
pub struct Import {
    /// Modules in the same tree.
    pub modules: BTreeSet<String>,
    /// All other imports: crates, npm packages, Node modules.
    pub packages: BTreeSet<String>,
}

pub type Imports = BTreeMap<String, Import>;

/// Returns all violations, one line each.
pub fn judge(imports: &Imports, rules: &Floors) -> Vec<String> {
    let mut faults = Vec::new();
    for (module, import) in imports {
        let Some(floor) = floor_of(module, rules) else {
            faults.push(format!("{module} has no floor"));
            continue;
        };
        for other in &import.modules {
            if let Some(above) = floor_of(other, rules).filter(|above| *above > floor) {
                faults.push(format!("{module} (floor {}) imports {other} (floor {})", floor + 1, above + 1));
            }
            for (who, what, why) in rules.forbidden {
                if lies_in(module, who) && lies_in(other, what) {
                    faults.push(format!("{module} imports {other}, but {why}"));
                }
            }
        }
        for (packages, modules) in rules.packages {
            for package in import.packages.iter().filter(|package| packages.iter().any(|name| is_named(package, name)))
            {
                if !modules.iter().any(|allowed| lies_in(module, allowed)) {
                    faults.push(format!("{module} names {package}, which only {} may", modules.join(" and ")));
                }
            }
        }
    }
    faults.extend(circles(imports).into_iter().map(|circle| format!("a circle: {}", circle.join(" → "))));
    faults
}

fn lies_in(module: &str, name: &str) -> bool {
    module.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A name that ends with a colon, such as `node:`, matches everything that begins with it.
fn is_named(package: &str, name: &str) -> bool {
    package == name || name.ends_with(':') && package.starts_with(name)
}

fn floor_of(module: &str, rules: &Floors) -> Option<usize> {
    let named = rules.floors.iter().enumerate().flat_map(|(floor, names)| names.iter().map(move |name| (floor, name)));
    named.filter(|(_, name)| lies_in(module, name)).max_by_key(|(_, name)| name.len()).map(|(floor, _)| floor)
}

/// Returns import cycles, each from its first module back to it: one for every back edge of a depth-first search.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut finished = BTreeSet::new();
    for start in imports.keys() {
        walk(start, imports, &mut Vec::new(), &mut finished, &mut found);
    }
    found
}

fn walk<'a>(
    module: &'a str,
    imports: &'a Imports,
    path: &mut Vec<&'a str>,
    finished: &mut BTreeSet<&'a str>,
    found: &mut Vec<Vec<String>>,
) {
    if let Some(first) = path.iter().position(|step| *step == module) {
        found.push(path[first..].iter().chain([&module]).map(|step| (*step).to_owned()).collect());
        return;
    }
    if finished.contains(module) {
        return;
    }
    path.push(module);
    for other in imports.get(module).iter().flat_map(|import| &import.modules) {
        walk(other, imports, path, finished, found);
    }
    path.pop();
    finished.insert(module);
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &Floors = &Floors {
        floors: &[&["wire", "crypto"], &["ntlm/flags"], &["ntlm"]],
        forbidden: &[("wire", "crypto", "they are kept apart")],
        packages: &[(&["md4", "node:"], &["crypto"])],
    };

    fn tree(edges: &[(&str, &[&str])]) -> Imports {
        let import =
            |names: &[&str]| Import { modules: names.iter().map(|name| (*name).into()).collect(), ..Import::default() };
        edges.iter().map(|(module, names)| ((*module).into(), import(names))).collect()
    }

    #[test]
    fn downward_imports_are_fine() {
        let imports = tree(&[("wire", &[]), ("ntlm/flags", &["wire"]), ("ntlm/client", &["ntlm/flags", "wire"])]);
        assert_eq!(judge(&imports, RULES), Vec::<String>::new());
    }

    #[test]
    fn an_upward_import_is_a_fault_and_the_longest_name_counts() {
        let imports = tree(&[("ntlm/flags", &["ntlm/client"]), ("ntlm/client", &[])]);
        assert_eq!(judge(&imports, RULES), ["ntlm/flags (floor 2) imports ntlm/client (floor 3)"]);
    }

    #[test]
    fn a_circle_on_one_floor_is_a_fault() {
        let imports = tree(&[("ntlm/a", &["ntlm/b"]), ("ntlm/b", &["ntlm/c"]), ("ntlm/c", &["ntlm/a"])]);
        assert_eq!(judge(&imports, RULES), ["a circle: ntlm/a → ntlm/b → ntlm/c → ntlm/a"]);
    }

    #[test]
    fn import_between_separated_modules_is_a_fault() {
        let imports = tree(&[("wire/reader", &["crypto"]), ("crypto", &[])]);
        assert_eq!(judge(&imports, RULES), ["wire/reader imports crypto, but they are kept apart"]);
    }

    #[test]
    fn a_module_without_a_floor_is_a_fault() {
        assert_eq!(judge(&tree(&[("wired", &[])]), RULES), ["wired has no floor"]);
    }

    #[test]
    fn a_package_outside_its_file_is_a_fault() {
        let mut imports = tree(&[("crypto", &[]), ("ntlm/keys", &[])]);
        imports.values_mut().for_each(|import| import.packages.extend(["md4".into(), "node:net".into()]));
        let faults = ["ntlm/keys names md4, which only crypto may", "ntlm/keys names node:net, which only crypto may"];
        assert_eq!(judge(&imports, RULES), faults);
    }
}
