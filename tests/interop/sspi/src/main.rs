//! The `sspi` crate behind the line protocol of `tests/interop/python/peers.py`: JSON lines in, JSON lines out.
//!
//! It signs and seals by `wrap` and `unwrap` alone: its signatures without sealing do not move its count of messages on.

mod peer;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use peer::Peer;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, Write};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut peers = HashMap::new();
    let mut output = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = answer(&mut peers, &request).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(peers: &mut HashMap<u64, Peer>, request: &Value) -> Result<Value, Failure> {
    if request["op"] == "open" {
        let context = peers.len() as u64 + 1;
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let domain = request["domain"].as_str().filter(|domain| !domain.is_empty());
        let mut peer = Peer::new(request["side"] == "client", text("username"), domain, text("password"))?;
        peer.protect(request["sign"] == true, request["seal"] == true);
        if let Some(bindings) = bytes(&request["bindings"])? {
            peer.bind(&bindings);
        }
        peers.insert(context, peer);
        return Ok(json!({ "context": context }));
    }
    let peer = peers.get_mut(&request["context"].as_u64().unwrap_or_default()).ok_or("no such context")?;
    let data = bytes(&request["data"])?.unwrap_or_default();
    Ok(match request["op"].as_str().unwrap_or_default() {
        "step" => {
            let token = peer.step(bytes(&request["token"])?.unwrap_or_default())?;
            let token = token.map(|token| STANDARD.encode(token));
            json!({ "token": token, "complete": peer.complete, "user": peer.user })
        }
        "wrap" => json!({ "data": STANDARD.encode(peer.wrap(&data)?) }),
        "unwrap" => json!({ "data": STANDARD.encode(peer.unwrap(&data)?) }),
        "key" => json!({ "data": STANDARD.encode(peer.key()?) }),
        // The numbers are counted by how many there are, so they stay.
        "close" => json!({}),
        other => return Err(format!("the sspi crate has no {other} here").into()),
    })
}

fn bytes(value: &Value) -> Result<Option<Vec<u8>>, Failure> {
    Ok(value.as_str().map(|text| STANDARD.decode(text)).transpose()?)
}
