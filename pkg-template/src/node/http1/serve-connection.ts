import type { Socket } from 'node:net';
import { BadMessage } from './bad-message.js';
import { listOf } from './fields.js';
import { parseRequestHead, type RequestHead, requestFraming, wantsKeepAlive } from './served-head.js';
import { RequestBody } from './request-body.js';
import { ResponseWriter } from './response-writer.js';
import { SocketReader } from './socket-reader.js';

export interface Limits {
  /** Longest request head in bytes. */
  readonly maxHeaderSize: number;
  /** Milliseconds for a head to arrive, from its first byte. */
  readonly headersTimeout: number;
  /** Milliseconds without a byte in either direction, after which the connection is closed. */
  readonly idleTimeout: number;
  /** Bytes of an unread request body that are read and dropped to keep the connection; more closes it. */
  readonly maxDrain: number;
}

/** Milliseconds for a peer to close its side after ours. */
const CLOSING_TIMEOUT = 2_000;

export const defaultLimits: Limits = {
  maxHeaderSize: 64 * 1024,
  headersTimeout: 10_000,
  idleTimeout: 120_000,
  maxDrain: 4 * 1024 * 1024,
};

/** One request and the means to answer it. */
export interface Exchange {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly response: ResponseWriter;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Reads the body; sends `100 Continue` first to a client that waits for it. */
  readBody(): AsyncIterable<Buffer>;
  /** Takes the socket out of HTTP, for CONNECT and upgrades: the bytes that follow the head come first. */
  takeOver(): Socket;
}

export type Handler = (exchange: Exchange) => Promise<void>;

/** What the listener needs to know to close in good order. */
export interface ServedConnection {
  /** Resolves when the connection has ended, or has been taken over. */
  readonly done: Promise<void>;
  /** Ends it now when it waits for a request, otherwise after the response under way. */
  finish(): void;
}

/** Serves one request after the other, for as long as both sides keep the connection. */
export function serveConnection(socket: Socket, handler: Handler, limits: Limits): ServedConnection {
  const state = { finishing: false, waiting: true };
  return {
    done: serve(socket, handler, limits, state),
    finish() {
      state.finishing = true;
      if (state.waiting) socket.destroy();
    },
  };
}

async function serve(
  socket: Socket,
  handler: Handler,
  limits: Limits,
  state: { finishing: boolean; waiting: boolean },
): Promise<void> {
  const reader = new SocketReader(socket);
  socket.setTimeout(limits.idleTimeout, () => socket.destroy());
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  try {
    for (;;) {
      state.waiting = true;
      const head = await readHead(socket, reader, limits, state);
      if (head === undefined) break;
      const body = new RequestBody(reader, requestFraming(head));
      let taken = false;
      let expects = !body.absent && listOf(head.fields, 'expect').includes('100-continue');
      // Whether a client that still waits for 100 Continue will send its body after a final status, nobody can know.
      const response = new ResponseWriter(socket, head, () => wantsKeepAlive(head) && !state.finishing && !expects);
      await handler({
        head,
        body,
        response,
        signal: gone.signal,
        readBody() {
          if (expects) response.continue();
          expects = false;
          return body;
        },
        takeOver() {
          taken = true;
          reader.release();
          return socket;
        },
      });
      if (taken) return;
      if (!response.keepAlive || state.finishing) break;
      if (!(await body.drain(limits.maxDrain))) break;
    }
    socket.end();
  } catch (error) {
    refuse(socket, error);
  }
  // Closing with unread bytes would send a reset, which may overtake the response: read on until the peer closes too.
  socket.setTimeout(CLOSING_TIMEOUT);
  reader.release().resume();
}

async function readHead(
  socket: Socket,
  reader: SocketReader,
  limits: Limits,
  state: { waiting: boolean },
): Promise<RequestHead | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for (let emptyLines = 0; emptyLines < 2; emptyLines += 1) {
      const bytes = await reader.readUntil('\r\n\r\n', limits.maxHeaderSize, (complete) => {
        state.waiting = false;
        if (complete) return;
        timer ??= setTimeout(() => socket.destroy(new Error('the request head took too long')), limits.headersTimeout);
      });
      if (bytes === undefined) return undefined;
      // Old clients send an empty line after a body (RFC 9112, section 2.2).
      const text = bytes.toString('latin1').replace(/^\r\n/, '');
      if (text !== '') return parseRequestHead(text);
    }
    throw new BadMessage(400, 'empty lines instead of a request');
  } finally {
    clearTimeout(timer);
  }
}

/** A last word for a client that broke the rules; whatever else went wrong, the connection just ends. */
function refuse(socket: Socket, error: unknown): void {
  if (!(error instanceof BadMessage) || socket.destroyed) {
    socket.destroy();
    return;
  }
  const text = `${error.message}\n`;
  socket.end(
    `HTTP/1.1 ${error.status} Refused\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
}
