import { writeFileSync } from 'node:fs';
import { demoAccount, type Scheme, type ServerOptions } from '../../server/options.js';
import { LOOPBACK_ONLY } from '../../server/forward.js';
import { startServer } from '../../server/index.js';
import { type Command, quoted, UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { parseListen } from '../arguments.js';
import { printable } from '../terminal.js';
import { untilStopped } from '../process.js';

const ROLES = ['proxy', 'origin', 'both', 'none'];

export const command: Command = {
  name: 'server',
  synopsis: '[options]',
  about:
    'Runs the built-in NTLM proxy and origin server on this machine, for experiments and tests. It serves /, /echo, /bytes/N, /slow?ms=N and /redirect?to=URL. As a proxy, it connects to this machine only.',
  options: {
    listen: {
      type: 'string',
      value: 'ADDRESS',
      help: 'loopback address and port; default 127.0.0.1:0 (any free port)',
    },
    role: {
      type: 'string',
      value: 'ROLE',
      choices: ROLES,
      help: 'what requires NTLM: proxy (the default), origin, both or none',
    },
    user: {
      type: 'string',
      short: 'u',
      value: 'NAME',
      help: `the account name; NTLM_PASSWORD is its password. Default: ${demoAccount.username}, password ${demoAccount.password}`,
    },
    scheme: {
      type: 'string',
      multiple: true,
      value: 'SCHEME',
      choices: ['Negotiate', 'NTLM'],
      help: 'Negotiate or NTLM; repeat it to offer both, in this order; default NTLM',
    },
    'per-request': { type: 'boolean', help: 'require authentication for each request' },
    tls: { type: 'boolean', help: 'serve TLS with a temporary self-signed certificate' },
    'certificate-out': {
      type: 'string',
      value: 'FILE',
      help: 'with --tls: write the certificate to a file, for clients to trust',
    },
    'require-channel-bindings': {
      type: 'boolean',
      help: 'with --tls: reject clients that send no channel bindings (EPA)',
    },
    quiet: { type: 'boolean', short: 'q', help: 'do not print the requests' },
  },
  examples: [
    ['ntlm-wasm server --listen 127.0.0.1:8080', 'run a proxy that requires NTLM'],
    [
      `curl --proxy-ntlm -U ${demoAccount.username}:${demoAccount.password} -x 127.0.0.1:8080 127.0.0.1:8080`,
      'send a request through it',
    ],
    ['ntlm-wasm server --role origin --tls --require-channel-bindings', 'run a server with extended protection'],
  ],
  async run({ options, operands }) {
    if (operands.length > 0) throw new UsageError(`unexpected ${quoted(operands[0])}`);
    const role = String(options['role'] ?? 'proxy');
    if (!ROLES.includes(role)) throw new UsageError(`"${role}" is not a role`, `write one of ${ROLES.join(', ')}`);
    const tls = options['tls'] === true;
    if (!tls && (options['certificate-out'] !== undefined || options['require-channel-bindings'] === true)) {
      throw new UsageError('--certificate-out and --require-channel-bindings require --tls');
    }
    const server = await startServer({
      ...parseListen(String(options['listen'] ?? '127.0.0.1:0')),
      role: role as NonNullable<ServerOptions['role']>,
      tls,
      schemes: schemesOf(options['scheme'] as string[] | undefined),
      authentication: options['per-request'] === true ? 'request' : 'connection',
      ...accountsOf(options['user'] as string | undefined),
      ...(options['require-channel-bindings'] === true ? { channelBindingPolicy: 'required' as const } : {}),
      ...(options['quiet'] === true ? {} : { log: (line) => void process.stderr.write(`${printable(line)}\n`) }),
    });
    try {
      writeCertificate(options['certificate-out'] as string | undefined, server.certificate ?? '');
      process.stdout.write(`${server.url}\n`);
      if (options['quiet'] !== true && options['user'] === undefined && role !== 'none') {
        process.stderr.write(`account ${demoAccount.username}, password ${demoAccount.password}; stop with Ctrl+C\n`);
      }
      if (options['quiet'] !== true && role !== 'origin') process.stderr.write(`${LOOPBACK_ONLY}\n`);
      if (options['quiet'] !== true && role === 'proxy' && !tls) {
        const user = String(options['user'] ?? demoAccount.username);
        // Other names need quotes, which differ by shell.
        if (/^[\w.@-]+$/.test(user)) {
          process.stderr.write(`try: ntlm-wasm diagnose -u ${user} -x ${server.url} ${server.url}/\n`);
        }
      }
      await untilStopped(() => server.close());
    } catch (error) {
      await server.close({ grace: 0 });
      throw error;
    }
    return ExitCode.ok;
  },
};

function writeCertificate(file: string | undefined, certificate: string): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, certificate);
  } catch (error) {
    throw new UsageError(`cannot write ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
}

function schemesOf(names: string[] = ['NTLM']): Scheme[] {
  return names.map((name) => {
    const scheme = (['Negotiate', 'NTLM'] as const).find((known) => known.toLowerCase() === name.toLowerCase());
    if (scheme === undefined) throw new UsageError(`"${name}" is not a scheme`, 'write Negotiate or NTLM');
    return scheme;
  });
}

function accountsOf(username: string | undefined): Pick<ServerOptions, 'accounts'> {
  if (username === undefined) return {};
  const password = process.env['NTLM_PASSWORD'];
  if (password === undefined) throw new UsageError(`NTLM_PASSWORD is not set: it supplies the password of ${username}`);
  return { accounts: { [username]: password } };
}
