//! Runs programs and reports progress: one line per step, and the programs' output only if they fail.

use crate::places;
use anyhow::{Context, Result, bail};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

static VERBOSE: AtomicBool = AtomicBool::new(false);

/// Shows the output of all programs from now on.
pub fn set_verbose(verbose: bool) {
    VERBOSE.store(verbose, Ordering::Relaxed);
}

/// A program that runs in the root of the clone.
pub struct Program {
    command: Command,
    line: String,
}

/// The result of a program.
pub struct Finished {
    pub success: bool,
    /// Absent if it was ended by a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Returns both output streams.
    pub fn output(&self) -> String {
        [self.stdout.trim_end(), self.stderr.trim_end()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Program {
    pub fn new(program: impl AsRef<Path>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(places::root()).stdin(Stdio::null());
        Self { command, line: program.file_name().unwrap_or_default().to_string_lossy().into_owned() }
    }

    pub fn arg(mut self, arg: impl AsRef<std::ffi::OsStr>) -> Self {
        self.line.push(' ');
        self.line.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    pub fn args<S: AsRef<std::ffi::OsStr>>(self, args: impl IntoIterator<Item = S>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs the program and captures its output; a non-zero exit code is not an error here.
    pub fn finish(mut self) -> Result<Finished> {
        let output = self.command.output().with_context(|| format!("could not start `{}`", self.line))?;
        let finished = Finished {
            success: output.status.success(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        if VERBOSE.load(Ordering::Relaxed) {
            println!("$ {}\n{}", self.line, finished.output());
        }
        Ok(finished)
    }

    /// Runs the program, shows its output if it fails, and returns its standard output.
    pub fn run(self) -> Result<String> {
        let line = self.line.clone();
        let finished = self.finish()?;
        if !finished.success {
            bail!("`{line}` failed:\n{}", finished.output());
        }
        Ok(finished.stdout)
    }

    /// Runs the program in the foreground and shows its output.
    pub fn show(mut self) -> Result<()> {
        let status = self
            .command
            .stdin(Stdio::inherit())
            .status()
            .with_context(|| format!("could not start `{}`", self.line))?;
        if !status.success() {
            bail!("`{}` ended with {status}", self.line);
        }
        Ok(())
    }
}

/// Runs one step and prints one line for it: the name, the result of `work`, the seconds.
pub fn step(name: &str, work: impl FnOnce() -> Result<String>) -> Result<()> {
    let started = Instant::now();
    let terminal = std::io::stdout().is_terminal();
    if terminal {
        print!("{name:<36} …");
        std::io::stdout().flush()?;
    }
    let result = work();
    if terminal {
        print!("\r");
    }
    let seconds = started.elapsed().as_secs_f64();
    match &result {
        Ok(said) => println!("{}", format!("{name:<36} {said:<32} {seconds:>6.1} s").trim_end()),
        Err(_) => println!("{name:<36} {:<32} {seconds:>6.1} s", "FAILED"),
    }
    result.map(|_| ())
}
