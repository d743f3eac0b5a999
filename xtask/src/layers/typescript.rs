//! The imports between the package's modules: `from '…'`, `import '…'` and `import('…')`, types included.

use super::graph::{Import, Imports};

/// Returns the module name of a file.
pub fn module_name(path: &str) -> String {
    path.trim_end_matches(".ts").to_owned()
}

/// Returns the imports of each module; `sources` are names and texts.
pub fn imports(sources: &[(String, String)]) -> Imports {
    let read = |(name, text): &(String, String)| {
        let mut import = Import::default();
        for specifier in specifiers(&without_comments(text)) {
            if specifier.starts_with('.') {
                import.modules.insert(resolve(name, specifier));
            } else {
                import.packages.insert(specifier.to_owned());
            }
        }
        (name.clone(), import)
    };
    sources.iter().map(read).collect()
}

/// Resolves `./x.js` relative to `from`.
fn resolve(from: &str, specifier: &str) -> String {
    let mut at: Vec<&str> = from.split('/').collect();
    at.pop();
    for step in specifier.split('/') {
        match step {
            "." => {}
            ".." => drop(at.pop()),
            step => at.push(step),
        }
    }
    at.join("/").trim_end_matches(".js").to_owned()
}

/// Returns the quoted texts that follow `from` or `import`.
fn specifiers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in ["from", "import"] {
        for (at, _) in text.match_indices(word) {
            let begins_a_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || "_$.'\"`".contains(c));
            let rest = text[at + word.len()..].trim_start().trim_start_matches('(').trim_start();
            let Some(quote) = rest.chars().next().filter(|c| "'\"".contains(*c) && begins_a_word) else { continue };
            found.extend(rest[1..].split(quote).next());
        }
    }
    found
}

/// Removes comments that start a line. Comments inside a line are kept, because they could be part of a string such as a URL.
fn without_comments(text: &str) -> String {
    let mut inside = false;
    let code = text.lines().filter(|line| {
        let line = line.trim();
        let starts = line.starts_with("/*");
        let comment = inside || starts || line.starts_with("//");
        inside = (inside || starts) && !line.contains("*/");
        !comment
    });
    code.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> (Vec<String>, Vec<String>) {
        let mut imports = imports(&[(name.to_owned(), text.to_owned())]);
        let import = imports.remove(name).unwrap();
        (import.modules.into_iter().collect(), import.packages.into_iter().collect())
    }

    #[test]
    fn every_form_is_read() {
        let text = "import {\n  a,\n  b\n} from '../errors.js';\nimport type { T } from \"./pool.js\";\nimport './effect.js';\n\
            export * from './routes/index.js';\nconst x = await import('../client.js');\nimport { connect } from 'node:net';";
        let (modules, packages) = of("node/agent", text);
        assert_eq!(modules, ["client", "errors", "node/effect", "node/pool", "node/routes/index"]);
        assert_eq!(packages, ["node:net"]);
    }

    #[test]
    fn comments_and_other_words_are_not_imports() {
        let text =
            "// import './a.js'\n/** text from './b.js'\n * from './c.js' */\nArray.from('./d.js');\nconst from = 'x';";
        assert_eq!(of("a", text), (vec![], vec![]));
    }
}
