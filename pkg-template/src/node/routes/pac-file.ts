import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { isAbsolute, resolve as resolvePath } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NtlmError } from '../../errors.js';
import { parsePacResult } from './pac-result.js';
import { PacScript } from './pac/script.js';
import type { Routes } from './route.js';

/** Milliseconds after which a PAC file is fetched again, because it may have changed. */
const MAX_AGE = 10 * 60 * 1000;
/** Milliseconds for the whole download, including redirects. */
const FETCH_TIMEOUT = 10_000;
const LARGEST = 1024 * 1024;
const MOST_REDIRECTS = 5;
const GIVE_PROXY = 'check its address, or pass the proxy itself';

/** A PAC file at a URL. It is fetched on first use and refreshed regularly. */
export class PacFile {
  readonly #url: URL;
  readonly #rule: string;
  #loaded: { script: Promise<PacScript>; at: number } | undefined;

  constructor(url: string, rule: string) {
    this.#url = pacUrl(url, rule);
    this.#rule = `${rule}, PAC file ${this.shown}`;
  }

  /** The location, without possible secrets. */
  get shown(): string {
    return shown(this.#url);
  }

  /** Whether the file can be fetched and defines the required function. */
  usable(): Promise<boolean> {
    return this.#script().then(
      () => true,
      () => false,
    );
  }

  async resolve(url: URL): Promise<Routes> {
    const script = await this.#script();
    // As in browsers, the PAC file does not see the parts of a URL that TLS encrypts.
    const address =
      url.protocol === 'http:' ? `http://${url.host}${url.pathname}${url.search}` : `https://${url.host}/`;
    let result: string;
    try {
      result = await script.find(address, url.hostname.replace(/^\[(.*)\]$/, '$1'));
    } catch (cause) {
      const message = `the PAC file ${this.shown} failed for ${url.host}${because(cause)}`;
      throw pacError(message, 'ask its author to fix it, or pass the proxy itself', cause);
    }
    return parsePacResult(result, this.#rule);
  }

  #script(): Promise<PacScript> {
    const now = Date.now();
    const last = this.#loaded;
    if (last !== undefined && now - last.at <= MAX_AGE) return last.script;
    const loaded = { script: this.#load(last?.script), at: now };
    this.#loaded = loaded;
    // After a failure, the next request tries again.
    loaded.script.catch(() => {
      if (this.#loaded === loaded) this.#loaded = undefined;
    });
    return loaded.script;
  }

  /** Loads the file. If it cannot be fetched again, or has not changed, the previous script is kept. */
  async #load(previous?: Promise<PacScript>): Promise<PacScript> {
    const last = await previous?.catch(() => undefined);
    let source: string;
    try {
      source = await read(this.#url);
    } catch (cause) {
      if (last !== undefined) return last;
      throw pacError(`cannot read the PAC file ${this.shown}${because(cause)}`, GIVE_PROXY, cause);
    }
    if (last?.source === source) return last;
    const script = new PacScript(source, this.shown);
    try {
      await script.load();
    } catch (cause) {
      const message = `the PAC file ${this.shown} cannot be used${because(cause)}`;
      throw pacError(message, 'It must be a script that defines FindProxyForURL(url, host).', cause);
    }
    last?.close();
    return script;
  }
}

const files = new Map<string, PacFile>();

/** Returns the PAC file at a location. It is shared by the process, so that it is loaded once. */
export function pacFile(url: string, rule: string): PacFile {
  const key = `${rule} ${url}`;
  const known = files.get(key);
  if (known !== undefined) return known;
  const made = new PacFile(url, rule);
  files.set(key, made);
  return made;
}

/**
 * Returns the PAC file that a proxy setting names; undefined if it names something else. Accepted forms: `pac+` with a URL or a
 * path, a URL or a path that ends in `.pac` or `.dat`, or a `file:` or `data:` URL.
 */
export function namedPacFile(text: string): string | undefined {
  if (/^pac\+/i.test(text)) return text.slice('pac+'.length);
  if (/^(file|data):/i.test(text)) return text;
  if (/[;\s]/.test(text)) return undefined;
  const place = /^https?:/i.test(text) && URL.canParse(text) ? new URL(text).pathname : text;
  return /\.(pac|dat)$/i.test(place) ? text : undefined;
}

function pacUrl(text: string, rule: string): URL {
  // A drive letter looks like a scheme.
  const isPath = /^[a-z]:[\\/]/i.test(text) || isAbsolute(text) || (!/^[a-z][a-z0-9+.-]*:/i.test(text) && text !== '');
  if (isPath && /[\\/.]/.test(text)) return pathToFileURL(resolvePath(text));
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ['http:', 'https:', 'file:', 'data:'].includes(url.protocol)) return url;
  throw new NtlmError('ERR_NTLM_PAC', `${rule} is not the address of a PAC file`, {
    advice: 'write http://…, https://…, file:///… or the path of a file',
  });
}

/** Formats a URL for messages, without user name, password and query, which may be secrets. */
export function shown(url: URL): string {
  if (url.protocol === 'data:') return 'data:…';
  return `${url.protocol}//${url.host}${url.pathname}`;
}

async function read(url: URL): Promise<string> {
  if (url.protocol === 'file:') return text(await readFile(localPath(url)));
  if (url.protocol === 'data:') return dataUrl(url.href);
  const signal = AbortSignal.timeout(FETCH_TIMEOUT);
  try {
    return await fetched(url, signal);
  } catch (error) {
    if (signal.aborted) throw new Error(`no complete response within ${FETCH_TIMEOUT / 1000} seconds`);
    throw error;
  }
}

async function fetched(url: URL, signal: AbortSignal, redirects = 0): Promise<string> {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  // Without the global agent: it may be an NtlmAgent, which would need the PAC file that is being fetched.
  const request = get(url, { agent: false, signal });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { statusCode = 0, headers } = response;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    request.destroy();
    const next = new URL(headers.location, url);
    if (redirects >= MOST_REDIRECTS) throw new Error('too many redirects');
    if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new Error(`redirect to ${next.protocol}`);
    return fetched(next, signal, redirects + 1);
  }
  try {
    if (statusCode !== 200) throw new Error(`status ${statusCode}`);
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length > LARGEST) throw new Error('it is larger than a megabyte');
    }
    const [, charset] = /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '') ?? [];
    return text(Buffer.concat(pieces), charset);
  } finally {
    request.destroy();
  }
}

