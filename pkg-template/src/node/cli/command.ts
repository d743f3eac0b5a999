import { withoutUserinfo } from '../url.js';

/** One option of a command: for the parser, and for the help. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** How the value is called in the help: "URL". A "FILE" is completed as one. */
  readonly value?: string;
  /** All values that there are, if they can be counted. */
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A command as its module describes it. */
export interface Command {
  readonly name: string;
  /** Behind the name in the usage line: "[options] URL". */
  readonly synopsis: string;
  /** What it does, in a sentence or a few. */
  readonly about: string;
  readonly options: OptionSpecs;
  /** All operands that there are, if they can be counted. */
  readonly choices?: readonly string[];
  /** Each with what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** At the end of the help. */
  readonly notes?: string;
  /** Everything behind `--` is another program's. */
  readonly takesProgram?: boolean;
  /** `all` are the commands of the program, itself among them. */
  run(input: CommandInput, all: CommandTable): Promise<number>;
}

/** Commands, each with the module that is loaded when it is asked for. */
export type CommandTable = Readonly<Record<string, { about: string; load: () => Promise<{ command: Command }> }>>;

export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | string[] | undefined>>;
  readonly operands: readonly string[];
  /** What stood behind `--`. */
  readonly program: readonly string[];
  /** The same command line with the configuration file as it is now. */
  readonly reread?: (() => Promise<CommandInput>) | undefined;
}

/** The command line is wrong: said in a sentence, with where to look. */
export class UsageError extends Error {
  readonly advice: string;

  constructor(message: string, advice = '') {
    super(message);
    this.name = 'UsageError';
    this.advice = advice;
  }
}

/** What was typed, to be repeated in a sentence: a URL may hold a password, in whatever place it was typed. */
export function quoted(text = ''): string {
  return `"${withoutUserinfo(text)}"`;
}
