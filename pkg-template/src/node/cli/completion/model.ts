import type { CommandTable, OptionSpec } from '../command.js';
import { HELP_OPTIONS } from '../arguments.js';

/** The completions of a command, derived from its definition. */
export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  readonly operands: readonly string[];
  /** Whether the words after `--` are another program and its arguments. */
  readonly takesProgram: boolean;
}

export interface CompletedOption {
  readonly name: string;
  readonly short: string | undefined;
  /** The spellings: `--proxy`, `-x`. */
  readonly forms: readonly string[];
  /** The first clause of the help. */
  readonly help: string;
  readonly value: 'none' | 'file' | 'choice' | 'other';
  /** The placeholder of the value: "URL". */
  readonly valueName: string;
  readonly choices: readonly string[];
  readonly multiple: boolean;
}

export async function completedCommands(all: CommandTable): Promise<CompletedCommand[]> {
  const commands = await Promise.all(
    Object.entries(all).map(async ([name, { about, load }]) => {
      const { options, choices = [], takesProgram = false } = (await load()).command;
      const specs = Object.entries({ ...options, ...HELP_OPTIONS });
      return { name, about, options: specs.map(completedOption), operands: choices, takesProgram };
    }),
  );
  const names = commands.map(({ name }) => name);
  const help = { name: 'help', about: 'the help of a command', options: [], operands: names, takesProgram: false };
  return [...commands, help];
}

function completedOption([name, spec]: [string, OptionSpec]): CompletedOption {
  const { type, short, choices = [], value, multiple = false } = spec;
  return {
    name,
    short,
    forms: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
    help: spec.help.split(/[;:.] |, such as/, 1)[0] as string,
    value: type === 'boolean' ? 'none' : choices.length > 0 ? 'choice' : value === 'FILE' ? 'file' : 'other',
    valueName: value ?? '',
    choices,
    multiple,
  };
}
