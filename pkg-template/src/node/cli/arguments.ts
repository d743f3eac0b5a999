import { parseArgs } from 'node:util';
import { type Command, type CommandInput, type OptionSpecs, quoted, UsageError } from './command.js';
import { nearest } from '../nearest.js';
import { readFileSync } from 'node:fs';

/** The options of every command. */
export const HELP_OPTIONS: OptionSpecs = {
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

/** Parses the arguments after the command name, or throws a `UsageError`. */
export function parseArguments(command: Command, args: readonly string[]): CommandInput {
  const specs: OptionSpecs = { ...command.options, ...HELP_OPTIONS };
  const end = args.indexOf('--');
  const own = end === -1 ? [...args] : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);
  if (command.takesProgram === true && end === -1) requireSeparator(command, specs, own);
  const { values, positionals } = parse(command, specs, own);
  return {
    options: values,
    // Without a program to run, `--` only ends the options.
    operands: command.takesProgram === true ? positionals : [...positionals, ...rest],
    program: command.takesProgram === true ? rest : [],
  };
}

/** Rejects a command without `--` in front of it, because its options would be parsed as options of ntlm-wasm. */
function requireSeparator(command: Command, specs: OptionSpecs, args: string[]): void {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { type, short }]) => [name, { type, ...(short === undefined ? {} : { short }) }]),
  );
  const { positionals } = parseArgs({ args, options, allowPositionals: true, strict: false });
  if (positionals.length === 0) return;
  throw new UsageError(
    'there is no -- in front of the command to run',
    `write it as: ntlm-wasm ${command.name} [options] -- npm --version (options after -- belong to the command)`,
  );
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
    // A common mistake: the message explains why there is no such option.
    if (/^--?pass(word|wd)?$/.test(name)) {
      return new UsageError(
        'passwords are not accepted on the command line, where other users of this machine can read them',
        'set NTLM_PASSWORD, use --password-stdin, or pass only --user to be prompted',
      );
    }
    const meant = nearest(name.replace(/^-+/, ''), Object.keys(specs));
    return new UsageError(
      `unknown option ${name}`,
      meant === undefined ? advice : `did you mean --${meant}? ${advice}`,
    );
  }
  // The first sentence of Node's message names the option; the rest is about JavaScript.
  return new UsageError(error.message.split('\n')[0]?.split('. ')[0] ?? error.message, advice);
}

function isKnown(rawName: string, specs: OptionSpecs): boolean {
  const name = rawName.replace(/^-+/, '');
  return rawName.startsWith('--') ? name in specs : Object.values(specs).some(({ short }) => short === name);
}

const LINE = 80;

/** The help of one command: examples first, the most common ones at the top. */
export function commandHelp(command: Command): string {
  const parts = [
    wrapped(`Usage: ntlm-wasm ${command.name} ${command.synopsis}`.trimEnd(), 4).trimStart(),
    wrapped(command.about, 0),
  ];
  if (command.examples.length > 0) {
    const examples = command.examples.map(([line, meaning]) => `  ${line}\n${wrapped(meaning, 6)}`);
    parts.push(`Examples:\n${examples.join('\n')}`);
  }
  parts.push(`Options:\n${optionLines({ ...command.options, ...HELP_OPTIONS })}`);
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

/** Wraps text into lines, each indented by `indent` spaces. Line breaks in the text are kept. */
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

/** Checks the URL of an operand. */
export function requireHttpUrl(text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return;
  // A name, or a name with a port, is a URL without its scheme.
  const isHost = /^[a-z0-9.-]+(:\d{1,5})?([/?#]|$)/i.test(text) && URL.canParse(`https://${text}`);
  const meant = isHost ? `did you mean ${new URL(`https://${text}`).href}?` : '';
  throw new UsageError(`${quoted(text)} is not an http: or https: URL`, meant);
}

/** Reads "127.0.0.1:3128", "[::1]:3128", "localhost:0" or "3128". */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):)?(\d{1,15})$/.exec(text);
  const port = Number(match?.[3]);
  const reason = port > 65_535 ? ': the port is above 65535' : '';
  if (match === null || reason !== '')
    throw new UsageError(`${quoted(text)} is not an address to listen on${reason}`, 'write it as 127.0.0.1:3128');
  return { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

/** Reads a file named on the command line. */
export function readNamedFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}
