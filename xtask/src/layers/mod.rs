//! The layering check: no upward imports, no import cycles, and a few crates that only one file may name.
//!
//! The table is in `floors`; `rust` and `typescript` extract the imports; `graph` checks them.

mod floors;
mod graph;
mod rust;
mod typescript;

use crate::places;
use anyhow::{Result, bail};
use graph::Imports;
use std::fs;
use std::path::Path;

/// Checks both source trees, and returns how much was checked.
pub fn check() -> Result<String> {
    let rust = read(&places::root().join("src"), "rs", rust::module_name)?;
    let typescript = read(&places::template().join("src"), "ts", typescript::module_name)?;
    let rust = rust::imports(&rust)?;
    let typescript = typescript::imports(&typescript);
    let mut faults = graph::judge(&rust, floors::RUST);
    faults.extend(graph::judge(&typescript, floors::TYPESCRIPT));
    if !faults.is_empty() {
        bail!(
            "{} faults in the layering (the table is xtask/src/layers/floors.rs):\n{}",
            faults.len(),
            faults.join("\n")
        );
    }
    Ok(format!("{} modules, {} imports", rust.len() + typescript.len(), count(&rust) + count(&typescript)))
}

fn count(imports: &Imports) -> usize {
    imports.values().map(|import| import.modules.len()).sum()
}

/// Returns name and text of every source file below `dir`, without generated files.
fn read(dir: &Path, kind: &str, name: fn(&str) -> String) -> Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    for file in places::files_below(dir) {
        let path = file.strip_prefix(dir)?.to_string_lossy().replace('\\', "/");
        if path.ends_with(&format!(".{kind}")) && !path.ends_with(".d.ts") {
            sources.push((name(&path), fs::read_to_string(&file)?));
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::floors::RUST;
    use crate::places;
    use std::fs;

    #[test]
    fn both_source_trees_keep_to_their_floors() {
        super::check().unwrap();
    }

    fn text(name: &str) -> String {
        fs::read_to_string(places::root().join(name)).unwrap()
    }

    #[test]
    fn architecture_has_the_same_floors() {
        let page = text("ARCHITECTURE.md");
        let (_, table) = page.split_once("### The crate, `src/`").unwrap();
        let (table, _) = table.split_once("### The package").unwrap();
        let mut rows = 0;
        for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| floor")) {
            let cells: Vec<_> = row.split(" | ").collect();
            let floor: usize = cells[0].trim_start_matches("| ").parse().unwrap();
            let module = cells[1].trim_matches(['`', '/']);
            let (folder, names) = module.split_once("/{").unwrap_or(("", module));
            for name in names.trim_end_matches('}').split(',') {
                let name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                let stands = |floor: &&[&str]| floor.contains(&&*name);
                let at = RUST.floors.iter().position(stands);
                let at = at
                    .or_else(|| RUST.floors.iter().position(|floor| floor.contains(&name.split('/').next().unwrap())));
                assert_eq!(at, Some(floor - 1), "{name}");
                rows += 1;
            }
        }
        assert!(rows > 20, "{rows}");
    }

    #[test]
    fn every_name_in_the_table_of_floors_exists() {
        for (tree, ending, floors) in [("src", "rs", RUST), ("pkg-template/src", "ts", super::floors::TYPESCRIPT)] {
            for name in floors.floors.concat() {
                let path = places::root().join(tree).join(name);
                assert!(path.is_dir() || path.with_extension(ending).exists(), "{tree}: {name}");
            }
        }
    }

    #[test]
    fn documents_agree_with_the_code() {
        let depth = "8 * 1024";
        assert!(text("src/secret.rs").contains(&format!("const STACK_DEPTH: usize = {depth};")));
        for page in ["pkg-template/docs/secrets.md", "ARCHITECTURE.md"] {
            assert!(text(page).contains("8 KiB"), "{page} does not state how much of the stack is wiped");
        }
        assert!(text("Cargo.toml").contains("\"napi5\"") && text("ARCHITECTURE.md").contains("Node-API 5 "));
    }
}
