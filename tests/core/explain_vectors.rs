//! The output of the decoder, word for word. JavaScript is tested against the same file (`tests/js/decode/explained.test.mjs`, which
//! can rewrite it).

use crate::explain::json_of;
use crate::support::{hex, str_of, vectors};
use ntlm_wasm::explain::{Context, explain};
use ntlm_wasm::wire::filetime::FileTime;
use serde_json::Value;

/// A node and all below, a line each; flags too, a line each behind their node.
fn lines(node: &Value, flags: bool, lines: &mut Vec<String>) {
    let text = |key: &str| node[key].as_str().map_or_else(|| node[key].to_string(), str::to_owned);
    let range = format!("{}-{}", node["start"], node["end"]);
    let mut line = format!("{} {range} {} = {} ({})", text("id"), text("label"), text("value"), text("meaning"));
    if let Some(problem) = node.get("problem") {
        line += &format!(" but {}", str_of(problem));
    }
    if node.get("sensitive").is_some() {
        line += " sensitive";
    }
    lines.push(line);
    for bit in node.get("bits").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| str_of(&bit[key]);
        // Findings of messages are listed in the first case only.
        if flags || text("letter").is_empty() {
            let (letter, name, meaning) = (text("letter"), text("name"), text("meaning"));
            lines.push(format!("{} {letter} {name} ({meaning}) {}", bit["mask"], bit["set"]));
        }
    }
    node["children"].as_array().unwrap().iter().for_each(|child| self::lines(child, flags, lines));
}

#[test]
fn explanations_match_the_vectors() {
    for (at, case) in vectors("explained.json")["cases"].as_array().unwrap().iter().enumerate() {
        let [negotiate, challenge] =
            ["negotiate", "challenge"].map(|key| case.get(key).map(|token| hex(str_of(token))));
        let now = case.get("now").map(|now| FileTime::from_unix_milliseconds(now.as_i64().unwrap()));
        let context = Context { now, negotiate: negotiate.as_deref(), challenge: challenge.as_deref() };
        let json: Value = json_of(&explain(&hex(str_of(&case["token"])), &context).unwrap());
        let mut tree = Vec::new();
        lines(&json["tree"], at == 0, &mut tree);
        assert_eq!(Value::from(tree), case["tree"], "{}", case["name"]);
        let finding = |finding: &Value| {
            let [severity, id, node, text, advice] =
                ["severity", "id", "node", "text", "advice"].map(|key| str_of(&finding[key]));
            format!("{severity} {id} at {node}: {text} -> {advice}")
        };
        let findings: Vec<_> = json["findings"].as_array().unwrap().iter().map(finding).collect();
        assert_eq!(Value::from(findings), case["findings"], "{}", case["name"]);
    }
}
