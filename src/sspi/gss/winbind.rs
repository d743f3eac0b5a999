//! winbind's password cache, through Samba's helper program (`ntlm_auth(1)`, protocol ntlmssp-client-1).
//!
//! ```text
//! us      YR                  start
//! helper  YR <message 1>
//! us      TT <message 2>
//! helper  AF <message 3>      or PW: no password; NA or BH: an error and its reason
//! ```

use crate::sspi::alive::Counted;
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::options::{Options, split};
use crate::sspi::progress::Progress;
use crate::wire::base64;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;
use std::env;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// The time limit for a reply: winbind may be waiting for an unreachable domain controller.
const PATIENCE: Duration = Duration::from_secs(20);
const PROGRAM: &str = "ntlm_auth";

/// A challenge that no server sent. The helper reports a missing password only in reply to a challenge.
const REHEARSAL: &str =
    "TlRMTVNTUAACAAAAAgACADgAAAAVgoniAQEBAQEBAQEAAAAAAAAAABAAEAA6AAAABgEAAAAAAA9XAAIAAgBXAAEAAgBXAAAAAAA=";

/// The running helper, terminated when dropped.
pub struct Helper {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    identity: String,
    complete: bool,
    _counted: Counted,
}

impl Helper {
    /// Starts the helper and returns message 1.
    pub fn begin(options: &Options) -> Result<(Self, Progress), Failure> {
        let name = user(options).ok_or_else(|| Failure::told(Reason::NoCredentials, "no user is named"))?;
        let (domain, user) = domain_and_user(&name);
        let mut command = tool(PROGRAM);
        command.args(["--helper-protocol=ntlmssp-client-1", "--use-cached-creds"]).arg(format!("--username={user}"));
        if let Some(domain) = domain {
            command.arg(format!("--domain={domain}"));
        }
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(missing)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Reason::Failed.into());
        };
        let (sender, lines) = sync_channel(1);
        // This thread ends when the helper closes its output.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut helper =
            Helper { process, input, lines, identity: name, complete: false, _counted: Counted::context() };
        helper.ask("YR", "YR")?;
        helper.ask(&format!("TT {REHEARSAL}"), "AF")?;
        let token = helper.ask("YR", "YR")?;
        Ok((helper, Progress { token: Some(token), complete: false }))
    }

    /// Returns message 3 for message 2.
    pub fn step(&mut self, token: &[u8]) -> Result<Progress, Failure> {
        if self.complete {
            return Ok(Progress { token: None, complete: true });
        }
        let token = self.ask(&format!("TT {}", base64::encode(token)), "AF")?;
        self.complete = true;
        Ok(Progress { token: Some(token), complete: true })
    }

    /// Returns the identity.
    pub fn identity(&self) -> String {
        self.identity.clone()
    }

    /// Sends a line and returns the token after the expected keyword. After any other reply, nothing may be sent: the helper
    /// would read it as a password and authenticate anonymously.
    fn ask(&mut self, line: &str, mark: &str) -> Result<Vec<u8>, Failure> {
        let silent = |_: String| Failure::told(Reason::Failed, format!("{PROGRAM} gave no answer"));
        self.input.write_all(format!("{line}\n").as_bytes()).map_err(|error| silent(error.to_string()))?;
        let answer = self.lines.recv_timeout(PATIENCE).map_err(|error| silent(error.to_string()))?;
        let token = answer.strip_prefix(mark).and_then(|token| base64::decode(token.trim()).ok());
        token.filter(|token| !token.is_empty()).ok_or_else(|| self.refusal(&answer))
    }

    fn refusal(&self, answer: &str) -> Failure {
        if answer.starts_with("PW") {
            return Failure::described(
                Reason::NoCredentials,
                format!("winbind has no password for {}", self.identity),
                "log on through pam_winbind, or let winbind store the password with wbinfo --ccache-save",
            );
        }
        let words = answer.split_once(' ').map_or("", |(_, words)| words);
        Failure::told(Reason::BadToken, words)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // Both fail only if it has exited.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Finds a program of the system. `node_modules` and empty path entries (the working directory) are skipped: npm puts the
/// programs of all dependencies first on the path.
fn tool(name: &str) -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_own = |folder: &PathBuf| folder.is_absolute() && folder.iter().all(|part| part != "node_modules");
    let own = env::join_paths(env::split_paths(&path).filter(is_own)).unwrap_or_default();
    let mut command = Command::new(name);
    command.env("PATH", if own.is_empty() { "/usr/bin:/bin".into() } else { own });
    command
}

/// Returns the user: the one in the options, or the user that the program runs as. gss-ntlmssp reads `NTLMUSER` too.
fn user(options: &Options) -> Option<String> {
    let from_environment = || ["NTLMUSER", "USER", "LOGNAME"].into_iter().filter_map(|name| env::var(name).ok());
    // Services are started without these variables.
    let from_system = || {
        let said = tool("id").arg("-un").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        String::from_utf8(said.stdout).ok().map(|name| name.trim().to_string())
    };
    let named = options.principal.clone().or_else(|| from_environment().find(|name| !name.is_empty()));
    named.or_else(from_system).filter(|name| !name.is_empty())
}

/// Formats a user for the helper. Without a domain, winbind uses its own.
fn domain_and_user(name: &str) -> (Option<&str>, &str) {
    match split(name) {
        (None, user) => user.split_once('@').map_or((None, user), |(user, domain)| (Some(domain), user)),
        both => both,
    }
}

fn missing(error: std::io::Error) -> Failure {
    if error.kind() == ErrorKind::NotFound {
        return Failure::described(
            Reason::Unavailable,
            "winbind's ntlm_auth is not installed",
            "install winbind, or give explicit credentials",
        );
    }
    Failure::told(Reason::Failed, format!("{PROGRAM}: {error}"))
}
