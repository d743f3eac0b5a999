//! What TypeScript imports of a module: wasm-bindgen's glue without its loader, and the bytes as text.
//!
//! The loader fetches the module from an address. Bundlers act on that text even if it never runs, and a top-level
//! `await` would keep `require()` from loading the package. Ours compiles inlined bytes synchronously on first use.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;

const LOADER: &str = "\nlet wasmModule, wasmInstance, wasm;\n";
const LOADER_TYPES: &str = "\nexport type InitInput ";

const OUR_LOADER: &str = "
let wasm;

export function instantiate(bytes) {
    wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes), __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
    return wasm.memory;
}
";

const OUR_LOADER_TYPES: &str = "
/** Compiles and starts the module, and hands out its memory; to be called once, before anything else here. */
export function instantiate(bytes: Uint8Array): { readonly buffer: ArrayBuffer };
";

/// The glue with our loader in the place of its own.
pub fn script(glue: &str) -> Result<String> {
    let (kept, loader) = glue.split_once(LOADER).context(CHANGED)?;
    ensure!(loader.contains("fetch(") && loader.contains("function initSync"), CHANGED);
    ensure!(!kept.contains("import.meta") && !kept.contains("fetch("), CHANGED);
    Ok(format!("{kept}\n{OUR_LOADER}"))
}

/// The types that go with `script`.
pub fn types(glue: &str) -> Result<String> {
    let (kept, _) = glue.split_once(LOADER_TYPES).context(CHANGED)?;
    // Users of the package need not have the library "esnext.disposable".
    let kept: Vec<_> = kept.lines().filter(|line| !line.contains("Symbol.dispose")).collect();
    Ok(format!("{}\n{OUR_LOADER_TYPES}", kept.join("\n")))
}

const CHANGED: &str = "wasm-bindgen's glue has changed its shape: see what it generates now and mend glue.rs";

/// Writes the module's bytes as a JavaScript module with its types.
///
/// In hexadecimal: a byte stays a unit, so who compresses the text (a web server, npm) gets within a tenth of the
/// module's own compressed size. Base64, shorter as it stands, comes to 1.3 times of that.
pub fn inline(wasm: &[u8], script: &Path, types: &Path) -> Result<()> {
    let hex: String = wasm.iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(script, format!("export const hex = '{hex}';\n"))?;
    fs::write(types, "/** The module, in lower-case hexadecimal. */\nexport const hex: string;\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{script, types};

    const GLUE: &str = "export class A {}\n\nlet wasmModule, wasmInstance, wasm;\n\
        async function load(x) { return fetch(x) }\nfunction initSync(module) {}\nexport { initSync };\n";

    #[test]
    fn the_loader_is_cut_out_of_the_script() {
        let script = script(GLUE).unwrap();
        assert!(script.starts_with("export class A {}\n"));
        assert!(script.contains("export function instantiate"));
        assert!(!script.contains("fetch") && !script.contains("initSync"));
    }

    #[test]
    fn the_loader_is_cut_out_of_the_types() {
        let glue = "export class A {\n  [Symbol.dispose](): void;\n}\n\nexport type InitInput = URL;\nmore";
        let types = types(glue).unwrap();
        assert!(types.starts_with("export class A {\n}\n"));
        assert!(types.contains("export function instantiate"));
        assert!(!types.contains("URL") && !types.contains("dispose"));
    }

    #[test]
    fn a_glue_of_another_shape_is_refused() {
        assert!(script("export class A {}").is_err());
        assert!(script(&GLUE.replace("export class A {}", "fetch(x)")).is_err());
        assert!(types("export class A {}").is_err());
    }
}
