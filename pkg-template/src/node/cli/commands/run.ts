import type { RelayedRequest } from '../../proxy/index.js';
import { startProxy } from '../../proxy/index.js';
import { knowsSocketOwners } from '../../proxy/same-user.js';
import { type Command, quoted, UsageError } from '../command.js';
import { survivors } from '../run/survivors.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE, readCertificates } from '../connection-arguments.js';
import { settings } from '../settings.js';
import { printable, requestLine } from '../terminal.js';
import { runChild } from '../run/child.js';
import { commandEnvironment } from '../run/environment.js';

export const command: Command = {
  name: 'run',
  synopsis: '[options] -- COMMAND [ARGUMENT...]',
  about:
    'Runs a command with its HTTP traffic authenticated to the proxy of this network. The command uses a local proxy with a secret, through the variables and settings that programs read. Examples are npm, pnpm, yarn, bun, deno, Node, pip, uv, conda, cargo, git, curl, wget, go and .NET. The local proxy stops with the command. The exit status is that of the command.',
  options: {
    ...settings('no-secret', 'secret-only'),
    ...CONNECTION_OPTIONS,
  },
  examples: [
    ['ntlm-wasm run -- npm install', "use the default proxy and user (in PowerShell, write '--' with quotes)"],
    ["ntlm-wasm run -u 'CORP\\alice' -x http://proxy:8080 -- pip install requests", 'prompt for the password'],
    ["ntlm-wasm run -u 'CORP\\alice' '--' pip install requests", 'the same quoting for PowerShell'],
    ['ntlm-wasm run --ca inspection.pem -- cargo fetch', 'trust the root certificate of a proxy that inspects TLS'],
    ['ntlm-wasm run -- sh', 'start a shell in which every command uses the proxy'],
  ],
  notes: PASSWORD_NOTE,
  takesProgram: true,
  async run(input) {
    const { options, operands, program } = input;
    if (program.length === 0) {
      throw new UsageError('there is no command to run', 'write it after --: ntlm-wasm run -- npm install');
    }
    if (operands.length > 0) throw new UsageError(`unexpected ${quoted(operands[0])} in front of --`);
    const secret = options['no-secret'] === true ? false : undefined;
    const sameUser = options['secret-only'] !== true && knowsSocketOwners();
    const proxy = await startProxy({
      ...(await connectionOptions(input, { promptsForUser: true })),
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
        const code = await runChild(program, env);
        if (options['quiet'] !== true) {
          for (const { name, pid } of await survivors(proxy.secret ?? proxy.url)) {
            process.stderr.write(
              `ntlm-wasm: ${printable(name)} (process ${pid}) is still running, without its proxy from now on; for such programs start "ntlm-wasm proxy"\n`,
            );
          }
        }
        return code;
      } finally {
        remove();
      }
    } finally {
      await proxy.close({ grace: 0 });
    }
  },
};

/** Prints every request with --verbose, otherwise each error code once, because the command rarely reports it. */
function reporter(verbose: boolean, quiet: boolean): (request: RelayedRequest) => void {
  const reported = new Set<string>();
  return (request) => {
    const { error } = request;
    const isNews = error !== undefined && !reported.has(error.code);
    if (error !== undefined) reported.add(error.code);
    if (verbose || (isNews && !quiet)) process.stderr.write(`ntlm-wasm: ${requestLine(request)}\n`);
  };
}
