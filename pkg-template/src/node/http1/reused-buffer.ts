import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The buffer starts small, because most connections transfer little, and thousands may be idle. It grows when one read fills it.
 */
const FIRST_SIZE = 8_192;
const FULL_SIZE = 65_536;

/**
 * A proxy that sends a long body in small pieces would cause a read and a write for each. After `MODERATE_AFTER` bytes, a read that
 * has emptied the socket is followed by a pause in milliseconds, in which the next bytes accumulate.
 */
const MODERATE_AFTER = 1_048_576;
const PAUSE = 1;

const byStream = new WeakMap<Duplex, ReusedBuffer>();

/**
 * Reads a socket into one buffer. Usually Node allocates 64 KiB for each read, which costs half of the processor time of a
 * long transfer. Data can be forwarded to another socket without passing through the streams.
 */
export class ReusedBuffer {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  /** Buffers that a destination had not written completely, and now has. */
  readonly #free: Buffer[] = [];
  #destination: Socket | undefined;
  #left = Infinity;
  #moderateBelow = 0;
  #onEnd: ((rest: Buffer) => void) | undefined;

  /** Opens a connection whose socket reads into a reused buffer. */
  static connect(options: TcpNetConnectOpts): Socket {
    return new ReusedBuffer(options).#socket;
  }

  /** Returns the buffer of a stream, if it has one. */
  static of(stream: Duplex): ReusedBuffer | undefined {
    return byStream.get(stream);
  }

  private constructor(options: TcpNetConnectOpts) {
    const callback = (size: number, buffer: Uint8Array): boolean => this.#onRead(buffer.subarray(0, size) as Buffer);
    this.#socket = connect({ ...options, onread: { buffer: () => this.#buffer, callback } } as TcpNetConnectOpts);
    byStream.set(this.#socket, this);
  }

  /**
   * Writes the next bytes from the peer to `destination`: all, or as many as `bytes`. After the last one was written, `onEnd` gets
   * the bytes that were read with it.
   */
  forward(destination: Socket, bytes = Infinity, onEnd?: (rest: Buffer) => void): void {
    this.#destination = destination;
    this.#left = bytes;
    this.#moderateBelow = bytes === Infinity ? 0 : bytes - MODERATE_AFTER;
    this.#onEnd = onEnd;
    // Reading starts again if it was stopped.
    this.#socket.read(0);
  }

  /** Returns whether reading continues. */
  #onRead(chunk: Buffer): boolean {
    const buffer = this.#buffer;
    if (chunk.length === FIRST_SIZE && buffer.length === FIRST_SIZE) this.#buffer = Buffer.allocUnsafeSlow(FULL_SIZE);
    const destination = this.#destination;
    if (destination === undefined) return this.#socket.push(Buffer.from(chunk));
    const part = chunk.length <= this.#left ? chunk : chunk.subarray(0, this.#left);
    this.#left -= part.length;
    const onEnd = this.#left === 0 ? this.#onEnd : undefined;
    const rest = onEnd === undefined ? undefined : Buffer.from(chunk.subarray(part.length));
    if (onEnd !== undefined) this.#destination = undefined;
    let pending = false;
    destination.write(part, (error) => {
      if (pending && buffer.length === FULL_SIZE) this.#free.push(buffer);
      if (error) return;
      if (rest !== undefined) onEnd?.(rest);
      else if (pending) this.#readOn();
    });
    // Usually the kernel takes all bytes at once. Otherwise the buffer stays in use until it has.
    pending = destination.writableLength > 0;
    if (pending && this.#buffer === buffer) this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(buffer.length);
    if (pending || rest !== undefined) return false;
    if (this.#left >= this.#moderateBelow || chunk.length === buffer.length) return true;
    setTimeout(this.#readOn, PAUSE);
    return false;
  }

  readonly #readOn = (): void => void this.#socket.read(0);
}
