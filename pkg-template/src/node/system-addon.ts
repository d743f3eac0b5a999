import type { HttpLegResponse, HttpScheme, HttpStep } from '../http-authenticator.js';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NtlmError } from '../errors.js';
import { version } from '../version.js';

/** The options of one handshake by the operating system. */
export interface SystemAuthenticatorOptions {
  readonly isProxy: boolean;
  /** The schemes in order of preference. Default: Negotiate, then NTLM. */
  readonly schemes?: readonly HttpScheme[] | undefined;
  /** The host of the service principal name HTTP/host. */
  readonly host: string;
  /** The service principal name, if it is not HTTP/host. */
  readonly targetName?: string | undefined;
  /** The server certificate (DER) for channel binding (RFC 5929, tls-server-end-point). */
  readonly certificate?: Uint8Array | undefined;
  /** Credentials of another user than the current one. */
  readonly credentials?: { readonly username: string; readonly password: string; readonly domain?: string } | undefined;
  /** The identity of the current user, and the ticket cache. GSS-API only. */
  readonly principal?: string | undefined;
  readonly credentialCache?: string | undefined;
}

/** The handshake of one connection, driven by the core, with the mechanisms of the operating system. */
export interface AddonAuthenticator {
  /** Returns the header value of the first leg. */
  begin(): Promise<string>;
  next(response: HttpLegResponse): Promise<HttpStep>;
  readonly authenticated: boolean;
  readonly scheme: HttpScheme | undefined;
  /** Whether the first token completes the handshake (a Kerberos ticket). */
  readonly last: boolean;
  /** The mechanism used, if the system reports it. */
  readonly mechanism: 'Kerberos' | 'NTLM' | undefined;
  /** The authenticated user, if the system reports it. */
  readonly identity: string | undefined;
  /** Frees contexts and credentials immediately, even while a call is pending. */
  close(): void;
}

/** One source of credentials for the current user. */
export interface SystemSurvey {
  readonly mechanism: 'Kerberos' | 'NTLM';
  /** The source: the ticket cache, winbind or Windows. */
  readonly source: string;
  readonly available: boolean;
  readonly identity?: string;
  /** Why the source is not usable, and what to do about it. */
  readonly reason?: string;
  readonly advice?: string;
}

/** The addon's exports. Blocking calls run off the main thread. */
export interface SystemAddon {
  readonly version: string;
  readonly HttpAuthenticator: new (options: SystemAuthenticatorOptions) => AddonAuthenticator;
  /** Lists the credentials that this user has, without network access. */
  survey(): Promise<SystemSurvey[]>;
  /** Windows: returns the proxies for a URL in PAC syntax, from any configuration source. */
  proxyFor?(url: string): Promise<string>;
  /** The name of the system's key store. */
  readonly KEY_STORE_NAME?: string;
  readSecret?(name: string): Promise<string | null>;
  writeSecret?(name: string, label: string, secret: string): Promise<boolean>;
  deleteSecret?(name: string): Promise<boolean>;
  /** Linux: returns the user ID that created the peer's socket of a local connection, or null. */
  socketOwner?(peerAddress: string, peerPort: number, address: string, port: number): number | null;
  /** Counts the system objects of this process, for tests. */
  alive(): { contexts: number; credentials: number };
}

/** One attempt to load the addon, and why it failed. */
export interface LoadAttempt {
  readonly tried: string;
  readonly reason: string;
}

let loaded: SystemAddon | undefined;

/**
 * Loads the addon for SSPI or GSS-API. It is loaded only for single sign-on; explicit credentials never need it.
 */
export function loadAddon(): SystemAddon {
  const found = findAddon();
  if ('addon' in found) return found.addon;
  const tried = found.attempts.map((attempt) => `${attempt.tried}: ${attempt.reason}`).join('; ');
  throw new NtlmError(
    'ERR_NTLM_SSO_UNAVAILABLE',
    `single sign-on needs the addon for this system, which cannot be loaded (${tried})`,
    {
      advice:
        'install it with "npm install ntlm-wasm --include=optional", or give a user name and a password instead; see docs/single-sign-on.md',
    },
  );
}

