import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { NtlmError } from '../../errors.js';
import { parsePacResult } from './pac-result.js';
import type { Routes } from './route.js';

/** A PAC file is fetched again after this time, as its author may have changed it. */
const MAX_AGE = 10 * 60 * 1000;
const FETCH_TIMEOUT = 10_000;
const LARGEST = 1024 * 1024;
/** A script that loops for ever must not stop the program. */
const RUN_TIMEOUT = 2_000;

type FindProxy = (url: string, host?: string) => Promise<string>;

/**
 * Runs a PAC file. Its language is JavaScript, so it runs in an interpreter of its own (QuickJS in WebAssembly, which
 * reaches neither Node nor the program); that comes from two packages which are loaded only here, when installed.
 */
export class PacFile {
  readonly #url: URL;
  readonly #rule: string;
  #loaded: { find: Promise<FindProxy>; at: number } | undefined;

  constructor(url: string, rule: string) {
    if (!URL.canParse(url)) {
      throw new NtlmError('ERR_NTLM_PAC', `${rule} is not a URL`, {
        advice: 'write http://…, https://… or file:///…',
      });
    }
    this.#url = new URL(url);
    this.#rule = rule;
  }

  async resolve(url: URL): Promise<Routes> {
    const now = Date.now();
    if (this.#loaded === undefined || now - this.#loaded.at > MAX_AGE) {
      this.#loaded = { find: load(this.#url), at: now };
      // The next request tries again.
      this.#loaded.find.catch(() => (this.#loaded = undefined));
    }
    const find = await this.#loaded.find;
    try {
      // What TLS keeps from the network is kept from the PAC file too, as browsers do.
      const shown =
        url.protocol === 'http:' ? `http://${url.host}${url.pathname}${url.search}` : `https://${url.host}/`;
      return parsePacResult((await find(shown, url.hostname)) ?? '', this.#rule);
    } catch (cause) {
      if (cause instanceof NtlmError) throw cause;
      throw pacError(`the PAC file failed for ${url.host}`, 'Ask whoever wrote it, or give the proxy itself.', cause);
    }
  }
}

async function load(url: URL): Promise<FindProxy> {
  const [{ createPacResolver }, { QuickJS }] = await loadInterpreter();
  const source = await read(url).catch((cause: unknown) => {
    throw pacError(`cannot read the PAC file ${shown(url)}`, 'Check its address, or give the proxy itself.', cause);
  });
  let deadline = Number.POSITIVE_INFINITY;
  const engine = await QuickJS.create({ memoryLimit: 64 * 1024 * 1024, interruptHandler: () => Date.now() > deadline });
  try {
    const find = createPacResolver(engine, source);
    return (address, host) => {
      deadline = Date.now() + RUN_TIMEOUT;
      return find(address, host);
    };
  } catch (cause) {
    throw pacError(`the PAC file ${shown(url)} is not one`, 'It must define FindProxyForURL(url, host).', cause);
  }
}

/** For messages: without user name, password and query, any of which may be a secret. */
export function shown({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

async function read(url: URL): Promise<string> {
  if (url.protocol === 'file:') return readFile(url, 'utf8');
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  // With an agent of its own: the global one may be ours, and would ask for the PAC file that is being fetched here.
  const request = get(url, { agent: false, timeout: FETCH_TIMEOUT });
  request.once('timeout', () => request.destroy(new Error('no answer in time')));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`status ${response.statusCode}`);
  }
  let text = '';
  for await (const piece of response) {
    text += piece as string;
    if (text.length > LARGEST) throw new Error('it is larger than a megabyte');
  }
  return text;
}

interface PacResolver {
  createPacResolver(engine: unknown, source: string): FindProxy;
}
interface Interpreter {
  QuickJS: { create(options: { memoryLimit: number; interruptHandler: () => boolean }): Promise<unknown> };
}

async function loadInterpreter(): Promise<[PacResolver, Interpreter]> {
  // Names in variables, so that no bundler and no type checker asks for packages that are optional.
  const names = ['pac-resolver', 'quickjs-wasi'];
  try {
    return (await Promise.all(names.map((name) => import(name)))) as [PacResolver, Interpreter];
  } catch (cause) {
    throw new NtlmError(
      'ERR_NTLM_MISSING_PACKAGE',
      'a PAC file decides the proxy, and nothing is installed to run it',
      {
        advice: 'type "npm install pac-resolver quickjs-wasi", or give the proxy itself',
        cause,
      },
    );
  }
}

function pacError(message: string, advice: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_PAC', message, { advice, cause });
}
