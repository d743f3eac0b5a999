//! The layering check: nobody imports upwards, nobody goes in circles, and a few crates are named in one file only.
//!
//! The table is in `floors`; `rust` and `typescript` read who imports whom; `graph` judges.

mod floors;
mod graph;
mod rust;
mod typescript;

use crate::places;
use anyhow::{Result, bail};
use graph::Imports;
use std::fs;
use std::path::Path;

/// Checks both source trees, and says how much there was to check.
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

/// Name and text of every source file below `dir`, without what is generated.
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
    #[test]
    fn both_source_trees_keep_to_their_floors() {
        super::check().unwrap();
    }
}
