import type { CommandTable, OptionSpec } from '../command.js';
import { HELP_OPTIONS } from '../arguments.js';

/** What can be typed, for the scripts: read off the commands themselves, so that there is no second list. */
export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  readonly operands: readonly string[];
  /** Behind `--` stands another program with its arguments. */
  readonly takesProgram: boolean;
}

export interface CompletedOption {
  readonly name: string;
  readonly short: string | undefined;
  /** As it is typed: `--proxy`, `-x`. */
  readonly forms: readonly string[];
  /** Its first clause, which fits beside it. */
  readonly help: string;
  readonly value: 'none' | 'file' | 'choice' | 'other';
  /** How the value is called: "URL". */
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
