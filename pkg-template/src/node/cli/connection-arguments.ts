import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { NtlmError } from '../../errors.js';
import type { ConnectionOptions } from '../options.js';
import { type Credentials, type CredentialsOption, environmentCredentials } from '../credentials/index.js';
import { accountName } from '../credentials/identity.js';
import { storedCredentials } from '../credentials/stored.js';
import { systemUserIfAvailable } from '../system-addon.js';
import { type CommandInput, NoPasswordError, type OptionSpecs, UsageError } from './command.js';
import { settings } from './settings.js';
import { askPassword, readPasswordFromInput } from './terminal.js';
import { toolProxy } from './tool-settings.js';
import { promptedUser } from './user-prompt.js';

/** The options of every command that opens connections. */
export const CONNECTION_OPTIONS: OptionSpecs = settings(
  'config',
  'proxy',
  'user',
  'domain',
  'workstation',
  'password-stdin',
  'sso',
  'server',
  'ca',
  'no-proxy',
  'fallback',
  'quiet',
  'verbose',
);

export const PASSWORD_NOTE =
  'The password is read from standard input (--password-stdin), NTLM_HASH (see "ntlm-wasm hash"), NTLM_PASSWORD or the ' +
  'key store (see "ntlm-wasm credential"). If --user is given and none of these has a password, it is prompted for.';

/** Credentials without a password. The error is thrown when a peer requires them. */
const noPassword = (): never => {
  throw new NtlmError('ERR_NTLM_CREDENTIALS_INCOMPLETE', 'there is a user name, but no password');
};

/**
 * Converts the options to connection options. May prompt for the password, and with `promptsForUser` for the user name if
 * there are no credentials. With `mayLackPassword`, a password that cannot be prompted for is an error only when a peer requires it.
 */
export async function connectionOptions(
  { options }: CommandInput,
  {
    promptsForUser = false,
    mayLackPassword = false,
    env = process.env,
  }: { promptsForUser?: boolean; mayLackPassword?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<ConnectionOptions> {
  const route = await proxyOptions(options, env);
  const user = promptsForUser ? await promptedUser(options, route, env) : undefined;
  const credentials = await credentialsOf(user === undefined ? options : { ...options, user }, env).catch(
    (error: unknown) => {
      if (!mayLackPassword || !(error instanceof NoPasswordError)) throw error;
      return options['sso'] === true ? 'system' : noPassword;
    },
  );
  const ca = options['ca'] === undefined ? undefined : readCertificates(String(options['ca']));
  return {
    ...route,
    ...(options['fallback'] === undefined ? {} : { fallback: fallbackOf(String(options['fallback'])) }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(options['server'] === undefined ? {} : { servers: options['server'] as string[] }),
    ...(ca === undefined ? {} : { tls: { ca: [...rootCertificates, ca] } }),
  };
}

/** The proxy and its exceptions. If nothing names a proxy, that of npm or git is used. */
async function proxyOptions(
  options: CommandInput['options'],
  env: NodeJS.ProcessEnv,
): Promise<Pick<ConnectionOptions, 'proxy' | 'noProxy'>> {
  const noProxy = options['no-proxy'] as string[] | undefined;
  if (options['proxy'] !== undefined) {
    return { proxy: String(options['proxy']), ...(noProxy === undefined ? {} : { noProxy }) };
  }
  const found = await toolProxy(env);
  if (found === undefined) return noProxy === undefined ? {} : { noProxy };
  if (options['quiet'] !== true) {
    process.stderr.write(
      `ntlm-wasm: no option, variable or system setting names a proxy; using the one in ${found.source}\n`,
    );
  }
  const variable = env['no_proxy'] ?? env['NO_PROXY'] ?? '';
  return { proxy: found.url, noProxy: [...found.noProxy, ...(variable === '' ? [] : [variable]), ...(noProxy ?? [])] };
}

function fallbackOf(text: string): 'direct' {
  if (text !== 'direct') throw new UsageError(`unknown fallback "${text}"`, 'write --fallback direct');
  return text;
}

/** Undefined: the environment and the proxy URL supply the credentials. */
async function credentialsOf(
  options: CommandInput['options'],
  env: NodeJS.ProcessEnv,
): Promise<CredentialsOption | undefined> {
  const named = await namedCredentials(options, env);
  if (options['sso'] === true) {
    const reserve = named ?? environmentCredentials(env);
    return reserve === undefined ? 'system' : ['system', reserve];
  }
  return named ?? (env['NTLM_USERNAME'] ? undefined : storedOrSystem());
}

/** Stored credentials take precedence over the current user, because they were stored on purpose. */
function storedOrSystem(): () => Promise<Credentials | 'system' | undefined> {
  const system = systemUserIfAvailable();
  return async () => (await storedCredentials())?.credentials ?? (await system());
}

/** Credentials of the command line, or of the environment if it has a user name but no secret. */
async function namedCredentials(
  options: CommandInput['options'],
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const fromInput = options['password-stdin'] === true;
  const given = (options['user'] as string | undefined) ?? env['NTLM_USERNAME'];
  const secretInEnvironment = env['NTLM_PASSWORD'] !== undefined || Boolean(env['NTLM_HASH']);
  const named = ['user', 'domain', 'workstation'].some((name) => options[name] !== undefined);
  if (!named && !fromInput) {
    if (given === undefined || secretInEnvironment) return undefined;
  }
  if (given === undefined || given === '')
    throw new UsageError('there is no user name', 'pass --user, or set NTLM_USERNAME');
  // Validated before the prompt shows it, because it may contain a password.
  const username = accountName(given);
  const domain = (options['domain'] as string | undefined) ?? env['NTLM_DOMAIN'];
  const workstation = (options['workstation'] as string | undefined) ?? env['NTLM_WORKSTATION'];
  return {
    username,
    ...(domain ? { domain } : {}),
    ...(workstation ? { workstation } : {}),
    ...(await secretOf(username, domain, fromInput, env)),
  };
}

async function secretOf(
  username: string,
  domain: string | undefined,
  fromInput: boolean,
  env: NodeJS.ProcessEnv,
): Promise<Pick<Credentials, 'password' | 'ntHash'>> {
  if (fromInput) return { password: await readPasswordFromInput() };
  if (env['NTLM_HASH']) return { ntHash: env['NTLM_HASH'] };
  if (env['NTLM_PASSWORD'] !== undefined) return { password: env['NTLM_PASSWORD'] };
  const stored = (await storedCredentials())?.credentials;
  if (stored !== undefined && isSameUser(stored, { username, domain })) {
    return stored.ntHash === undefined ? { password: stored.password as string } : { ntHash: stored.ntHash };
  }
  return { password: await askPassword(`Password of ${username}: `) };
}

/** Compares domains only if both are set. */
function isSameUser(stored: Credentials, wanted: { username: string; domain: string | undefined }): boolean {
  const [mine, theirs] = [stored, wanted].map(({ username = '', domain }) => {
    const [, before, name = username] = /^([^\\@]+)\\(.+)$/.exec(username) ?? [];
    return { name: name.toLowerCase(), domain: (domain ?? before)?.toLowerCase() };
  }) as [Name, Name];
  if (mine.name !== theirs.name) return false;
  return mine.domain === undefined || theirs.domain === undefined || mine.domain === theirs.domain;
}

interface Name {
  readonly name: string;
  readonly domain: string | undefined;
}

export function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the certificates in ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UsageError(`${file} contains no PEM certificate`, 'convert it with "openssl x509 -inform der -in FILE"');
  }
  return text;
}
