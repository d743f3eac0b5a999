import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { withoutUserinfo } from '../../url.js';
import { readNamedFile } from '../arguments.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import {
  configurationFile,
  readConfiguration,
  type Configuration,
  type Environment,
  type SettingValue,
  usualPlace,
} from '../configuration.js';
import { ExitCode } from '../exit-codes.js';
import { CONFIGURABLE, SETTINGS, settings, type SettingName, VARIABLES } from '../settings.js';
import { printable, printableJson, styler } from '../terminal.js';

const FORCE = { type: 'boolean', help: 'init, import: replace an existing file' } as const;

export const command: Command = {
  name: 'config',
  synopsis: '[options] [init | import FILE]',
  about:
    'Prints every setting, its value and its source: default, configuration file and line, variable or option. Secrets are hidden.\n"config init" writes a commented configuration file with the proxy and user found on this machine. "config import" converts the configuration of cntlm (cntlm.conf) or px (px.ini).',
  options: {
    json: { type: 'boolean', help: 'print JSON' },
    print: { type: 'boolean', help: 'init, import: print the file instead of writing it' },
    force: FORCE,
    ...settings('config', ...(CONFIGURABLE as SettingName[])),
  },
  choices: ['init', 'import'],
  examples: [
    ['ntlm-wasm config', 'print the effective settings and their sources'],
    ['ntlm-wasm config init', 'create a configuration file to edit'],
    ['ntlm-wasm config import /etc/cntlm.conf', 'migrate from cntlm'],
  ],
  notes: `The file is ${usualPlace()}, unless --config or NTLM_WASM_CONFIG names another one. Options override variables, and variables override the file. Keys have the names of the options.`,
  async run(input) {
    const [action, file, ...more] = input.operands;
    if (action === undefined) return print(input);
    if (action === 'init' && file === undefined) {
      const { configurationText, detected } = await import('../config-file.js');
      const { values, remarks } = await detected();
      return write(input, configurationText(values, remarks));
    }
    if (action === 'import' && file !== undefined && more.length === 0) return importFile(input, file);
    if (action === 'import' && file === undefined) throw new UsageError('there is no file to import');
    throw new UsageError(`unexpected ${quoted(file === undefined ? action : (more[0] ?? file))}`, HELP);
  },
};

const HELP = 'see "ntlm-wasm config --help"';

async function importFile(input: CommandInput, file: string): Promise<number> {
  const [{ configurationText }, { importCntlm, importPx }] = await Promise.all([
    import('../config-file.js'),
    import('../config-import.js'),
  ]);
  const text = readNamedFile(file).toString('utf8');
  const { values, notes } =
    /\.ini$/i.test(basename(file)) || /^\s*\[\w+\]/m.test(text) ? importPx(text) : importCntlm(text);
  if (values.size === 0) throw new UsageError(`${file} contains no cntlm or px setting`, HELP);
  const status = write(input, configurationText(values));
  for (const note of notes) process.stderr.write(`ntlm-wasm: ${printable(note)}\n`);
  return status;
}

function write({ options }: CommandInput, text: string): number {
  if (options['print'] === true) {
    process.stdout.write(text);
    return ExitCode.ok;
  }
  const file = configurationFile(options)?.file ?? usualPlace();
  if (existsSync(file) && options['force'] !== true)
    throw new UsageError(
      `${file} exists already`,
      'print the new one with --print, or replace the old one with --force',
    );
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`cannot write ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  process.stdout.write(`${file}\n`);
  return ExitCode.ok;
}

interface Row {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

async function print({ options }: CommandInput): Promise<number> {
  const configuration = await readConfiguration(options);
  const rows = await rowsOf(options, configuration, process.env);
  if (options['json'] === true) {
    process.stdout.write(printableJson({ file: configuration?.file ?? null, settings: rows }));
    return ExitCode.ok;
  }
  const dress = styler(process.stdout);
  const searched = configurationFile(options)?.file;
  const about =
    configuration === undefined
      ? `No configuration file${searched === undefined ? '' : ` (${searched} does not exist)`}`
      : `Configuration file: ${configuration.file}`;
  const widths = [0, 1].map((column) =>
    Math.min(48, Math.max(...rows.map(({ name, value }) => [name, value][column]?.length ?? 0))),
  );
  const lines = rows.map(({ name, value, origin }) => {
    const text = `${name.padEnd(widths[0] ?? 0)}  ${printable(value).padEnd(widths[1] ?? 0)}  `;
    return origin === 'default' ? dress('dim', `${text}${origin}`) : `${text}${printable(origin)}`;
  });
  process.stdout.write(`${printable(about)}\n\n${lines.join('\n')}\n`);
  return ExitCode.ok;
}

async function rowsOf(
  options: CommandInput['options'],
  configuration: Configuration | undefined,
  env: Environment,
): Promise<Row[]> {
  const lines =
    configuration === undefined
      ? new Map<string, number>()
      : (await import('../toml-positions.js')).linesOfKeys(configuration.text);
  const rows = CONFIGURABLE.map((name): Row => {
    const { variable, default: usual = '' } = SETTINGS[name] ?? {};
    const given = options[name];
    if (given !== undefined) return { name, value: shown(name, given), origin: `option --${name}` };
    if (variable !== undefined && env[variable]) {
      return { name, value: shown(name, env[variable]), origin: `variable ${variable}` };
    }
    const value = configuration?.values.get(name);
    if (value === undefined) return { name, value: usual, origin: 'default' };
    return { name, value: shown(name, value), origin: `${configuration?.file}:${lines.get(name) ?? 1}` };
  });
  const names = VARIABLES.flatMap(({ name, isSecret = false }) =>
    name.split(', ').map((one) => ({ name: one, isSecret })),
  );
  for (const { name, isSecret } of names) {
    for (const spelling of isSecret ? [name] : [...new Set([name.toLowerCase(), name])]) {
      const value = env[spelling];
      if (value) rows.push({ name: spelling, value: isSecret ? HIDDEN : withoutUserinfo(value), origin: 'variable' });
    }
  }
  return rows;
}

const HIDDEN = '(hidden)';

function shown(name: string, value: SettingValue): string {
  if (Array.isArray(value)) return value.map((one) => shown(name, one)).join(', ');
  const { hides } = SETTINGS[name] ?? {};
  if (hides === 'password') return withoutUserinfo(String(value)).replace(/[^\s,;/]*@/g, '');
  if (hides === 'value') return String(value).replace(/:.*$/s, `: ${HIDDEN}`);
  return hides === 'everything' ? HIDDEN : String(value);
}
