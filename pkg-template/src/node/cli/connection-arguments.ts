import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { ConnectionOptions } from '../options.js';
import { type Credentials, type CredentialsOption, environmentCredentials } from '../credentials/index.js';
import { systemUserIfAvailable } from '../system-addon.js';
import { type CommandInput, type OptionSpecs, UsageError } from './command.js';
import { askPassword, readPasswordFromInput } from './terminal.js';

/** The options of every command that connects to something. */
export const CONNECTION_OPTIONS: OptionSpecs = {
  proxy: {
    type: 'string',
    short: 'x',
    value: 'URL',
    help: 'the proxy: http://host:port, "PROXY a:8080; DIRECT", pac+http://…, direct, environment, or system, which is the default: HTTPS_PROXY and its kin, then the settings of the operating system',
  },
  user: {
    type: 'string',
    short: 'u',
    value: 'NAME',
    help: 'user name, also DOMAIN\\name or name@domain; default NTLM_USERNAME',
  },
  domain: { type: 'string', value: 'NAME', help: 'domain of the user; default NTLM_DOMAIN' },
  workstation: { type: 'string', value: 'NAME', help: 'name of this machine to report; default NTLM_WORKSTATION' },
  'password-stdin': { type: 'boolean', help: 'read the password from the first line of standard input' },
  sso: {
    type: 'boolean',
    help: 'sign on as the user who is logged on, with a Kerberos ticket or by NTLM; a name and a password, if given too, are for where the system has nothing. Without any name this is tried by itself',
  },
  server: {
    type: 'string',
    multiple: true,
    value: 'ORIGIN',
    help: 'an origin that may see the credentials, such as https://intranet.corp.example or *.corp.example; may be given again',
  },
  ca: {
    type: 'string',
    value: 'FILE',
    help: 'certificates (PEM) to trust beside the usual ones, such as that of TLS inspection',
  },
  quiet: { type: 'boolean', short: 'q', help: 'say nothing but errors' },
  verbose: { type: 'boolean', short: 'v', help: 'say what happens' },
};

export const PASSWORD_NOTE =
  'The password comes from NTLM_PASSWORD (or its hash from NTLM_HASH, see "ntlm-wasm hash"), from standard input with ' +
  '--password-stdin, or is asked for at the terminal when --user is given. It is never taken from the command line.';

/** What the options mean for connections. May ask for the password. */
export async function connectionOptions(
  { options }: CommandInput,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ConnectionOptions> {
  const credentials = await credentialsOf(options, env);
  const ca = options['ca'] === undefined ? undefined : readCertificates(String(options['ca']));
  return {
    ...(options['proxy'] === undefined ? {} : { proxy: String(options['proxy']) }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(options['server'] === undefined ? {} : { servers: options['server'] as string[] }),
    ...(ca === undefined ? {} : { tls: { ca: [...rootCertificates, ca] } }),
  };
}

/** Undefined: the environment and the proxy's URL are asked, as everywhere. */
async function credentialsOf(
  options: CommandInput['options'],
  env: NodeJS.ProcessEnv,
): Promise<CredentialsOption | undefined> {
  const named = await namedCredentials(options, env);
  if (options['sso'] === true) {
    const reserve = named ?? environmentCredentials(env);
    return reserve === undefined ? 'system' : ['system', reserve];
  }
  return named ?? (env['NTLM_USERNAME'] ? undefined : systemUserIfAvailable());
}

/** Those of the command line, and of the environment where it has a name but no secret. */
async function namedCredentials(
  options: CommandInput['options'],
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const fromInput = options['password-stdin'] === true;
  const username = (options['user'] as string | undefined) ?? env['NTLM_USERNAME'];
  const secretInEnvironment = env['NTLM_PASSWORD'] !== undefined || Boolean(env['NTLM_HASH']);
  const named = ['user', 'domain', 'workstation'].some((name) => options[name] !== undefined);
  if (!named && !fromInput) {
    if (username === undefined || secretInEnvironment) return undefined;
  }
  if (username === undefined || username === '')
    throw new UsageError('there is no user name', 'give --user, or set NTLM_USERNAME');
  const domain = (options['domain'] as string | undefined) ?? env['NTLM_DOMAIN'];
  const workstation = (options['workstation'] as string | undefined) ?? env['NTLM_WORKSTATION'];
  return {
    username,
    ...(domain ? { domain } : {}),
    ...(workstation ? { workstation } : {}),
    ...(await secretOf(username, fromInput, env)),
  };
}

async function secretOf(
  username: string,
  fromInput: boolean,
  env: NodeJS.ProcessEnv,
): Promise<Pick<Credentials, 'password' | 'ntHash'>> {
  if (fromInput) return { password: await readPasswordFromInput() };
  if (env['NTLM_HASH']) return { ntHash: env['NTLM_HASH'] };
  if (env['NTLM_PASSWORD'] !== undefined) return { password: env['NTLM_PASSWORD'] };
  return { password: await askPassword(`Password of ${username}: `) };
}

export function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the certificates in ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(
      `${file} holds no certificate in PEM form`,
      'convert it with "openssl x509 -inform der -in FILE"',
    );
  }
  return text;
}
