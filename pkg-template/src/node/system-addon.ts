import type { HttpLegResponse, HttpScheme, HttpStep } from '../http-authenticator.js';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NtlmError } from '../errors.js';
import { version } from '../version.js';

/** What one dialogue with the operating system's own mechanisms is about. */
export interface SystemAuthenticatorOptions {
  readonly isProxy: boolean;
  /** In order of preference. Default: Negotiate, then NTLM. */
  readonly schemes?: readonly HttpScheme[] | undefined;
  /** The service is HTTP/host. */
  readonly host: string;
  /** The service principal name instead. */
  readonly targetName?: string | undefined;
  /** The server's certificate (DER), to which the handshake is bound (RFC 5929, tls-server-end-point). */
  readonly certificate?: Uint8Array | undefined;
  /** Somebody else than the user who is logged on. */
  readonly credentials?: { readonly username: string; readonly password: string; readonly domain?: string } | undefined;
  /** Which of the user's own identities, and from which cache of tickets. GSS-API only. */
  readonly principal?: string | undefined;
  readonly credentialCache?: string | undefined;
}

/** The dialogue of one connection, led by the same core as everywhere, over the mechanisms of the operating system. */
export interface AddonAuthenticator {
  /** The value of the first leg's header. */
  begin(): Promise<string>;
  next(response: HttpLegResponse): Promise<HttpStep>;
  readonly authenticated: boolean;
  readonly scheme: HttpScheme | undefined;
  /** What `begin` gave says everything: a Kerberos ticket. */
  readonly last: boolean;
  /** What it came to, where the system tells. */
  readonly mechanism: 'Kerberos' | 'NTLM' | undefined;
  /** Who was signed on, where the system tells. */
  readonly identity: string | undefined;
  /** Frees contexts and credentials now; also while a call is pending. */
  close(): void;
}

/** One way for this user to sign on here. */
export interface SystemSurvey {
  readonly mechanism: 'Kerberos' | 'NTLM';
  /** Where it comes from: the cache of tickets, winbind, Windows. */
  readonly source: string;
  readonly available: boolean;
  readonly identity?: string;
  /** Why not, and what to do about it. */
  readonly reason?: string;
  readonly advice?: string;
}

/** What the addon exports. Whatever may block runs off the main thread. */
export interface SystemAddon {
  readonly version: string;
  readonly HttpAuthenticator: new (options: SystemAuthenticatorOptions) => AddonAuthenticator;
  /** What this user could sign on with, without a round trip over the network. */
  survey(): Promise<SystemSurvey[]>;
  /** Windows: the proxies for a URL in PAC syntax, whatever decides about them. */
  proxyFor?(url: string): Promise<string>;
  /** The key store of this system: what it is called, and its entries. */
  readonly KEY_STORE_NAME?: string;
  readSecret?(name: string): Promise<string | null>;
  writeSecret?(name: string, label: string, secret: string): Promise<boolean>;
  deleteSecret?(name: string): Promise<boolean>;
  /** Linux: the user ID that created the socket at the peer's end of a connection on this machine, or null. */
  socketOwner?(peerAddress: string, peerPort: number, address: string, port: number): number | null;
  /** What this process holds of the system: for tests. */
  alive(): { contexts: number; credentials: number };
}

/** What was tried, and why it is not what is wanted. */
export interface LoadAttempt {
  readonly tried: string;
  readonly reason: string;
}

let loaded: SystemAddon | undefined;

/**
 * The addon, which talks to SSPI or GSS-API. It is looked for only when somebody asks for single sign-on: explicit
 * credentials never need it.
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
        'install it with "npm install ntlm-wasm --include=optional", or give a user name and a password instead; docs/single-sign-on.md tells more',
    },
  );
}

/** The same for those who can do without: what was tried instead of an error. Only success is remembered. */
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
  // Where the command is one file, or the program a bundle, the addon may be next to it.
  const beside = names
    .map((name) => join(dirname(hereFile()), `${name}.node`))
    .filter((path) => existsSync(path))
    .map((path) => ({ tried: path, path }));
  const named = file ? [{ tried: `NTLM_ADDON=${file}`, path: resolve(file) }] : [];
  return [...named, ...beside, ...packages];
}

/** The packages that may fit, best first. npm installs the one that does, other installers sometimes another. */
function packageNames(platform: string, arch: string): string[] {
  const name = `ntlm-wasm-${platform}-${arch}`;
  if (platform !== 'linux') return [name];
  return usesMusl() ? [`${name}-musl`, `${name}-gnu`] : [`${name}-gnu`, `${name}-musl`];
}

/** By the loader that the running program names in its first bytes: a machine may have both libraries. */
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

/** The file that this code is in. A bundler may have removed `import.meta`; the program knows where it is. */
function hereFile(): string {
  const here = import.meta.url as string | undefined;
  return here?.startsWith('file:') === true ? fileURLToPath(here) : resolve(process.argv[1] ?? 'index.js');
}

function requireHere(): NodeJS.Require {
  return createRequire(hereFile());
}

/** Half of a release does not work with the other half of another. */
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

/** What the system has may come and go (`kinit`), but not between the connections of one page. */
const MEMORY = 5_000;

/**
 * 'system', if the addon is installed and the user who is logged on could sign on somewhere; otherwise undefined. Asks
 * when it is called, since most programs never need to know. An answer counts for a few seconds.
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
