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
    Ok(format!("{}\n{OUR_LOADER}", droppable(kept)))
}

/// What a bundler may leave out where nobody uses it: nothing happens when the script is loaded, and bundlers are told so.
fn droppable(script: &str) -> String {
    let happens = |line: &&str| line.starts_with("if (Symbol.dispose)") || line.trim() == "cachedTextDecoder.decode();";
    let kept: Vec<_> = script.lines().filter(|line| !happens(line)).collect();
    ["Object.freeze(", "new FinalizationRegistry(", "new TextDecoder("]
        .iter()
        .fold(kept.join("\n"), |script, call| script.replace(call, &format!("/* @__PURE__ */ {call}")))
}

/// The types that go with `script`.
pub fn types(glue: &str) -> Result<String> {
    let (kept, _) = glue.split_once(LOADER_TYPES).context(CHANGED)?;
    // Users of the package need not have the library "esnext.disposable".
    let kept: Vec<_> = kept.lines().filter(|line| !line.contains("Symbol.dispose")).collect();
    Ok(format!("{}\n{OUR_LOADER_TYPES}", kept.join("\n")))
}

const CHANGED: &str = "wasm-bindgen's glue has changed its shape: see what it generates now and mend glue.rs";

/// Writes the module's bytes as JavaScript modules, with types: `NAME-wasm.js` for Node, whose decoder of base64 is quick, and
/// `NAME-wasm.web.js` for everybody else, who want it small when it is compressed.
pub fn inline(wasm: &[u8], script: &Path, types: &Path) -> Result<()> {
    fs::write(script, format!("export const wasm = '{}';\n", base64(wasm)))?;
    fs::write(script.with_extension("web.js"), format!("export const wasm = '{}';\n", for_the_web(wasm)))?;
    fs::write(
        types,
        "/** The module, as `core/bytes.ts` or `core/bytes.web.ts` reads it. */\nexport const wasm: string;\n",
    )?;
    Ok(())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            text.push(if at <= group.len() { DIGITS[bits >> (18 - 6 * at) & 63].into() } else { '=' });
        }
    }
    text
}

/// Behind one of these stands a rarer byte.
const ESCAPES: [char; 2] = ['}', '~'];

/// A character for each of the most frequent bytes, and two for each other; first, in hexadecimal, which the frequent ones are.
/// `core/bytes.web.ts` reads it, and knows the same alphabet.
fn for_the_web(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = (' '..ESCAPES[0]).filter(|c| !"\"$'<\\`".contains(*c)).collect();
    let mut counts = [0_usize; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let mut by_count: Vec<u8> = (0..=255).collect();
    by_count.sort_by_key(|byte| std::cmp::Reverse(counts[usize::from(*byte)]));
    let (frequent, rare) = by_count.split_at_mut(alphabet.len());
    rare.sort_unstable();
    let frequent = in_their_own_place(frequent, &alphabet);
    let mut written = vec![String::new(); 256];
    for (byte, character) in frequent.iter().zip(&alphabet) {
        written[usize::from(*byte)].push(*character);
    }
    for (at, byte) in rare.iter().enumerate() {
        written[usize::from(*byte)].extend([ESCAPES[at / alphabet.len()], alphabet[at % alphabet.len()]]);
    }
    let table: String = frequent.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.iter().fold(table, |text, byte| text + &written[usize::from(*byte)])
}

/// Bytes in the order of the characters that stand for them. Those that are such a character stand for themselves, so that names
/// in the module can be read.
fn in_their_own_place(bytes: &[u8], alphabet: &[char]) -> Vec<u8> {
    let mut others: Vec<u8> = bytes.iter().copied().filter(|byte| !alphabet.contains(&char::from(*byte))).collect();
    others.sort_unstable_by_key(|byte| std::cmp::Reverse(*byte));
    alphabet
        .iter()
        .filter_map(|character| {
            bytes.iter().copied().find(|byte| char::from(*byte) == *character).or_else(|| others.pop())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{base64, for_the_web, script, types};

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
    fn a_bundler_may_leave_out_what_nobody_uses() {
        let top =
            "let d = new TextDecoder('utf-8');\nd.decode();\nif (Symbol.dispose) A.prototype[Symbol.dispose] = 1;\n";
        let script = script(&format!("{}{GLUE}", top.replace("d.", "cachedTextDecoder."))).unwrap();
        assert!(
            script.starts_with("let d = /* @__PURE__ */ new TextDecoder('utf-8');\nexport class A {}\n"),
            "{script}"
        );
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

    #[test]
    fn bytes_are_written_in_base64() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }

    #[test]
    fn for_the_web_frequent_bytes_are_a_character_and_readable_ones_themselves() {
        let text = for_the_web(b"wasm wasm wasm \x00\x00");
        let body = &text[2 * 87..];
        assert!(body.starts_with("wasm wasm wasm ") && body.len() == 17, "{body}");
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(for_the_web(&every).len(), 2 * 87 + 87 + 2 * 169);
        assert!(!for_the_web(&every).contains(['"', '$', '\'', '<', '\\', '`']));
    }
}
