import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NtlmError } from '../../errors.js';
import { joinSockets } from '../http1/sockets.js';
import { hostPort } from '../url.js';
import { CALLER_NAME, type CallerSecret } from './callers.js';

export interface SocksOptions {
  /** The secret; undefined to accept every caller. */
  readonly secret: CallerSecret | undefined;
  /** Opens a tunnel to `host:port`. */
  open(target: string, signal: AbortSignal): Promise<Duplex>;
  /** Called once for each request. */
  onRequest(target: string, error: unknown): void;
}

const VERSION = 5;
const CONNECT = 1;
/** Authentication methods (RFC 1928, section 3). */
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;

/** Reply codes (RFC 1928, section 6). */
const Reply = {
  succeeded: 0,
  failed: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  refused: 5,
  commandNotSupported: 7,
  addressNotSupported: 8,
} as const;

/** Milliseconds for a caller to send its request. */
const GREETING_TIMEOUT = 10_000;
/** The maximum message length before the tunnel: a user name and a password of 255 bytes each. */
const MAX_MESSAGE = 515;

/** Serves one SOCKS5 caller (RFC 1928): CONNECT only, with user name and password (RFC 1929). */
export async function serveSocks(socket: Socket, options: SocksOptions): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), GREETING_TIMEOUT);
  const reader = new MessageReader(socket);
  try {
    if (!(await authenticate(socket, reader, options.secret))) {
      socket.end();
      return;
    }
    const target = await requested(socket, reader);
    if (target === undefined) return;
    clearTimeout(timer);
    await connect(socket, reader, target, options);
  } catch {
    // The caller has left, or does not use SOCKS5.
    socket.destroy();
  } finally {
    clearTimeout(timer);
  }
}

async function authenticate(socket: Socket, reader: MessageReader, secret: CallerSecret | undefined): Promise<boolean> {
  const [version, count = 0] = await reader.take(2);
  if (version !== VERSION) throw new Error('not SOCKS5');
  const methods = await reader.take(count);
  const wanted = secret === undefined ? NO_AUTHENTICATION : USER_AND_PASSWORD;
  // Callers may send a password even if none is required.
  const method = methods.includes(wanted)
    ? wanted
    : secret === undefined && methods.includes(USER_AND_PASSWORD)
      ? USER_AND_PASSWORD
      : NONE_ACCEPTABLE;
  socket.write(Buffer.from([VERSION, method]));
  if (method === NONE_ACCEPTABLE) return false;
  if (method === NO_AUTHENTICATION) return true;
  const [kind, nameLength = 0] = await reader.take(2);
  if (kind !== 1) throw new Error('not RFC 1929');
  const name = await reader.take(nameLength);
  const [passwordLength = 0] = await reader.take(1);
  const password = await reader.take(passwordLength);
  const basic = Buffer.concat([name, Buffer.from(':'), password]).toString('base64');
  const admitted = secret === undefined || secret.admits(`Basic ${basic}`);
  socket.write(Buffer.from([1, admitted ? 0 : 1]));
  return admitted;
}

async function requested(socket: Socket, reader: MessageReader): Promise<string | undefined> {
  const [version, command, , kind] = await reader.take(4);
  if (version !== VERSION) throw new Error('not SOCKS5');
  const host = await addressOf(reader, kind ?? 0);
  if (host === undefined) {
    reply(socket, Reply.addressNotSupported);
    return undefined;
  }
  const port = (await reader.take(2)).readUInt16BE();
  if (command !== CONNECT) {
    reply(socket, Reply.commandNotSupported);
    return undefined;
  }
  return hostPort(host, port);
}

