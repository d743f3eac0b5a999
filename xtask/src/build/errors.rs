//! The texts of the core's errors as a JavaScript module. They are 6 KB, which compress better there than within the
//! WebAssembly, and whose lookup needs no code.

use crate::places;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the table stands that the crate makes its errors from.
pub fn source() -> PathBuf {
    places::root().join("src/error.rs")
}

/// Writes code, message and advice of each kind, in the order of the kinds' numbers.
pub fn write(script: &Path, types: &Path) -> Result<()> {
    let texts = texts(&fs::read_to_string(source())?)?;
    let lines: Vec<_> =
        texts.iter().map(|[code, message, advice]| format!("  [{code}, {message}, {advice}],\n")).collect();
    fs::write(script, format!("export const errors = [\n{}];\n", lines.concat()))?;
    fs::write(
        types,
        "/** Code, message and advice of each kind of error, by its number. */\nexport const errors: readonly (readonly [string, string, string])[];\n",
    )?;
    Ok(())
}

/// The three texts of each entry of the table, as string literals. A kind's line has its fault, its name and its code, the
/// next two lines have the sentences.
fn texts(source: &str) -> Result<Vec<[String; 3]>> {
    let (_, table) = source.split_once("\nkinds! {\n").context(CHANGED)?;
    let (table, _) = table.split_once("\n}\n").context(CHANGED)?;
    let lines: Vec<_> = table.lines().map(str::trim).collect();
    ensure!(lines.len().is_multiple_of(3), CHANGED);
    lines.chunks(3).map(|entry| entry_texts(entry).context(CHANGED)).collect()
}

fn entry_texts(entry: &[&str]) -> Option<[String; 3]> {
    let [head, message, advice] = entry else { return None };
    let code = head.split_once(" \"")?.1.strip_suffix('"')?;
    let is_literal = |text: &str| text.len() > 2 && text.starts_with('"') && text.ends_with('"');
    let texts = [format!("\"ERR_NTLM_{code}\""), (*message).to_owned(), (*advice).to_owned()];
    texts.iter().all(|text| is_literal(text)).then_some(texts)
}

const CHANGED: &str = "the table of errors in src/error.rs has changed its shape: mend xtask/src/build/errors.rs";

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn an_entry_has_three_texts() {
        let source =
            "x\nkinds! {\n    Peer BadText \"BAD_TEXT\"\n        \"it is odd\"\n        \"say \\\"please\\\"\"\n}\ny";
        assert_eq!(texts(source).unwrap(), [["\"ERR_NTLM_BAD_TEXT\"", "\"it is odd\"", "\"say \\\"please\\\"\""]]);
    }

    #[test]
    fn a_table_of_another_shape_is_refused() {
        assert!(texts("kinds! [").is_err());
        assert!(texts("\nkinds! {\n    Peer A \"A\" \"a\" \"b\"\n}\n").is_err());
    }
}
