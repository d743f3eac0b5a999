import { lookup } from 'node:dns/promises';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { endToEnd, type Fields, fromRawHeaders, without } from '../http1/fields.js';
import { isLoopback } from '../http1/listener.js';
import { joinSockets } from '../http1/sockets.js';
import type { ServerOptions } from './options.js';
import { type Call, closeSignal, type Forwarded } from './pages.js';

type Policy = Pick<ServerOptions, 'hosts' | 'targets'>;

/** What the proxy says about a refused target. */
export const LOOPBACK_ONLY = 'this test proxy connects to this machine only';

/** The open upstream connections of all clients, by which the origin recognizes forwarded requests. */
export class Upstreams {
  readonly #known = new Map<string, Forwarded>();

  /** Records who uses a connection, once it is open. */
  add(socket: Socket, forwarded: Forwarded): void {
    if (socket.connecting) {
      socket.once('connect', () => this.add(socket, forwarded));
      return;
    }
    const key = `${socket.localPort} ${socket.remotePort}`;
    if (!this.#known.has(key)) socket.once('close', () => this.#known.delete(key));
    this.#known.set(key, forwarded);
  }

  /** Returns who uses the connection that the origin accepted; undefined if it is not one of the proxy. */
  find({ localPort, remotePort }: Socket): Forwarded | undefined {
    return this.#known.get(`${remotePort} ${localPort}`);
  }
}

/**
 * Forwards the requests of one client connection.
 *
 * It has one upstream connection per target, which other clients do not share: if the target requires NTLM too, its handshake
 * belongs to this client's connection (RFC 4559, section 6, "session-based authentication").
 */
export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #policy: Policy;
  readonly #upstreams: Upstreams;

  constructor(policy: Policy, upstreams: Upstreams) {
    this.#policy = policy;
    this.#upstreams = upstreams;
  }

  destroy(): void {
    this.#agent.destroy();
  }

  /** Forwards a request in absolute form, and its response. Returns the status. */
  async forward(call: Call): Promise<number> {
    const { res } = call.exchange;
    const url = parseAbsolute(call.exchange.target);
    const port = Number(url.port || 80);
    const address = await resolveTarget({ host: url.hostname.replace(/^\[|\]$/g, ''), port }, this.#policy);
    const upstream = await this.#send(call, url, address, port);
    const fields = endToEnd(fromRawHeaders(upstream.rawHeaders));
    const status = upstream.statusCode ?? 502;
    if (status === 401) fields.push(['Proxy-Support', 'Session-Based-Authentication']);
    res.writeHead(status, upstream.statusMessage, [...fields, ...call.fields].flat());
    await pipeline(upstream, res);
    return status;
  }

  #send(call: Call, url: URL, address: string, port: number): Promise<IncomingMessage> {
    const { req, res, framing, method, wantBody } = call.exchange;
    // The target determines the host, not the Host field (RFC 9112, section 3.2.2).
    const fields: Fields = [['Host', url.host], ...without(endToEnd(fromRawHeaders(req.rawHeaders)), LEFT_OUT)];
    const hasBody = framing.kind === 'chunked' || (framing.kind === 'length' && framing.bytes > 0);
    if (framing.kind === 'chunked') fields.push(['Transfer-Encoding', 'chunked']);
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        agent: this.#agent,
        host: address,
        port,
        method,
        path: `${url.pathname}${url.search}`,
        headers: fields.flat(),
        setHost: false,
        signal: closeSignal(res),
      });
      request.once('socket', (socket) => this.#upstreams.add(socket, { username: call.username }));
      request.once('response', resolve);
      request.once('error', (error: NodeJS.ErrnoException) =>
        reject(new Unreachable(502, `no answer from ${url.host} (${error.code ?? error.message})`)),
      );
      if (!hasBody) {
        request.end();
        return;
      }
      wantBody();
      req.on('data', (chunk: Buffer) => {
        call.bodyBytes += chunk.length;
      });
      req.pipe(request);
    });
  }

  /** Opens a CONNECT tunnel, which then runs independently. */
  async tunnel({ exchange, fields, username }: Call): Promise<void> {
    const { res, takeOver } = exchange;
    const target = parseAuthority(exchange.target);
    const address = await resolveTarget(target, this.#policy);
    const upstream = await connectTo(address, target.port, closeSignal(res));
    this.#upstreams.add(upstream, { username });
    const socket = takeOver();
    // A 200 to CONNECT has neither body nor framing (RFC 9110, section 9.3.6).
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`HTTP/1.1 200 Connection established\r\n${lines}\r\n`, 'latin1');
    void joinSockets(socket, upstream);
  }
}

/** Fields that are not forwarded. `Expect` is handled here. */
const LEFT_OUT = new Set(['host', 'expect']);

function parseAbsolute(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== 'http:') throw new Unreachable(400, 'the target is not an http: URL; https: goes by CONNECT');
  return url;
}

/** A target that is not allowed or not reachable, with the response status. */
export class Unreachable extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Unreachable';
    this.status = status;
  }
}

export interface Target {
  /** The host as the client wrote it, without IPv6 brackets. */
  readonly host: string;
  readonly port: number;
}

/** Parses `host:port`, the form of a CONNECT target (RFC 9112, section 3.2.3). */
export function parseAuthority(authority: string): Target {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/@]+)):(\d{1,5})$/.exec(authority);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535)
    throw new Unreachable(400, 'the target is not of the form host:port');
  return { host: match[1] ?? (match[2] as string), port };
}

/** Returns the address to connect to, if the policy allows it. The name is resolved once, so that it cannot change. */
export async function resolveTarget(
  { host }: Target,
  { hosts = {}, targets = 'loopback' }: Pick<ServerOptions, 'hosts' | 'targets'>,
): Promise<string> {
  const known = hosts[host.toLowerCase()] ?? host;
  const address = isIP(known) > 0 ? known : await resolve(known);
  if (targets === 'loopback' && !isLoopback(address)) {
    throw new Unreachable(403, `${host} is not on this machine: ${LOOPBACK_ONLY}`);
  }
  return address;
}

async function resolve(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch {
    throw new Unreachable(502, `cannot resolve ${host}`);
  }
}

/** Opens a TCP connection. */
export function connectTo(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const fail = (error: NodeJS.ErrnoException): void => {
      socket.destroy();
      reject(new Unreachable(502, `cannot connect to port ${port} (${error.code ?? error.message})`));
    };
    const abort = (): void => fail(new Error('the client has gone'));
    socket.once('error', fail);
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => {
      socket.off('error', fail);
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
  });
}
