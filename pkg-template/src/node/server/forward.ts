import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { endToEnd, type Fields, fromRawHeaders, valuesOf, without } from '../http1/fields.js';
import { joinSockets } from '../http1/join-sockets.js';
import type { Exchange } from '../http1/serve-connection.js';
import type { ServerOptions } from './server-options.js';
import { connectTo, parseAuthority, resolveTarget, Unreachable } from './targets.js';

type Policy = Pick<ServerOptions, 'hosts' | 'targets'>;

/**
 * The way out for the requests of one client connection.
 *
 * It has one upstream connection per target and shares it with no other client: when the target demands NTLM too, its
 * handshake belongs to this client's connection (RFC 4559, section 6, "session-based authentication").
 */
export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  destroy(): void {
    this.#agent.destroy();
  }

  /** Passes on a request in absolute-form, and its answer. Returns the status. */
  async forward(exchange: Exchange, ownFields: Fields): Promise<number> {
    const { head, response } = exchange;
    const url = parseAbsolute(head.target);
    const port = Number(url.port || 80);
    const address = await resolveTarget({ host: url.hostname.replace(/^\[|\]$/g, ''), port }, this.#policy);
    const upstream = await this.#send(exchange, url, address, port);
    const fields = endToEnd(fromRawHeaders(upstream.rawHeaders));
    const status = upstream.statusCode ?? 502;
    if (status === 401) fields.push(['Proxy-Support', 'Session-Based-Authentication']);
    await response.begin(status, [...fields, ...ownFields], upstream.statusMessage);
    for await (const piece of upstream) await response.write(piece as Buffer);
    await response.end();
    return status;
  }

  #send(exchange: Exchange, url: URL, address: string, port: number): Promise<IncomingMessage> {
    const { head, body, signal } = exchange;
    // The target decides the host, whatever the Host field says (RFC 9112, section 3.2.2).
    const fields: Fields = [['Host', url.host], ...without(endToEnd(head.fields), new Set(['host', 'expect']))];
    if (!body.absent && valuesOf(head.fields, 'content-length').length === 0) {
      fields.push(['Transfer-Encoding', 'chunked']);
    }
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        agent: this.#agent,
        host: address,
        port,
        method: head.method,
        path: `${url.pathname}${url.search}`,
        headers: fields.flat(),
        setHost: false,
        signal,
      });
      request.once('response', resolve);
      request.once('error', (error: NodeJS.ErrnoException) =>
        reject(new Unreachable(502, `no answer from ${url.host} (${error.code ?? error.message})`)),
      );
      pump(exchange, request).catch((error: Error) => request.destroy(error));
    });
  }

  /** Opens a CONNECT tunnel, which from then on lives by itself. */
  async tunnel(exchange: Exchange, ownFields: Fields): Promise<void> {
    const target = parseAuthority(exchange.head.target);
    const address = await resolveTarget(target, this.#policy);
    const upstream = await connectTo(address, target.port, exchange.signal);
    const socket = exchange.takeOver();
    // A 200 to CONNECT has neither body nor framing (RFC 9110, section 9.3.6).
    const lines = ownFields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`HTTP/1.1 200 Connection established\r\n${lines}\r\n`, 'latin1');
    void joinSockets(socket, upstream);
  }
}

function parseAbsolute(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== 'http:') throw new Unreachable(400, 'the target is not an http: URL; https: goes by CONNECT');
  return url;
}

async function pump({ readBody }: Exchange, request: ClientRequest): Promise<void> {
  for await (const piece of readBody()) {
    if (request.destroyed) return;
    if (!request.write(piece)) await drainedOrClosed(request);
  }
  request.end();
}

/** Leaves no listener behind: a big body has many of these waits. */
function drainedOrClosed(sink: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      sink.off('drain', settle).off('close', settle);
      resolve();
    };
    sink.on('drain', settle).on('close', settle);
  });
}
