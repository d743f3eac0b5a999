import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ensureProxySecret } from '../../credentials/stored.js';
import { type RunningProxy, startProxy } from '../../proxy/index.js';
import { withoutUserinfo } from '../../url.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { configurationFile } from '../configuration.js';
import { CONNECTION_OPTIONS, PASSWORD_NOTE } from '../connection-arguments.js';
import { ExitCode } from '../exit-codes.js';
import { Logger } from '../logger.js';
import { untilStopped, writePidFile } from '../process.js';
import { listenOptions, logOptions, proxyOptions } from '../proxy-arguments.js';
import { settings } from '../settings.js';

export const command: Command = {
  name: 'proxy',
  synopsis: '[options]',
  about:
    'Runs a local proxy that authenticates to the real one, for programs without NTLM support. It prints its URL, which contains the secret that clients must send. Other machines can connect only with --listen and --allow.',
  options: {
    ...settings(
      'listen',
      'allow',
      'no-secret',
      'secret-only',
      'stored-secret',
      'socks',
      'forward',
      'header',
      'user-agent',
      'log-level',
      'log-format',
      'log-file',
      'pid-file',
    ),
    ...CONNECTION_OPTIONS,
  },
  examples: [
    [
      "ntlm-wasm proxy --user 'CORP\\alice' --proxy http://proxy.corp.example:8080",
      'prompt for the password, then serve until Ctrl-C',
    ],
    ['ntlm-wasm proxy --listen 0.0.0.0:3128 --allow 172.17.0.0/16', 'also serve Docker containers'],
    ['ntlm-wasm proxy --listen 127.0.0.1:0 --quiet > url.txt', 'use any free port, for a script'],
    ['ntlm-wasm proxy --socks 1080 --forward 2222:git.corp.example:22', 'also serve SOCKS5 and forward a port'],
  ],
  notes: `${PASSWORD_NOTE}\nEach start creates a new secret, unless NTLM_WASM_SECRET or --stored-secret supplies one; the URL is then printed without it. The proxy reloads its configuration on SIGHUP and when the configuration file changes. It serves /status, /status.json and /metrics to clients that send the secret.`,
  async run(input) {
    const { options, operands } = input;
    if (operands.length > 0)
      throw new UsageError(
        `unexpected ${quoted(operands[0])}`,
        'to run a command through the proxy, use "ntlm-wasm run"',
      );
    const logger = new Logger(logOptions(input));
    const unwatch = logger.level === 'debug' ? (await import('../leg-printer.js')).watchLegs() : undefined;
    const secret = await secretOf(options);
    const proxy = await startProxy({
      ...(await proxyOptions(input)),
      ...listenOptions(input),
      ...(secret === undefined ? {} : { secret }),
      sameUser: options['secret-only'] !== true,
      onRequest: (request) => logger.request(request),
    });
    const pidFile = options['pid-file'] as string | undefined;
    let stopWatching: (() => void) | undefined;
    try {
      const removePidFile = pidFile === undefined ? undefined : writePidFile(pidFile);
      // A secret that the caller supplied is not printed, because output may end up in a log.
      const given = typeof secret === 'string';
      for (const url of [proxy.url, proxy.socksUrl]) {
        if (url !== undefined) process.stdout.write(`${given ? withoutUserinfo(url) : url}\n`);
      }
      stopWatching = reloadOnChange(input, proxy, logger);
      await untilStopped(() => proxy.close());
      removePidFile?.();
    } catch (error) {
      await proxy.close({ grace: 0 });
      throw error;
    } finally {
      stopWatching?.();
      unwatch?.();
      logger.close();
    }
    return ExitCode.ok;
  },
};

/** Undefined: the proxy creates a new secret. */
async function secretOf(options: CommandInput['options']): Promise<string | false | undefined> {
  if (options['no-secret'] === true) return false;
  const given = process.env['NTLM_WASM_SECRET'] || undefined;
  if (given !== undefined || options['stored-secret'] !== true) return given;
  return ensureProxySecret();
}

/** Milliseconds to wait, because editors replace a file in several steps. */
const SETTLED = 300;

/** Reloads on SIGHUP and when the configuration file changes. An invalid configuration is ignored. */
function reloadOnChange(input: CommandInput, proxy: RunningProxy, logger: Logger): () => void {
  let listening = JSON.stringify(listenOptions(input));
  const reload = async (): Promise<void> => {
    try {
      logger.reopen();
      const fresh = (await input.reread?.()) ?? input;
      proxy.reload(await proxyOptions(fresh));
      logger.message('info', 'the configuration was reloaded');
      const now = JSON.stringify(listenOptions(fresh));
      if (now !== listening) logger.message('warn', 'changes to listen, socks and forward take effect after a restart');
      listening = now;
    } catch (error) {
      const { message, advice = '' } = error as { message: string; advice?: string };
      logger.message('error', `the configuration was not reloaded: ${message}${advice === '' ? '' : `; ${advice}`}`);
    }
  };
  const onSignal = (): void => void reload();
  if (process.platform !== 'win32') process.on('SIGHUP', onSignal);
  const stop = watchFile(configurationFile(input.options)?.file, onSignal);
  return () => {
    process.off('SIGHUP', onSignal);
    stop();
  };
}

function watchFile(file: string | undefined, onChange: () => void): () => void {
  if (file === undefined) return () => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    // Watches the folder, because a replaced file is a new file.
    const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
      if (name !== null && name !== basename(file)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, SETTLED);
    });
    watcher.on('error', () => {});
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    // The folder does not exist.
    return () => {};
  }
}
