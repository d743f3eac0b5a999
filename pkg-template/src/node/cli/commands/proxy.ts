import type { RelayedRequest } from '../../proxy/index.js';
import { startProxy } from '../../proxy/index.js';
import { type Command, quoted, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE } from '../connection-arguments.js';
import { ExitCode } from '../exit-codes.js';
import { parseListen } from '../arguments.js';
import { untilStopped, writePidFile } from '../process.js';
import { settings } from '../settings.js';
import { requestLine } from '../terminal.js';

export const command: Command = {
  name: 'proxy',
  synopsis: '[options]',
  about:
    'Runs a proxy on this machine that signs on to the real one, for programs that cannot do that themselves. It prints its URL, which holds the secret that its callers must show; other machines cannot reach it.',
  options: {
    listen: { type: 'string', short: 'l', value: 'ADDRESS', help: 'loopback address and port; default 127.0.0.1:3128' },
    ...settings('no-secret', 'secret-only'),
    'pid-file': { type: 'string', value: 'FILE', help: 'where to write the number of this process' },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    [
      'ntlm-wasm proxy --user CORP\\\\alice --proxy http://proxy.corp.example:8080',
      'asks for the password, then serves until Ctrl-C',
    ],
    ['ntlm-wasm proxy --listen 127.0.0.1:0 --quiet > url.txt', 'any free port, for a script'],
  ],
  notes: `${PASSWORD_NOTE}\nThe secret is a new one each time, unless NTLM_WASM_SECRET holds it.`,
  async run(input) {
    const { options, operands } = input;
    if (operands.length > 0)
      throw new UsageError(
        `unexpected ${quoted(operands[0])}`,
        'to run a command behind the proxy, use "ntlm-wasm run"',
      );
    const secret = options['no-secret'] === true ? false : process.env['NTLM_WASM_SECRET'] || undefined;
    const quiet = options['quiet'] === true;
    const proxy = await startProxy({
      ...(await connectionOptions(input)),
      ...parseListen(String(options['listen'] ?? '127.0.0.1:3128')),
      ...(secret === undefined ? {} : { secret }),
      sameUser: options['secret-only'] !== true,
      onRequest: (request: RelayedRequest) => {
        if (!quiet) process.stderr.write(`${requestLine(request)}\n`);
      },
    });
    const pidFile = options['pid-file'] as string | undefined;
    try {
      const removePidFile = pidFile === undefined ? undefined : writePidFile(pidFile);
      process.stdout.write(`${proxy.url}\n`);
      await untilStopped(() => proxy.close());
      removePidFile?.();
    } catch (error) {
      await proxy.close({ grace: 0 });
      throw error;
    }
    return ExitCode.ok;
  },
};
