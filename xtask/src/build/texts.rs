//! The texts of the decoder as a JavaScript module: the WebAssembly refers to them by number.
//!
//! The tables are those of the crate, compiled into this command: there is nothing that could disagree.

use crate::places;
use crate::stamp::Inputs;
use anyhow::Result;
use std::fs;

#[path = "../../../src/ntlm/flags.rs"]
#[allow(dead_code, reason = "of the flags, only their table is of use here")]
mod flags;
#[path = "../../../src/explain/texts.rs"]
#[allow(dead_code, reason = "of the texts, only their table is of use here")]
mod table;

/// Writes all texts in the order of their numbers. True if there was anything to do.
pub fn build() -> Result<bool> {
    let (generated, root) = (places::generated(), places::root());
    let (script, types) = (generated.join("texts.js"), generated.join("texts.d.ts"));
    Inputs::of("texts")
        .value(include_str!("texts.rs"))
        .file(&root.join("src/explain/texts.rs"))
        .file(&root.join("src/ntlm/flags.rs"))
        .unless_fresh(&generated, &[script.clone(), types.clone()], || {
            let lines: String = texts().iter().map(|text| format!("  {text:?},\n")).collect();
            fs::create_dir_all(&generated)?;
            fs::write(&script, format!("export const texts = [\n{lines}];\n"))?;
            fs::write(&types, TYPES)?;
            Ok(())
        })
}

const TYPES: &str =
    "/** What the decoder says, by number. Each `{}` is a gap. */\nexport const texts: readonly string[];\n";

/// Behind the table of the decoder, each flag has four: letter, name, meaning, short name (`src/explain/words`).
fn texts() -> Vec<&'static str> {
    let flags = flags::Flags::TABLE.iter();
    let flags = flags.flat_map(|&(_, letter, name, meaning)| [letter, name, meaning, table::short(name)]);
    table::TABLE.iter().copied().chain(flags).collect()
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn every_text_may_stand_in_json_as_it_is() {
        assert!(texts().iter().all(|text| text.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')));
    }

    #[test]
    fn every_text_can_be_referred_to() {
        assert!(texts().len() <= 16 * 64, "a reference has ten bits");
    }

    #[test]
    fn flags_stand_behind_the_table() {
        assert_eq!(
            texts().iter().rev().take(4).rev().copied().collect::<Vec<_>>(),
            ["A", "NTLMSSP_NEGOTIATE_UNICODE", "text in UTF-16LE is possible", "UNICODE"]
        );
    }
}
