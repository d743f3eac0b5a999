//! The worker of the token benchmark for what is in Rust: a question in JSON on each line of standard input, an answer on each
//! line of standard output. The contenders are the core itself, the digests that it needs without anything around them, and the
//! `sspi` crate.

mod bare_digests;
mod core_itself;
#[cfg(feature = "sspi")]
mod sspi_crate;

use base64::prelude::{BASE64_STANDARD, Engine};
use cpu_time::ProcessTime;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, Write, stdin, stdout};

/// Whose messages are made, for which challenge.
#[derive(Clone)]
struct Task {
    username: String,
    domain: String,
    workstation: String,
    password: String,
    challenge: Vec<u8>,
}

/// A contender: its two messages, for a check of what it does, and its cases by name.
struct Contender {
    messages: Option<[Vec<u8>; 2]>,
    cases: Vec<(&'static str, Case)>,
}

/// One whole handshake of the client; the result keeps the compiler from leaving the work out.
type Case = Box<dyn FnMut() -> u8>;

type Failure = Box<dyn Error>;

/// Calls between two looks at the clock.
const BATCH: u32 = 200;

fn main() -> Result<(), Failure> {
    let mut cases = Vec::new();
    for line in stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let answer = answer(&question, &mut cases).unwrap_or_else(|failure| json!({ "error": failure.to_string() }));
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}

fn answer(question: &Value, cases: &mut Vec<(&'static str, Case)>) -> Result<Value, Failure> {
    if let Some(name) = question["measure"].as_str() {
        let (_, case) = cases.iter_mut().find(|(known, _)| *known == name).ok_or("no such case")?;
        return Ok(json!({ "perSecond": measure(case, question["milliseconds"].as_u64().unwrap_or(100)) }));
    }
    if let Some(name) = question["repeat"].as_str() {
        let (_, case) = cases.iter_mut().find(|(known, _)| *known == name).ok_or("no such case")?;
        for _ in 0..question["count"].as_u64().unwrap_or(1) {
            std::hint::black_box(case());
        }
        return Ok(json!({}));
    }
    let task = task(question)?;
    let contender = match question["contender"].as_str() {
        Some("core") => core_itself::contender(&task),
        Some("digests") => bare_digests::contender(&task),
        #[cfg(feature = "sspi")]
        Some("sspi") => sspi_crate::contender(&task),
        _ => Err("no such contender".into()),
    }?;
    *cases = contender.cases;
    let messages = contender.messages.map(|both| both.map(|message| BASE64_STANDARD.encode(message)));
    Ok(json!({ "messages": messages, "cases": cases.iter().map(|(name, _)| name).collect::<Vec<_>>() }))
}

fn task(question: &Value) -> Result<Task, Failure> {
    let account = |name: &str| question["account"][name].as_str().unwrap_or_default().to_owned();
    Ok(Task {
        username: account("username"),
        domain: account("domain"),
        workstation: account("workstation"),
        password: account("password"),
        challenge: BASE64_STANDARD.decode(question["challenge"].as_str().unwrap_or_default())?,
    })
}

/// Calls in a second of processor time.
fn measure(case: &mut Case, milliseconds: u64) -> f64 {
    let start = ProcessTime::now();
    let mut count = 0;
    loop {
        for _ in 0..BATCH {
            std::hint::black_box(case());
        }
        count += BATCH;
        let spent = start.elapsed();
        if spent.as_millis() >= milliseconds.into() {
            return f64::from(count) / spent.as_secs_f64();
        }
    }
}
