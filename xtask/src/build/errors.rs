//! Generates a JavaScript module with the core's error texts from the crate's table.

use anyhow::Result;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

#[path = "../../../src/error.rs"]
#[allow(dead_code, reason = "only the texts are used here")]
mod error;

/// Writes the message and the advice of each code.
pub fn write(generated: &Path) -> Result<()> {
    let texts =
        error::ErrorKind::ALL.iter().map(|kind| (kind.code().to_owned(), json!([kind.message(), kind.advice()])));
    let texts = Value::Object(Map::from_iter(texts));
    fs::write(generated.join("errors.js"), format!("export const errors = {texts:#};\n"))?;
    fs::write(
        generated.join("errors.d.ts"),
        "/** Message and advice of each error code. */\nexport const errors: Record<string, readonly [string, string]>;\n",
    )?;
    Ok(())
}
