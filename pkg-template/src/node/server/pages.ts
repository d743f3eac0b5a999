import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BadMessage } from '../http1/bad-message.js';
import type { Fields } from '../http1/fields.js';
import type { Exchange } from '../http1/serve-connection.js';

const MOST_BYTES = 1024 ** 3;
const LONGEST_DELAY = 60_000;

type Page = (exchange: Exchange, url: URL, fields: Fields, username: string | undefined) => Promise<number>;

/** What the origin serves; each page returns the status that it answered. */
const pages: Readonly<Record<string, Page>> = {
  '': async ({ response }, _url, fields, username) => {
    const greeting = username === undefined ? 'Nobody was asked for a name.' : `You are ${escape(username)}.`;
    const html = `<!doctype html><title>ntlm-wasm</title><h1>It works</h1><p>${greeting}</p>\n`;
    await response.send(200, [...fields, ['Content-Type', 'text/html; charset=utf-8']], html);
    return 200;
  },

  /** What arrived here, so that a test can see what was sent. */
  echo: async ({ head, response, readBody }, _url, fields, username) => {
    const digest = createHash('sha256');
    let bodyBytes = 0;
    for await (const piece of readBody()) {
      digest.update(piece);
      bodyBytes += piece.length;
    }
    const { method, target, version } = head;
    const seen = { method, target, version, username, headers: maskCredentials(head.fields), bodyBytes };
    const json = JSON.stringify({ ...seen, bodySha256: digest.digest('hex') }, undefined, 2);
    await response.send(200, [...fields, ['Content-Type', 'application/json']], `${json}\n`);
    return 200;
  },

  /** /bytes/N: N bytes; /bytes/N?chunked: the same without a Content-Length. */
  bytes: async ({ response }, url, fields) => {
    const length = Math.min(Number.parseInt(url.pathname.split('/')[2] ?? '0', 10) || 0, MOST_BYTES);
    const framing: Fields = url.searchParams.has('chunked') ? [] : [['Content-Length', String(length)]];
    await response.begin(200, [...fields, ['Content-Type', 'application/octet-stream'], ...framing]);
    const block = Buffer.alloc(64 * 1024, 'ntlm-wasm ');
    for (let left = length; left > 0; left -= block.length) await response.write(block.subarray(0, left));
    await response.end();
    return 200;
  },

  /** /slow?ms=N: the head at once, then four pieces over N milliseconds. */
  slow: async ({ response, signal }, url, fields) => {
    const pause = Math.min(Number(url.searchParams.get('ms')) || 1000, LONGEST_DELAY) / 4;
    await response.begin(200, [...fields, ['Content-Type', 'text/plain']]);
    for (let piece = 1; piece <= 4; piece += 1) {
      await delay(pause, undefined, { signal });
      await response.write(Buffer.from(`${piece}\n`));
    }
    await response.end();
    return 200;
  },

  /** /redirect?to=URL&status=N */
  redirect: async ({ response }, url, fields) => {
    const asked = Number(url.searchParams.get('status'));
    const status = asked >= 300 && asked < 400 ? asked : 302;
    const location = url.searchParams.get('to') ?? '/';
    // A line break in the target, or what becomes one on the wire, would let whoever wrote the link write header fields.
    const target = location.replace(/[^\x21-\x7e]/gu, encodeURIComponent);
    await response.send(status, [...fields, ['Location', target]], '');
    return status;
  },
};

/** Answers a request for this server itself. */
export function servePage(exchange: Exchange, fields: Fields, username: string | undefined): Promise<number> {
  const address = `http://localhost${exchange.head.target}`;
  if (!exchange.head.target.startsWith('/') || !URL.canParse(address))
    throw new BadMessage(400, 'the target is not a path');
  const url = new URL(address);
  const name = url.pathname.split('/')[1] ?? '';
  const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (page !== undefined) return page(exchange, url, fields, username);
  return exchange.response.send(404, [...fields, ['Content-Type', 'text/plain']], 'no such page\n').then(() => 404);
}

/** Tells that credentials came, and how many bytes of them, but not which. */
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
