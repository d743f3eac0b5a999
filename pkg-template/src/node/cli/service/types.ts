/** A program with its arguments. */
export type CommandLine = readonly string[];

/** What is to be started at log-on. */
export interface ServiceProgram {
  /** node and the file of this program. */
  readonly program: CommandLine;
  /** The arguments of `ntlm-wasm`. */
  readonly args: CommandLine;
  readonly env: NodeJS.ProcessEnv;
}

export interface ServiceFile {
  readonly path: string;
  readonly content: string | Buffer;
}

/** What a system needs to run a program from log-on to log-off: a file, and the commands of its service manager. */
export interface ServiceManager {
  /** What people call it. */
  readonly name: string;
  readonly file: ServiceFile;
  /** Whether the service manager can be reached: a command that succeeds if so. */
  readonly reachable?: CommandLine;
  /** Stops an installed service before its file is replaced. It may fail, because the service need not run. */
  readonly replace?: readonly CommandLine[];
  /** Commands for each action, after the file was written and before it is removed. */
  readonly install: readonly CommandLine[];
  readonly uninstall: readonly CommandLine[];
  readonly start: readonly CommandLine[];
  readonly stop: readonly CommandLine[];
  readonly restart: readonly CommandLine[];
  readonly status: CommandLine;
  /** Prints the log, or the file that holds it. */
  readonly logs: CommandLine | { readonly file: string };
  /** Whether the hardened form works here: a command that succeeds if it does. */
  readonly probe?: CommandLine;
  /** The form without what the probe asks for. */
  readonly plain?: ServiceFile;
}