/** Loads the addon, or returns the failed attempts instead of throwing. Only success is cached. */
export function findAddon(): { addon: SystemAddon } | { attempts: LoadAttempt[] } {
  if (loaded !== undefined) return { addon: loaded };
  const attempts: LoadAttempt[] = [];
  for (const { tried, path } of candidates()) {
    try {
      loaded = usable(requireHere()(path));
      return { addon: loaded };
    } catch (error) {
      attempts.push({ tried, reason: reasonOf(error) });
    }
  }
  return { attempts };
}

function candidates(): { tried: string; path: string }[] {
  const file = process.env['NTLM_ADDON'];
  const names = packageNames(process.platform, process.arch);
  const packages = names.map((name) => ({ tried: name, path: name }));
  // If the command is a single file, or the program a bundle, the addon may be next to it.
  const beside = names
    .map((name) => join(dirname(hereFile()), `${name}.node`))
    .filter((path) => existsSync(path))
    .map((path) => ({ tried: path, path }));
  const named = file ? [{ tried: `NTLM_ADDON=${file}`, path: resolve(file) }] : [];
  return [...named, ...beside, ...packages];
}

/** Returns the candidate packages, best first. npm installs the matching one, but other installers may install another. */
function packageNames(platform: string, arch: string): string[] {
  const name = `ntlm-wasm-${platform}-${arch}`;
  if (platform !== 'linux') return [name];
  return usesMusl() ? [`${name}-musl`, `${name}-gnu`] : [`${name}-gnu`, `${name}-musl`];
}

/** Detects musl by the loader named in the header of the running program, because both libraries may be installed. */
function usesMusl(): boolean {
  try {
    const file = openSync('/proc/self/exe', 'r');
    try {
      const head = Buffer.alloc(4096);
      readSync(file, head, 0, head.length, 0);
      return head.includes('/ld-musl-');
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

/** Returns the file of this code, or the main program if a bundler removed `import.meta`. */
function hereFile(): string {
  const here = import.meta.url as string | undefined;
  return here?.startsWith('file:') === true ? fileURLToPath(here) : resolve(process.argv[1] ?? 'index.js');
}

/** Loads files next to the published module. */
export function requireHere(): NodeJS.Require {
  return createRequire(hereFile());
}

/** Checks that the addon and this package have the same version. */
function usable(candidate: unknown): SystemAddon {
  const addon = candidate as Partial<SystemAddon> | null;
  if (typeof addon?.HttpAuthenticator !== 'function' || typeof addon.survey !== 'function') {
    throw new Error('it is no addon of ntlm-wasm');
  }
  if (addon.version !== version()) {
    throw new Error(`it has version ${addon.version}, and ${version()} is needed`);
  }
  return addon as SystemAddon;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') return 'it is not installed';
  return String(message).split('\n', 1)[0] as string;
}

/** Milliseconds for which the survey is cached. Credentials can change (`kinit`), but not between the connections of a page. */
const MEMORY = 5_000;

/**
 * Returns a function that resolves with 'system' if the addon is installed and the current user has credentials; otherwise with
 * undefined. The check runs on demand, because most programs never need it, and is cached for a few seconds.
 */
export function systemUserIfAvailable(): () => Promise<'system' | undefined> {
  let answer: { value: Promise<'system' | undefined>; time: number } | undefined;
  return () => {
    if (answer === undefined || Date.now() - answer.time > MEMORY) answer = { value: ask(), time: Date.now() };
    return answer.value;
  };
}

async function ask(): Promise<'system' | undefined> {
  const found = findAddon();
  if (!('addon' in found)) return undefined;
  const ways = await found.addon.survey().catch(() => []);
  return ways.some(({ available }) => available) ? 'system' : undefined;
}
