import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Fields, fromRawHeaders } from '../http1/fields.js';
import { type Exchange, sendText } from '../http1/serving.js';

const MOST_BYTES = 1024 ** 3;
const LONGEST_DELAY = 60_000;

/** A request that the proxy forwarded. */
export interface Forwarded {
  /** The user that the proxy authenticated. */
  readonly username: string | undefined;
}

/** One request that the server processes. */
export interface Call {
  readonly exchange: Exchange;
  /** The handshake's header fields for the response. */
  readonly fields: Fields;
  /** The authenticated user of the connection. */
  username: string | undefined;
  /** Set if this server's own proxy forwarded the request to its origin. */
  readonly forwarded: Forwarded | undefined;
  /** Why the proxy did not forward the request. */
  refusal?: string;
  /** The number of request body bytes that were read. */
  bodyBytes: number;
}

type Page = (call: Call, url: URL) => number | Promise<number>;

/** The pages of the origin. Each returns the response status. */
const pages: Readonly<Record<string, Page>> = {
  '': (call) => {
    const html = `<!doctype html><title>ntlm-wasm</title><h1>It works</h1><p>${escape(greeting(call))}</p>\n`;
    return send(call.exchange.res, 200, [...call.fields, ['Content-Type', 'text/html; charset=utf-8']], html);
  },

  /** /echo: returns the request as received. */
  echo: async (call) => {
    const { exchange, fields, username } = call;
    const { req, res, method, target } = exchange;
    const digest = createHash('sha256');
    exchange.wantBody();
    for await (const piece of req) {
      digest.update(piece as Buffer);
      call.bodyBytes += (piece as Buffer).length;
    }
    const headers = maskCredentials(fromRawHeaders(req.rawHeaders));
    const seen = { method, target, version: req.httpVersion, username, headers, bodyBytes: call.bodyBytes };
    const json = JSON.stringify({ ...seen, bodySha256: digest.digest('hex') }, undefined, 2);
    return send(res, 200, [...fields, ['Content-Type', 'application/json']], `${json}\n`);
  },

  /** /bytes/N: N bytes. /bytes/N?chunked: the same without Content-Length. */
  bytes: async ({ exchange: { res }, fields }, url) => {
    const length = Math.min(Number.parseInt(url.pathname.split('/')[2] ?? '0', 10) || 0, MOST_BYTES);
    const framing: Fields = url.searchParams.has('chunked') ? [] : [['Content-Length', String(length)]];
    res.writeHead(200, [...fields, ['Content-Type', 'application/octet-stream'], ...framing].flat());
    const block = Buffer.alloc(64 * 1024, 'ntlm-wasm ');
    for (let left = length; left > 0; left -= block.length) {
      if (!res.write(block.subarray(0, left))) await drained(res);
    }
    res.end();
    return 200;
  },

  /** /slow?ms=N: the head immediately, then four chunks over N milliseconds. */
  slow: async ({ exchange: { res }, fields }, url) => {
    const pause = Math.min(Number(url.searchParams.get('ms')) || 1000, LONGEST_DELAY) / 4;
    res.writeHead(200, [...fields, ['Content-Type', 'text/plain']].flat());
    res.flushHeaders();
    const gone = closeSignal(res);
    for (let piece = 1; piece <= 4; piece += 1) {
      await delay(pause, undefined, { signal: gone });
      res.write(`${piece}\n`);
    }
    res.end();
    return 200;
  },

  /** /redirect?to=URL&status=N */
  redirect: ({ exchange: { res }, fields }, url) => {
    const asked = Number(url.searchParams.get('status'));
    const status = asked >= 300 && asked < 400 ? asked : 302;
    const location = url.searchParams.get('to') ?? '/';
    // A line break in the target would allow header injection, so such characters are escaped.
    const target = location.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
    return send(res, status, [...fields, ['Location', target]], '');
  },
};

/** Describes which side of the server authenticated the user. */
function greeting({ username, forwarded }: Call): string {
  if (username !== undefined) return `You are ${username}.`;
  if (forwarded === undefined) return 'No user name was requested: this request did not go through the proxy.';
  if (forwarded.username === undefined) return 'No user name was requested.';
  return `The proxy authenticated ${forwarded.username}.`;
}

/** Answers a request to the origin. */
export function servePage(call: Call): number | Promise<number> {
  const { res, target } = call.exchange;
  const address = `http://localhost${target}`;
  if (!target.startsWith('/') || !URL.canParse(address)) {
    res.shouldKeepAlive = false;
    sendText(res, 400, call.fields.flat(), 'the target is not a path\n');
    return 400;
  }
  const url = new URL(address);
  const name = url.pathname.split('/')[1] ?? '';
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (page !== undefined) return page(call, url);
  sendText(res, 404, call.fields.flat(), 'no such page\n');
  return 404;
}

function send(res: ServerResponse, status: number, fields: Fields, body: string): number {
  res.writeHead(status, [...fields, ['Content-Length', String(Buffer.byteLength(body))]].flat());
  res.end(body);
  return status;
}

/** Aborted when the client has left. */
export function closeSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  return gone.signal;
}

async function drained(res: ServerResponse): Promise<void> {
  await once(res, 'drain', { signal: closeSignal(res) });
}

/** Replaces credentials with their scheme and length. */
function maskCredentials(fields: Fields): Fields {
  return fields.map(([name, value]) => {
    if (!/^(proxy-)?authorization$/i.test(name)) return [name, value];
    const [scheme = '', token = ''] = value.split(' ');
    return [name, `${scheme} (${token.length} characters)`];
  });
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