/** `file://host/path` is a UNC path on Windows. Elsewhere `file://relative.pac` is a common mistake for a relative path. */
function localPath(url: URL): string {
  if (url.host === '' || process.platform === 'win32') return fileURLToPath(url);
  return resolvePath(`${url.host}${decodeURIComponent(url.pathname)}`);
}

function dataUrl(href: string): string {
  const [, head = '', body = ''] = /^data:([^,]*),(.*)$/s.exec(href) ?? [];
  const raw = decodeURIComponent(body);
  return /;\s*base64\s*$/i.test(head) ? text(Buffer.from(raw, 'base64')) : raw;
}

/** Decodes by byte order mark, then by charset, then as UTF-8 if valid; otherwise as Latin-1. */
function text(bytes: Uint8Array, charset?: string): string {
  const mark =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : '';
  const isUtf8 = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  for (const label of [mark, isUtf8 ? 'utf-8' : (charset ?? ''), 'utf-8']) {
    if (label === '') continue;
    try {
      return new TextDecoder(label, { fatal: true }).decode(bytes);
    } catch {
      // The charset is unknown, or the bytes are invalid in it.
    }
  }
  return new TextDecoder('windows-1252').decode(bytes);
}

function because(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : '';
}

function pacError(message: string, advice: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_PAC', message, { advice, cause });
}
