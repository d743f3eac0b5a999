import type { RelayedRequest } from '../../proxy/index.js';
import { startProxy } from '../../proxy/index.js';
import { knowsSocketOwners } from '../../proxy/same-user.js';
import { type Command, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE, readCertificates } from '../connection-arguments.js';
import { settings } from '../settings.js';
import { requestLine } from '../terminal.js';
import { runChild } from '../run/child.js';
import { commandEnvironment } from '../run/environment.js';

export const command: Command = {
  name: 'run',
  synopsis: '[options] -- COMMAND [ARGUMENT...]',
  about:
    'Runs a command whose requests go through the proxy of this network, signed on. A local proxy does it, on a port and behind a secret that only the command is told, through the variables that npm, pnpm, yarn, bun, deno, Node, pip, uv, conda, cargo, git, curl, wget, go, .NET and others read. When the command ends, everything is gone; its exit status is the one of this program.',
  options: {
    ...settings('no-secret', 'secret-only'),
    ...CONNECTION_OPTIONS,
  },
  examples: [
    ['ntlm-wasm run -- npm install', 'with NTLM_USERNAME and NTLM_PASSWORD, through the proxy of HTTPS_PROXY'],
    [
      'ntlm-wasm run --user CORP\\\\alice --proxy http://proxy:8080 -- pip install requests',
      'asks for the password first',
    ],
    ['ntlm-wasm run --ca inspection.pem -- cargo fetch', 'where TLS is inspected'],
    ['ntlm-wasm run -- sh', 'a shell in which everything works'],
  ],
  notes: PASSWORD_NOTE,
  takesProgram: true,
  async run(input) {
    const { options, operands, program } = input;
    if (program.length === 0 || operands.length > 0) {
      throw new UsageError('there is no command to run', 'write -- in front of it: ntlm-wasm run -- npm install');
    }
    const secret = options['no-secret'] === true ? false : undefined;
    const sameUser = options['secret-only'] !== true && knowsSocketOwners();
    const proxy = await startProxy({
      ...(await connectionOptions(input)),
      ...(secret === undefined ? {} : { secret }),
      sameUser,
      onRequest: reporter(options['verbose'] === true, options['quiet'] === true),
    });
    try {
      const { env, hints, remove } = commandEnvironment({
        program,
        proxy: { url: proxy.url, host: proxy.host, port: proxy.port, secret: proxy.secret, admitsUser: sameUser },
        certificates: options['ca'] === undefined ? undefined : readCertificates(String(options['ca'])),
      });
      try {
        if (options['quiet'] !== true) for (const hint of hints) process.stderr.write(`ntlm-wasm: ${hint}\n`);
        return await runChild(program, env);
      } finally {
        remove();
      }
    } finally {
      await proxy.close({ grace: 0 });
    }
  },
};

/** Everything when asked for; otherwise each kind of trouble once, since the command itself will hardly name it. */
function reporter(verbose: boolean, quiet: boolean): (request: RelayedRequest) => void {
  const told = new Set<string>();
  return (request) => {
    const { error } = request;
    const isNews = error !== undefined && !told.has(error.code);
    if (error !== undefined) told.add(error.code);
    if (verbose || (isNews && !quiet)) process.stderr.write(`ntlm-wasm: ${requestLine(request)}\n`);
  };
}
