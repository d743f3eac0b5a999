import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  deleteProxySecret,
  ensureProxySecret,
  storedCredentials,
  storedProxySecret,
} from '../../credentials/stored.js';
import { parseListen } from '../arguments.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { configurationFile, usualPlace } from '../configuration.js';
import { ExitCode } from '../exit-codes.js';
import { type CommandLine, type ServiceManager, serviceManager } from '../service/manager.js';
import type { StatusPage } from '../service/status.js';
import { SETTINGS, settings } from '../settings.js';
import { readJournal } from '../setup/journal.js';
import { printable } from '../terminal.js';

const ACTIONS = ['install', 'uninstall', 'start', 'stop', 'restart', 'status', 'logs', 'url'] as const;
type Action = (typeof ACTIONS)[number];

export const command: Command = {
  name: 'service',
  synopsis: `[options] ${ACTIONS.join('|')}`,
  about:
    'Runs the local proxy while the user is signed in. It is a systemd user unit on Linux, a launchd agent on macOS, or a scheduled task on Windows. It reads its settings from the configuration file, its password from the key store, and reloads the file when it changes. Its port and secret do not change.',
  options: {
    'dry-run': { type: 'boolean', help: 'print the file and the commands without changing anything' },
    ...settings('config', 'listen', 'no-secret'),
  },
  choices: ACTIONS,
  examples: [
    ['ntlm-wasm service install', 'start the proxy now and at every log-on'],
    ['ntlm-wasm service status', 'print upstream, user, client count and last errors'],
    ['ntlm-wasm service url', 'print the URL of the proxy with its secret, for the settings of other programs'],
    ['ntlm-wasm config init', 'before the installation: create a configuration file'],
    ["ntlm-wasm credential set --user 'CORP\\alice'", 'before the installation: store the password'],
  ],
  notes: `On Linux, the service requires systemd 247 or later and reads its variables from ${dirname(usualPlace(process.env, 'linux'))}/environment. It cannot write to the home folder; its log is the journal. "loginctl enable-linger" starts it without a log-on.`,
  readsConfigurationLater: true,
  async run(input) {
    const [action = '', ...more] = input.operands;
    if (!(ACTIONS as readonly string[]).includes(action) || more.length > 0) {
      const wrong = action === '' ? 'there is no action' : `unexpected ${quoted(more[0] ?? action)}`;
      throw new UsageError(wrong, `write one of ${ACTIONS.join(', ')}`);
    }
    if (action === 'url') return url(await configured(input));
    const manager = serviceManager({ program: thisProgram(), args: argumentsOf(input), env: process.env });
    if (manager === undefined) throw new UsageError(`there is no service manager for ${process.platform}`);
    return perform(action as Exclude<Action, 'url'>, manager, input);
  },
};

/** The absolute paths of node and of this program. */
function thisProgram(): string[] {
  return [process.execPath, resolve(process.argv[1] ?? 'ntlm-wasm')];
}

/** The service reads the configuration file itself: only options of this command line become arguments. */
function argumentsOf({ options }: CommandInput): string[] {
  const config = configurationFile(options);
  const listen = options['listen'] as string | undefined;
  return [
    'proxy',
    '--stored-secret',
    ...(options['no-secret'] === true ? ['--no-secret'] : []),
    ...(config?.required === true ? ['--config', resolve(config.file)] : []),
    ...(listen === undefined ? [] : ['--listen', listen]),
  ];
}

/** The settings of the command line and of the configuration file. */
async function configured(input: CommandInput): Promise<CommandInput> {
  return (await input.reread?.()) ?? input;
}

async function perform(action: Exclude<Action, 'url'>, manager: ServiceManager, input: CommandInput): Promise<number> {
  const dryRun = input.options['dry-run'] === true;
  if (action === 'install') return install(manager, input, dryRun);
  if (!dryRun && !existsSync(manager.file.path)) throw notInstalled();
  if (action === 'uninstall') return uninstall(manager, dryRun);
  if (action === 'logs') return logs(manager, dryRun);
  if (action === 'status') return status(manager, input, dryRun);
  return execute(manager[action], dryRun);
}

async function install(manager: ServiceManager, input: CommandInput, dryRun: boolean): Promise<number> {
  const { probe, plain, reachable } = manager;
  let { file } = manager;
  if (dryRun) {
    const text =
      typeof file.content === 'string' ? file.content : file.content.toString('utf16le').replace(/^\ufeff/, '');
    process.stdout.write(`# ${file.path}\n${text}\n`);
    return execute(manager.install, true);
  }
  if (reachable !== undefined && spawnSync(reachable[0] ?? '', reachable.slice(1)).status !== 0) {
    throw new UsageError(
      `${manager.name} does not run for this user here`,
      'sign in as the user instead of using su or sudo; in a container or without systemd, start "ntlm-wasm proxy --stored-secret" by other means',
    );
  }
  if (probe !== undefined && plain !== undefined && spawnSync(probe[0] ?? '', probe.slice(1)).status !== 0) {
    process.stderr.write(
      'ntlm-wasm: this system does not allow user namespaces: the unit is installed without some isolation\n',
    );
    file = plain;
  }
  const settled = await configured(input);
  await prepare(settled);
  if (existsSync(file.path)) execute(manager.replace ?? [], false);
  try {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.content, { mode: 0o600 });
    chmodSync(file.path, 0o600);
  } catch (error) {
    throw new UsageError(`cannot write ${file.path} (${(error as NodeJS.ErrnoException).code})`);
  }
  const code = execute(manager.install, false);
  return code === ExitCode.ok ? untilItAnswers(settled) : code;
}

