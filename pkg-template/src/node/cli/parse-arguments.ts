import { parseArgs } from 'node:util';
import type { Command, CommandInput, OptionSpecs } from './command.js';
import { nearest } from './nearest.js';
import { UsageError } from './usage-error.js';

/** Every command has these. */
export const HELP_OPTIONS: OptionSpecs = {
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

/** Reads the arguments behind the name of a command, or says what is wrong with them. */
export function parseArguments(command: Command, args: readonly string[]): CommandInput {
  const specs: OptionSpecs = { ...command.options, ...HELP_OPTIONS };
  const end = args.indexOf('--');
  const own = end === -1 ? [...args] : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);
  const { values, positionals } = parse(command, specs, own);
  return {
    options: values,
    // Without a program to run, `--` only says that what follows is no option.
    operands: command.takesProgram === true ? positionals : [...positionals, ...rest],
    program: command.takesProgram === true ? rest : [],
  };
}

function parse(
  command: Command,
  specs: OptionSpecs,
  args: string[],
): { values: CommandInput['options']; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values as CommandInput['options'], positionals };
  } catch (error) {
    throw explained(command, specs, args, error as NodeJS.ErrnoException);
  }
}

function explained(command: Command, specs: OptionSpecs, args: string[], error: NodeJS.ErrnoException): Error {
  const advice = `see "ntlm-wasm ${command.name} --help"`;
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const { tokens } = parseArgs({ args, options: {}, allowPositionals: true, strict: false, tokens: true });
    const unknown = tokens.find((token) => token.kind === 'option' && !isKnown(token.rawName, specs));
    const name = unknown?.kind === 'option' ? unknown.rawName : '';
    // Asked for often, and refused for a reason that deserves its own words.
    if (/^--?pass(word|wd)?$/.test(name)) {
      return new UsageError(
        'a password is never taken from the command line, where every user of this machine can read it',
        'set NTLM_PASSWORD, use --password-stdin, or just give --user and be asked',
      );
    }
    const meant = nearest(name.replace(/^-+/, ''), Object.keys(specs));
    return new UsageError(
      `unknown option ${name}`,
      meant === undefined ? advice : `did you mean --${meant}? ${advice}`,
    );
  }
  // Node's own sentence names the option; what follows it is about JavaScript.
  return new UsageError(error.message.split('\n')[0]?.split('. ')[0] ?? error.message, advice);
}

function isKnown(rawName: string, specs: OptionSpecs): boolean {
  const name = rawName.replace(/^-+/, '');
  return rawName.startsWith('--') ? name in specs : Object.values(specs).some(({ short }) => short === name);
}
