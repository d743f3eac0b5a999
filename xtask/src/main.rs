//! The developer commands: `cargo xtask <command>`.
//!
//! A fresh clone needs only Rust, Node and npm. Each command installs what else it needs,
//! or prints the command to type.

mod addon;
mod bench;
mod build;
mod ci;
mod coverage;
mod debian;
mod demo;
mod dependencies;
mod fuzz;
mod lab;
mod layers;
mod mutants;
mod peers;
mod places;
mod platforms;
mod prose;
mod release;
mod run;
mod stamp;
mod suites;
mod text;
mod tools;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Developer commands of ntlm-wasm.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Show the output of every program that is run, not only of those that fail.
    #[arg(long, short, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Build the package and show an NTLM handshake through the built-in proxy.
    Demo,
    /// Install the test dependencies and run all suites.
    Test {
        /// Only the suites whose name contains one of these words.
        only: Vec<String>,
        /// Name the suites and stop.
        #[arg(long)]
        list: bool,
    },
    /// Build the package into pkg/ and its tarball.
    Build,
    /// Build the addon for single sign-on into pkg-native/: for this platform, the named ones, or all.
    Addon {
        /// A platform, such as win32-x64, or its Rust target.
        #[arg(long)]
        target: Vec<String>,
        /// All platforms, as they are published.
        #[arg(long)]
        all: bool,
    },
    /// Run the benchmarks against other packages and the targets; the report is written to target/bench.
    Bench {
        /// Finish within three minutes: fewer and shorter rounds, smaller bodies.
        #[arg(long)]
        quick: bool,
        /// Also write the report and its charts into the documentation.
        #[arg(long)]
        write: bool,
        /// Only these parts: tokens, cold, sizes, connections, memory, proxies.
        only: Vec<String>,
    },
    /// Search for inputs that violate a guarantee of the core, for the given minutes per target.
    Fuzz {
        #[arg(long, default_value_t = 1.0)]
        minutes: f64,
        /// Only these targets.
        only: Vec<String>,
    },
    /// Accept the page as it looks now: replace the pictures that the browser tests compare with.
    Pictures,
    /// Measure how much of the core its tests cover.
    Coverage,
    /// Change the core in one place at a time and check that a test fails.
    Mutants {
        /// Only these files.
        only: Vec<String>,
    },
    /// Check everything that a release needs: versions, changelog, package contents.
    Release {
        /// Upload nothing. Required, because only the release workflow publishes.
        #[arg(long)]
        dry_run: bool,
    },
    /// Start, stop or show the real servers of the interop tests.
    Lab {
        /// up, down or status; anything else is passed on as it is.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run the test suites of other projects without and with the package, and compare.
    Peers {
        /// A folder with the sources of each suite.
        #[arg(long)]
        sources: std::path::PathBuf,
        /// Only these suites: node, undici, got, superagent, needle, request, ws, node-fetch, follow-redirects.
        only: Vec<String>,
    },
    /// Check the style and the spelling of documents, comments and messages.
    Prose {
        /// Only these files or folders.
        only: Vec<String>,
    },
    /// Format, lints, layering, no_std builds, documentation and package checks.
    Ci,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run::set_verbose(arguments.verbose);
    let result = match arguments.command {
        Command::Demo => demo::demo(),
        Command::Test { only, list } => suites::test(&only, list),
        Command::Build => build::build(),
        Command::Addon { target, all } => addon::addon(&target, all),
        Command::Bench { quick, write, only } => bench::bench(quick, write, &only),
        Command::Fuzz { minutes, only } => fuzz::fuzz(minutes, &only),
        Command::Pictures => suites::accept_pictures(),
        Command::Coverage => coverage::coverage(),
        Command::Mutants { only } => mutants::mutants(&only),
        Command::Release { dry_run } => release::release(dry_run),
        Command::Lab { arguments } => lab::lab(&arguments),
        Command::Peers { sources, only } => peers::peers(&sources, &only),
        Command::Prose { only } => prose::check(&only).map(|summary| println!("{summary}")),
        Command::Ci => ci::ci(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
