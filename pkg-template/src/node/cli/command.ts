import { withoutUserinfo } from '../url.js';

/** One option of a command: for the parser, and for the help. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The placeholder of the value in the help: "URL". "FILE" enables file name completion. */
  readonly value?: string;
  /** All accepted values, if the set is fixed. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A command, as described by its module. */
export interface Command {
  readonly name: string;
  /** The usage line after the name: "[options] URL". */
  readonly synopsis: string;
  /** What the command does, in one to three sentences. */
  readonly about: string;
  readonly options: OptionSpecs;
  /** All accepted operands, if the set is fixed. */
  readonly choices?: readonly string[];
  /** Command lines with an explanation. The two most common uses come first. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Printed at the end of the help. */
  readonly notes?: string;
  /** The command calls `reread` itself, because it has actions that an invalid configuration file must not prevent. */
  readonly readsConfigurationLater?: boolean;
  /** Whether the words after `--` are another program and its arguments. */
  readonly takesProgram?: boolean;
  /** @param all every command of the program, including this one. */
  run(input: CommandInput, all: CommandTable): Promise<number>;
}

/** Commands, each with a loader for its module. */
export type CommandTable = Readonly<Record<string, { about: string; load: () => Promise<{ command: Command }> }>>;

export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | string[] | undefined>>;
  readonly operands: readonly string[];
  /** The words after `--`. */
  readonly program: readonly string[];
  /** Reads the configuration file again and applies it to the same command line. */
  readonly reread?: (() => Promise<CommandInput>) | undefined;
}

/** An error in the command line, with advice on how to correct it. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(message: string, advice = '') {
    super(message);
    this.name = 'UsageError';
    this.advice = advice;
  }
}

/** The password is missing, and there is no terminal to ask for it. */
export class NoPasswordError extends UsageError {
  constructor() {
    super(
      'there is no terminal to ask for the password',
      'store it with "ntlm-wasm credential set", set NTLM_PASSWORD, or use --password-stdin',
    );
    this.name = 'NoPasswordError';
  }
}

/** Quotes user input for a message. Removes the user name and password of a URL, wherever the URL was typed. */
export function quoted(text = ''): string {
  return `"${withoutUserinfo(text)}"`;
}
