import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Fields, speakable, valueOf } from './fields.js';
import { type Meter, pump } from './pump.js';
import type { RequestHead } from './served-head.js';

const NOTHING = Buffer.alloc(0);

/** Writes one response; knows how its body is delimited and whether the connection survives it. */
export class ResponseWriter {
  readonly #socket: Duplex;
  readonly #request: RequestHead;
  readonly #mayKeep: () => boolean;
  #keepAlive = true;
  #headSent = false;
  #chunked = false;
  #bodyAllowed = true;

  /** @param mayKeep whether the connection may be kept, asked when the head is written. */
  constructor(socket: Duplex, request: RequestHead, mayKeep: () => boolean) {
    this.#socket = socket;
    this.#request = request;
    this.#mayKeep = mayKeep;
  }

  get headSent(): boolean {
    return this.#headSent;
  }

  /** Whether another request may follow on this connection. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** `100 Continue`: the client may send the body it announced (RFC 9110, section 10.1.1). */
  continue(): void {
    if (!this.#headSent) this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  /** A whole response at once. */
  async send(status: number, fields: Fields, body: string | Buffer): Promise<void> {
    const bytes = Buffer.from(body);
    await this.begin(status, [...fields, ['Content-Length', String(bytes.length)]]);
    await this.write(bytes);
    await this.end();
  }

  /**
   * The head. `Connection` is added here and not by the caller. Without `Content-Length` among the fields the body is
   * chunked, or ends with the connection in HTTP/1.0; with `Transfer-Encoding` the caller writes the chunks himself.
   * `body` is the first of a body that is framed already.
   */
  begin(
    status: number,
    fields: Fields,
    reason: string = STATUS_CODES[status] ?? 'Unknown',
    body: Buffer = NOTHING,
  ): Promise<void> {
    this.#headSent = true;
    this.#keepAlive = this.#mayKeep();
    this.#bodyAllowed = this.#request.method !== 'HEAD' && status !== 204 && status !== 304;
    const lines: Fields = [...fields];
    const framed =
      valueOf(fields, 'content-length') !== undefined || valueOf(fields, 'transfer-encoding') !== undefined;
    if (!framed && this.#bodyAllowed) {
      if (this.#request.version === '1.1') {
        this.#chunked = true;
        lines.push(['Transfer-Encoding', 'chunked']);
      } else {
        this.#keepAlive = false;
      }
    }
    lines.push(['Connection', this.#keepAlive ? 'keep-alive' : 'close']);
    let head = `HTTP/1.1 ${status} ${speakable(reason)}\r\n`;
    for (const [name, value] of lines) head += `${name}: ${speakable(value)}\r\n`;
    head += '\r\n';
    if (body.length > 0 && this.#bodyAllowed) return this.#put(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    // One packet for the head and the first of the body, whoever writes that: it comes before the next tick.
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
    return this.#put(Buffer.from(head, 'latin1'));
  }

  /** A piece of the body; resolves when the peer can take the next one. */
  async write(piece: Buffer): Promise<void> {
    if (!this.#bodyAllowed || piece.length === 0) return;
    if (!this.#chunked) return this.#put(piece);
    this.#socket.cork();
    this.#socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
    this.#socket.write(piece);
    const done = this.#put(Buffer.from('\r\n', 'latin1'));
    this.#socket.uncork();
    await done;
  }

  /** Passes on a body as the source sends it, its framing included; see {@link pump}. */
  pumpFrom(source: Duplex, meter: Meter): Promise<Buffer | undefined> {
    return pump(source, this.#socket, meter);
  }

  async end(): Promise<void> {
    if (this.#chunked) await this.#put(Buffer.from('0\r\n\r\n', 'latin1'));
  }

  async #put(bytes: Buffer): Promise<void> {
    if (this.#socket.destroyed) throw new Error('the peer has gone');
    if (this.#socket.write(bytes)) return;
    const gone = new AbortController();
    const stop = (): void => gone.abort();
    this.#socket.once('close', stop);
    try {
      await once(this.#socket, 'drain', { signal: gone.signal });
    } finally {
      this.#socket.off('close', stop);
    }
  }
}
