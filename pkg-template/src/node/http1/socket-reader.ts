import type { Duplex } from 'node:stream';
import { BadMessage } from './framing.js';

/**
 * Reads from a socket: chunks, or everything up to a delimiter. Surplus bytes are kept for the next call. It does not read
 * ahead, so a slow reader slows down the sender.
 */
export class SocketReader {
  readonly #socket: Duplex;
  #kept: Buffer | undefined;
  #over = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    socket.on('readable', this.#onReadable);
    socket.on('end', this.#onOver);
    socket.on('close', this.#onOver);
    socket.on('error', this.#onError);
  }

  /** Returns the next bytes; undefined when the peer has ended the connection. */
  async read(): Promise<Buffer | undefined> {
    for (;;) {
      const kept = this.#kept;
      if (kept !== undefined) {
        this.#kept = undefined;
        return kept;
      }
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk !== null) return chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#over) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Puts bytes back before the unread data. */
  unread(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#kept = this.#kept === undefined ? chunk : Buffer.concat([chunk, this.#kept]);
  }

  /** Whether there are bytes that were put back. */
  get hasKept(): boolean {
    return this.#kept !== undefined;
  }

  /**
   * Returns everything before the delimiter; undefined if the peer ended before the first byte. `onBegin` is called with the first
   * bytes, and whether they are sufficient.
   */
  async readUntil(
    delimiter: string,
    limit: number,
    onBegin?: (complete: boolean) => void,
  ): Promise<Buffer | undefined> {
    let collected: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = await this.read();
      if (chunk === undefined) {
        if (collected.length === 0) return undefined;
        throw new BadMessage(400, 'the peer closed in the middle of a message');
      }
      const begins = collected.length === 0;
      // The delimiter may span two chunks, so the search includes the last bytes of the previous chunk.
      const from = Math.max(0, collected.length - delimiter.length + 1);
      collected = collected.length === 0 ? chunk : Buffer.concat([collected, chunk]);
      const at = collected.indexOf(delimiter, from, 'latin1');
      if (begins) onBegin?.(at !== -1);
      if (at > limit || (at === -1 && collected.length > limit)) {
        throw new BadMessage(431, `a line or head is longer than ${limit} bytes`);
      }
      if (at !== -1) {
        this.unread(collected.subarray(at + delimiter.length));
        return collected.subarray(0, at);
      }
    }
  }

  /** Releases the socket for another reader. Surplus bytes are put back into it. */
  release(): Duplex {
    this.#socket.off('readable', this.#onReadable);
    this.#socket.off('end', this.#onOver);
    this.#socket.off('close', this.#onOver);
    this.#socket.off('error', this.#onError);
    if (this.#kept !== undefined) this.#socket.unshift(this.#kept);
    this.#kept = undefined;
    return this.#socket;
  }

  readonly #onReadable = (): void => this.#resume();

  readonly #onOver = (): void => {
    this.#over = true;
    this.#resume();
  };

  readonly #onError = (error: Error): void => {
    this.#failure = error;
    this.#resume();
  };

  #resume(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