async function addressOf(reader: MessageReader, kind: number): Promise<string | undefined> {
  if (kind === ADDRESS.ipv4) return (await reader.take(4)).join('.');
  if (kind === ADDRESS.name) {
    const [length = 0] = await reader.take(1);
    const name = (await reader.take(length)).toString('latin1');
    return /^[A-Za-z0-9._-]+$/.test(name) ? name : undefined;
  }
  if (kind !== ADDRESS.ipv6) return undefined;
  const bytes = await reader.take(16);
  return Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(':');
}

async function connect(socket: Socket, reader: MessageReader, target: string, options: SocksOptions): Promise<void> {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  socket.once('close', abort);
  let upstream: Duplex;
  try {
    upstream = await options.open(target, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) {
      reply(socket, replyFor(error));
      options.onRequest(target, error);
    }
    return;
  } finally {
    socket.off('close', abort);
  }
  if (socket.destroyed) {
    upstream.destroy();
    return;
  }
  options.onRequest(target, undefined);
  // The bytes after the request are the first bytes of the tunnel.
  const early = reader.release();
  socket.write(Buffer.from([VERSION, Reply.succeeded, 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0]));
  if (early.length > 0) socket.unshift(early);
  await joinSockets(socket, upstream);
}

function reply(socket: Socket, code: number): void {
  socket.end(Buffer.from([VERSION, code, 0, ADDRESS.ipv4, 0, 0, 0, 0, 0, 0]));
}

function replyFor(error: unknown): number {
  if (!(error instanceof NtlmError)) return Reply.failed;
  if (error.code === 'ERR_NTLM_TUNNEL_REFUSED') return Reply.notAllowed;
  if (error.code === 'ERR_NTLM_TARGET_UNREACHABLE') return Reply.refused;
  return error.code === 'ERR_NTLM_PROXY_UNREACHABLE' ? Reply.hostUnreachable : Reply.failed;
}

export interface ForwardOptions {
  open(signal: AbortSignal): Promise<Duplex>;
  onRequest(error: unknown): void;
}

/** Connects a caller to the target of its forwarded port. */
export async function serveForward(socket: Socket, { open, onRequest }: ForwardOptions): Promise<void> {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  socket.once('close', abort);
  let upstream: Duplex;
  try {
    upstream = await open(gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) onRequest(error);
    socket.resetAndDestroy();
    return;
  } finally {
    socket.off('close', abort);
  }
  if (socket.destroyed) {
    upstream.destroy();
    return;
  }
  onRequest(undefined);
  await joinSockets(socket, upstream);
}

/** Reads messages of known length from a socket, until it is released. */
class MessageReader {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #wanted: { length: number; resolve(bytes: Buffer): void; reject(error: Error): void } | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData).once('close', this.#onEnd).once('end', this.#onEnd);
  }

  take(length: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#wanted = { length, resolve, reject };
      this.#deliver();
    });
  }

  /** Stops reading. Returns the remaining bytes. */
  release(): Buffer {
    this.#socket.off('data', this.#onData).off('close', this.#onEnd).off('end', this.#onEnd).pause();
    return this.#bytes;
  }

  #deliver(): void {
    const wanted = this.#wanted;
    if (wanted === undefined || this.#bytes.length < wanted.length) return;
    this.#wanted = undefined;
    const taken = this.#bytes.subarray(0, wanted.length);
    this.#bytes = this.#bytes.subarray(wanted.length);
    wanted.resolve(taken);
  }

  readonly #onData = (piece: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    // A caller that does not wait for responses must not fill the memory.
    if (this.#wanted === undefined && this.#bytes.length > MAX_MESSAGE) this.#socket.pause();
    this.#deliver();
  };

  readonly #onEnd = (): void => {
    this.#wanted?.reject(new Error('the caller has left'));
    this.#wanted = undefined;
  };
}

/** Returns the SOCKS proxy URL for ALL_PROXY. */
export function socksUrl(address: string, secret: CallerSecret | undefined): string {
  const userinfo = secret === undefined ? '' : `${CALLER_NAME}:${secret.value}@`;
  return `socks5h://${userinfo}${address}`;
}
