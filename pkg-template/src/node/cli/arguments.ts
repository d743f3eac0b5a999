import { parseArgs } from 'node:util';
import { type Command, type CommandInput, type OptionSpecs, quoted, UsageError } from './command.js';
import { nearest } from '../nearest.js';
import { readFileSync } from 'node:fs';

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

const LINE = 96;

/** The help of one command. */
export function commandHelp(command: Command): string {
  const parts = [
    `Usage: ntlm-wasm ${command.name} ${command.synopsis}`.trimEnd(),
    wrapped(command.about, 0),
    `Options:\n${optionLines({ ...command.options, ...HELP_OPTIONS })}`,
  ];
  if (command.examples.length > 0) {
    parts.push(`Examples:\n${command.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}`).join('\n')}`);
  }
  if (command.notes !== undefined) parts.push(wrapped(command.notes, 0));
  return `${parts.join('\n\n')}\n`;
}

function optionLines(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, { short, value, help }]) => {
    const front = short === undefined ? '    ' : `-${short}, `;
    return [`${front}--${name}${value === undefined ? '' : ` ${value}`}`, help] as const;
  });
  const width = Math.max(...rows.map(([front]) => front.length)) + 2;
  return rows.map(([front, help]) => `  ${front.padEnd(width)}${wrapped(help, width + 2).trimStart()}`).join('\n');
}

/** Breaks text into lines, each with that many blanks in front; line breaks in the text stay. */
export function wrapped(text: string, indent: number, width = LINE): string {
  const front = ' '.repeat(indent);
  return text
    .split('\n')
    .map((paragraph) => {
      const lines: string[] = [];
      let line = '';
      for (const word of paragraph.split(' ')) {
        if (line !== '' && indent + line.length + 1 + word.length > width) {
          lines.push(line);
          line = word;
        } else {
          line = line === '' ? word : `${line} ${word}`;
        }
      }
      lines.push(line);
      return lines.map((one) => front + one).join('\n');
    })
    .join('\n');
}

/** Reads "127.0.0.1:3128", "[::1]:3128", "localhost:0" or "3128". */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new UsageError(`${quoted(text)} is no address to listen on`, 'write it as 127.0.0.1:3128');
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

/** The content of a file that the command line names. */
export function readNamedFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
