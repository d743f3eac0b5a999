import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { type Command, type CommandInput, type OptionSpec, UsageError } from './command.js';
import { nearest } from '../nearest.js';
import { CONFIGURABLE, SETTINGS } from './settings.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type SettingValue = string | boolean | string[];

/** A parsed configuration file. */
export interface Configuration {
  readonly file: string;
  readonly text: string;
  readonly values: ReadonlyMap<string, SettingValue>;
}

/** The standard location of the configuration file on this platform. */
export function usualPlace(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') {
    const folder = env['APPDATA'] || win32.join(env['USERPROFILE'] ?? homedir(), 'AppData', 'Roaming');
    return win32.join(folder, 'ntlm-wasm', 'config.toml');
  }
  const home = env['HOME'] || homedir();
  if (platform === 'darwin') return posix.join(home, 'Library/Application Support/ntlm-wasm/config.toml');
  const folder = env['XDG_CONFIG_HOME'];
  return posix.join(folder?.startsWith('/') === true ? folder : posix.join(home, '.config'), 'ntlm-wasm/config.toml');
}

/** The file to read, and whether it must exist. An empty NTLM_WASM_CONFIG means no file. */
export function configurationFile(
  options: CommandInput['options'],
  env: Environment = process.env,
): { file: string; required: boolean } | undefined {
  const given = (options['config'] as string | undefined) ?? env['NTLM_WASM_CONFIG'];
  if (given === undefined) return { file: usualPlace(env), required: false };
  return given === '' ? undefined : { file: given, required: true };
}

/** Reads and checks the configuration file, if there is one. */
export async function readConfiguration(
  options: CommandInput['options'],
  env: Environment = process.env,
): Promise<Configuration | undefined> {
  const place = configurationFile(options, env);
  if (place === undefined) return undefined;
  const { file, required } = place;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new UsageError(`cannot read the configuration file ${file} (${code})`, 'see "ntlm-wasm config --help"');
  }
  return parseConfiguration(text, file);
}

export async function parseConfiguration(text: string, file: string): Promise<Configuration> {
  const { parseToml } = await import('./toml.js');
  const values = new Map<string, SettingValue>();
  for (const [name, value] of Object.entries(parseToml(text, file))) {
    const spec = CONFIGURABLE.includes(name) ? SETTINGS[name] : undefined;
    if (spec === undefined) throw await unknownKey(name, text, file);
    const checked = checkedValue(value, spec);
    if (checked === undefined) throw await atLine(name, text, file, `${name} is ${kindOf(value)}`, expected(spec));
    if (spec.choices !== undefined && !spec.choices.includes(String(checked))) {
      throw await atLine(name, text, file, `${name} has an unknown value`, `write one of ${spec.choices.join(', ')}`);
    }
    values.set(name, checked);
  }
  return { file, text, values };
}

function checkedValue(value: unknown, { type, multiple }: OptionSpec): SettingValue | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined;
  const list = multiple === true && Array.isArray(value) ? value : [value];
  const texts = list.map((one) => (typeof one === 'number' ? String(one) : one));
  if (!texts.every((one): one is string => typeof one === 'string')) return undefined;
  return multiple === true ? texts : texts[0];
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a table' : `a ${typeof value}`;
}

function expected({ type, multiple }: OptionSpec): string {
  if (type === 'boolean') return 'write true or false';
  return multiple === true ? 'write a string in quotes, or a list of strings' : 'write a string in quotes';
}

async function unknownKey(name: string, text: string, file: string): Promise<UsageError> {
  if (/^pass(word|wd)?$|^(nt-?)?hash$/.test(name)) {
    const advice = 'remove it, and store the password with "ntlm-wasm credential set"';
    return atLine(name, text, file, 'a password is not allowed in this file', advice);
  }
  const meant = nearest(name, CONFIGURABLE);
  const advice = meant === undefined ? 'see "ntlm-wasm config --help" for the keys' : `did you mean "${meant}"?`;
  return atLine(name, text, file, `unknown key "${name}"`, advice);
}

async function atLine(key: string, text: string, file: string, message: string, advice: string): Promise<UsageError> {
  const { linesOfKeys } = await import('./toml-positions.js');
  return new UsageError(`${file}:${linesOfKeys(text).get(key) ?? 1}: ${message}`, advice);
}

/**
 * Adds settings that the command line does not set, from the variables and then from the configuration file. The variables
 * of user name, domain and workstation are read later, with the credentials; here they only override the file.
 */
export function withConfiguration(
  command: Command,
  input: CommandInput,
  configuration: Configuration | undefined,
  env: Environment = process.env,
): CommandInput {
  const options: Record<string, SettingValue | undefined> = { ...input.options };
  for (const [name, spec] of Object.entries(command.options)) {
    const setting = SETTINGS[name];
    // Options of the same name in other commands may have another meaning.
    if (setting !== spec || options[name] !== undefined || setting.onlyOnCommandLine === true) continue;
    const { variable } = setting;
    const fromVariable = variable === undefined ? undefined : env[variable] || undefined;
    if (fromVariable === undefined) options[name] = configuration?.values.get(name);
    else if (name === 'proxy') options[name] = fromVariable;
  }
  return { ...input, options };
}
