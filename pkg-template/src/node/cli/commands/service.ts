import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { deleteProxySecret, storedProxySecret } from '../../credentials/stored.js';
import { parseListen } from '../arguments.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { usualPlace } from '../configuration.js';
import { ExitCode } from '../exit-codes.js';
import { type CommandLine, type ServiceManager, serviceManager } from '../service/manager.js';
import { SETTINGS, settings } from '../settings.js';
import { printable } from '../terminal.js';

const ACTIONS = ['install', 'uninstall', 'start', 'stop', 'restart', 'status', 'logs'] as const;
type Action = (typeof ACTIONS)[number];

export const command: Command = {
  name: 'service',
  synopsis: `[options] ${ACTIONS.join('|')}`,
  about:
    'Runs the local proxy while the user is logged on. It is a systemd user unit on Linux, a launchd agent on macOS, or a scheduled task on Windows. It reads its settings from the configuration file, its password from the key store, and reloads the file when it changes. Its port and secret do not change.',
  options: {
    'dry-run': { type: 'boolean', help: 'print the file and the commands without changing anything' },
    ...settings('config', 'listen'),
  },
  choices: ACTIONS,
  examples: [
    ['ntlm-wasm service install', 'start the proxy now and at every log-on'],
    ['ntlm-wasm service status', 'print upstream, user, client count, last errors and the URL'],
    ['ntlm-wasm config init', 'before the installation: create a configuration file'],
    ["ntlm-wasm credential set --user 'CORP\\alice'", 'before the installation: store the password'],
  ],
  notes: `On Linux, the service requires systemd 247 or later and reads its variables from ${dirname(usualPlace(process.env, 'linux'))}/environment. "loginctl enable-linger" starts it without a log-on.`,
  async run(input) {
    const [action = '', ...more] = input.operands;
    if (!(ACTIONS as readonly string[]).includes(action) || more.length > 0) {
      const wrong = action === '' ? 'there is no action' : `unexpected ${quoted(more[0] ?? action)}`;
      throw new UsageError(wrong, `write one of ${ACTIONS.join(', ')}`);
    }
    const manager = serviceManager({ program: thisProgram(), args: argumentsOf(input), env: process.env });
    if (manager === undefined) throw new UsageError(`there is no service manager for ${process.platform}`);
    return perform(action as Action, manager, input);
  },
};

/** The absolute paths of node and of this program. */
function thisProgram(): string[] {
  return [process.execPath, resolve(process.argv[1] ?? 'ntlm-wasm')];
}

function argumentsOf({ options }: CommandInput): string[] {
  const config = options['config'] as string | undefined;
  const listen = options['listen'] as string | undefined;
  return [
    'proxy',
    '--stored-secret',
    ...(config === undefined ? [] : ['--config', resolve(config)]),
    ...(listen === undefined ? [] : ['--listen', listen]),
  ];
}

async function perform(action: Action, manager: ServiceManager, input: CommandInput): Promise<number> {
  const dryRun = input.options['dry-run'] === true;
  if (action === 'install') return install(manager, dryRun);
  if (action === 'uninstall') return uninstall(manager, dryRun);
  if (action === 'logs') return logs(manager, dryRun);
  if (action === 'status') return status(manager, input, dryRun);
  if (!dryRun && !existsSync(manager.file.path)) throw notInstalled();
  return execute(manager[action], dryRun);
}

function install(manager: ServiceManager, dryRun: boolean): number {
  const { probe, plain } = manager;
  let { file } = manager;
  if (!dryRun && probe !== undefined && plain !== undefined && spawnSync(probe[0] ?? '', probe.slice(1)).status !== 0) {
    process.stderr.write(
      'ntlm-wasm: this system does not allow user namespaces: the unit is installed without some isolation\n',
    );
    file = plain;
  }
  if (dryRun) {
    const text =
      typeof file.content === 'string' ? file.content : file.content.toString('utf16le').replace(/^\ufeff/, '');
    process.stdout.write(`# ${file.path}\n${text}\n`);
    return execute(manager.install, true);
  }
  try {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.content, { mode: 0o600 });
    chmodSync(file.path, 0o600);
  } catch (error) {
    throw new UsageError(`cannot write ${file.path} (${(error as NodeJS.ErrnoException).code})`);
  }
  return execute(manager.install, false);
}

async function uninstall(manager: ServiceManager, dryRun: boolean): Promise<number> {
  if (!dryRun && !existsSync(manager.file.path)) throw notInstalled();
  const status = execute(manager.uninstall, dryRun);
  if (dryRun) {
    process.stdout.write(`remove ${manager.file.path}\n`);
    return status;
  }
  rmSync(manager.file.path, { force: true });
  await deleteProxySecret();
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
async function status(manager: ServiceManager, { options }: CommandInput, dryRun: boolean): Promise<number> {
  const code = execute([manager.status], dryRun);
  if (dryRun) return code;
  const { host, port } = parseListen(String(options['listen'] ?? SETTINGS['listen']?.default));
  const secret = await storedProxySecret();
  const { readStatus, statusText } = await import('../service/status.js');
  const page = await readStatus({ host, port, secret });
  process.stdout.write(`\n${printableLines(statusText(page))}`);
  return 'error' in page ? ExitCode.failed : code;
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
