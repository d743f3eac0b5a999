import { resolve } from 'node:path';
import type { RelayedRequest } from '../../proxy/index.js';
import { startProxy } from '../../proxy/index.js';
import { type Command, UsageError } from '../command.js';
import { CONNECTION_OPTIONS, connectionOptions, PASSWORD_NOTE, readCertificates } from '../connection-arguments.js';
import { requestLine } from '../terminal.js';
import { runChild } from '../run/child.js';
import { javaVariables, proxyVariables, withhold } from '../run/proxy-variables.js';
import { type Trust, trustVariables } from '../run/trust.js';

export const command: Command = {
  name: 'run',
  synopsis: '[options] -- COMMAND [ARGUMENT...]',
  about:
    'Runs a command whose requests go through the proxy of this network, signed on. A local proxy does it, on a port and behind a secret that only the command is told, through the variables that npm, pnpm, yarn, bun, deno, Node, pip, uv, conda, cargo, git, curl, wget, go, .NET and others read. When the command ends, everything is gone; its exit status is the one of this program.',
  options: {
    'no-secret': {
      type: 'boolean',
      help: 'let every program of this machine use the local proxy while it runs; Java needs that',
    },
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
    const proxy = await startProxy({
      ...(await connectionOptions(input)),
      ...(secret === undefined ? {} : { secret }),
      onRequest: reporter(options['verbose'] === true, options['quiet'] === true),
    });
    const trust = trustOf(options['ca'] as string | undefined);
    try {
      const env: NodeJS.ProcessEnv = {
        ...process.env,
        ...proxyVariables(proxy.url, process.env),
        ...(secret === false ? javaVariables(proxy.host, proxy.port, process.env) : {}),
        ...trust?.variables,
      };
      withhold(env);
      return await runChild(program, env);
    } finally {
      trust?.remove();
      await proxy.close({ grace: 0 });
    }
  },
};

function trustOf(file: string | undefined): Trust | undefined {
  // The command may run in another folder.
  return file === undefined ? undefined : trustVariables(readCertificates(file), resolve(file), process.env);
}

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
