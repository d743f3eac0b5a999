//! An HTTP server that authenticates its clients with NTLM, one connection at a time:
//!
//! ```text
//! cargo run --example acceptor
//! curl --ntlm --user 'CORP\alice:Password' http://127.0.0.1:8080/
//! ```
#![expect(clippy::print_stdout, reason = "the output of the example")]

use ntlm_wasm::env::Env;
use ntlm_wasm::error::{Error, ErrorKind};
use ntlm_wasm::ntlm::credential::Hashes;
use ntlm_wasm::ntlm::server::{Challenged, Server, ServerConfig};
use ntlm_wasm::wire::base64;
use ntlm_wasm::wire::filetime::FileTime;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::time::SystemTime;

fn main() -> Result<()> {
    let server = Server::new(ServerConfig {
        netbios_domain: "CORP".into(),
        netbios_computer: "SERVER".into(),
        ..ServerConfig::default()
    });
    let listener = TcpListener::bind("127.0.0.1:8080")?;
    println!("listening on http://{}/", listener.local_addr()?);
    for stream in listener.incoming() {
        serve(&server, &stream?)?;
    }
    Ok(())
}

/// NTLM authenticates the connection: message 3 must come on the connection that got the challenge.
fn serve(server: &Server, mut stream: &TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let mut challenged = None;
    while let Some(token) = read_request(&mut lines)? {
        match answer(server, &mut challenged, token.as_deref()) {
            Ok(Answer::Welcome(user)) => respond(&mut stream, "200 OK", "", &format!("Hello, {user}!\n"))?,
            Ok(Answer::Challenge(header)) => {
                respond(&mut stream, "401 Unauthorized", &format!("WWW-Authenticate: {header}\r\n"), "")?;
            }
            // The client must not learn which check failed.
            Err(error) => {
                println!("{error}");
                respond(&mut stream, "401 Unauthorized", "WWW-Authenticate: NTLM\r\n", "")?;
            }
        }
    }
    Ok(())
}

enum Answer {
    Challenge(String),
    Welcome(String),
}

fn answer(
    server: &Server,
    challenged: &mut Option<Challenged>,
    token: Option<&str>,
) -> core::result::Result<Answer, Error> {
    let Some(token) = token else { return Ok(Answer::Challenge("NTLM".into())) };
    let token = base64::decode(token)?;
    let now = FileTime::from(SystemTime::now());
    if let Some(challenged) = challenged.take() {
        let claim = challenged.receive(server, token)?;
        let user = claim.user.to_string();
        let account = (user == "alice").then(|| Hashes::from_password("Password"));
        claim.verify(server, account.as_ref(), now)?;
        return Ok(Answer::Welcome(user));
    }
    let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
    let challenge = challenged.insert(server.challenge(token, &mut Env { now, random: &mut random })?);
    Ok(Answer::Challenge(format!("NTLM {}", base64::encode(challenge.message()))))
}

/// Reads the head of a request: its NTLM token, if any. `None` at the end of the connection.
fn read_request(lines: &mut impl Iterator<Item = Result<String>>) -> Result<Option<Option<String>>> {
    let mut token = None;
    if lines.next().transpose()?.is_none() {
        return Ok(None);
    }
    for line in lines {
        let line = line?;
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                token = value.strip_prefix("NTLM ").map(str::to_owned);
            }
            _ => {}
        }
    }
    Ok(Some(token))
}

fn respond(stream: &mut impl Write, status: &str, headers: &str, body: &str) -> Result<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}