/** Does what the service cannot do, because it has no write access and no terminal. */
async function prepare({ options }: CommandInput): Promise<void> {
  const note = (text: string): void => void process.stderr.write(`ntlm-wasm: ${printable(text)}\n`);
  const config = configurationFile(options)?.file;
  // The service watches the folder of its configuration file.
  if (config !== undefined) mkdirSync(dirname(config), { recursive: true, mode: 0o700 });
  if (config === undefined || !existsSync(config)) {
    note('there is no configuration file yet: "ntlm-wasm config init" writes one');
  }
  if ((await storedCredentials()) === undefined) {
    note(
      'no password is stored, so the service can only sign in as the current user: see "ntlm-wasm credential --help"',
    );
  }
  if (options['no-secret'] !== true) await ensureProxySecret();
}

/** Milliseconds until a started service must answer. */
const START_LIMIT = 10_000;

async function untilItAnswers(input: CommandInput): Promise<number> {
  const end = Date.now() + START_LIMIT;
  let page = await ask(input);
  while ('error' in page && Date.now() < end) {
    await delay(100);
    page = await ask(input);
  }
  if (!('error' in page)) {
    process.stdout.write(`the local proxy runs at ${await urlOf(input, false)}\n`);
    return ExitCode.ok;
  }
  process.stderr.write(`ntlm-wasm: ${printable(page.error)}: see "ntlm-wasm service logs"\n`);
  return ExitCode.failed;
}

async function uninstall(manager: ServiceManager, dryRun: boolean): Promise<number> {
  const status = execute(manager.uninstall, dryRun);
  if (dryRun) {
    process.stdout.write(`remove ${manager.file.path}\n`);
    return status;
  }
  rmSync(manager.file.path, { force: true });
  await deleteProxySecret();
  const users = [...new Set(readJournal().map(({ tool }) => tool))];
  if (users.length > 0) {
    process.stderr.write(
      `ntlm-wasm: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} still set up for the local proxy: "ntlm-wasm setup --undo" restores the settings\n`,
    );
  }
  return status;
}

function logs({ logs }: ServiceManager, dryRun: boolean): number {
  if (!('file' in logs)) return execute([logs], dryRun);
  if (dryRun) process.stdout.write(`print ${logs.file}\n`);
  else if (existsSync(logs.file)) process.stdout.write(readFileSync(logs.file));
  else throw new UsageError(`there is no log yet: ${logs.file}`);
  return ExitCode.ok;
}

/** Prints the status from the service manager and from the status page of the proxy. */
async function status(manager: ServiceManager, input: CommandInput, dryRun: boolean): Promise<number> {
  const code = execute([manager.status], dryRun);
  if (dryRun) return code;
  const { statusText } = await import('../service/status.js');
  const page = await ask(await configured(input));
  process.stdout.write(`\n${printableLines(statusText(page))}`);
  return 'error' in page ? ExitCode.failed : code;
}

async function ask({ options }: CommandInput): Promise<StatusPage> {
  const { readStatus } = await import('../service/status.js');
  const secret = options['no-secret'] === true ? undefined : await storedProxySecret();
  return readStatus({ ...listens(options), secret });
}

async function url(input: CommandInput): Promise<number> {
  process.stdout.write(`${await urlOf(input, true)}\n`);
  return ExitCode.ok;
}

async function urlOf({ options }: CommandInput, withSecret: boolean): Promise<string> {
  const { host, port } = listens(options);
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const at = `${name.includes(':') ? `[${name}]` : name}:${port}`;
  if (!withSecret || options['no-secret'] === true) return `http://${at}`;
  const secret = await storedProxySecret();
  if (secret === undefined) throw notInstalled();
  return `http://ntlm-wasm:${secret}@${at}`;
}

function listens(options: CommandInput['options']): { host: string; port: number } {
  return parseListen(String(options['listen'] ?? SETTINGS['listen']?.default));
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Runs the commands in order. Returns `failed` if any of them fails. */
function execute(commands: readonly CommandLine[], dryRun: boolean): number {
  let code: number = ExitCode.ok;
  for (const [program = '', ...args] of commands) {
    if (dryRun) {
      process.stdout.write(`${[program, ...args].join(' ')}\n`);
      continue;
    }
    const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
    if (error !== undefined) {
      throw new UsageError(
        `cannot run ${program} (${(error as NodeJS.ErrnoException).code})`,
        'check that the service manager is installed',
      );
    }
    if (status !== 0) code = ExitCode.failed;
  }
  return code;
}

function notInstalled(): UsageError {
  return new UsageError('the service is not installed', 'type "ntlm-wasm service install"');
}
