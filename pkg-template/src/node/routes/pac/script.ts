import { lookup } from 'node:dns/promises';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { debuglog } from 'node:util';
import { Worker } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import type { FromWorker, Limits, ToWorker, WorkerInput } from './messages.js';

const LIMITS: Limits = { run: 2_000, total: 10_000, result: 65_536 };
/** Milliseconds after the interpreter's time limit at which an unresponsive thread is terminated. */
const GRACE = 2_000;
/** Milliseconds after which an idle thread is terminated. The next URL starts another. */
const IDLE = 5 * 60_000;
const ROOM = 65_536;
const debug = debuglog('ntlm');

/** Not included in Node's types. */
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } };
let compiled: Promise<{ wasm: object; worker: string }> | undefined;

/** Returns the interpreter, which is unpacked on first use. */
function engine(): Promise<{ wasm: object; worker: string }> {
  return (compiled ??= import('./generated/engine.js').then(({ QUICKJS, WORKER }) => ({
    wasm: new WebAssembly.Module(brotliDecompressSync(Buffer.from(QUICKJS, 'base64'))),
    worker: WORKER,
  })));
}

interface Job {
  readonly message: ToWorker;
  readonly resolve: (text: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A PAC file in a worker thread. It cannot access Node or the program, its functions may wait for DNS lookups, and it cannot
 * block the event loop. It processes one URL at a time. An idle thread does not keep the program alive.
 */
export class PacScript {
  readonly source: string;
  readonly #name: string;
  readonly #jobs: Job[] = [];
  #thread: Promise<Thread> | undefined;
  #running = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(source: string, name: string) {
    this.source = source;
    this.#name = name;
  }

  /** Loads the script and reports its errors. */
  async load(): Promise<void> {
    await this.#ready();
    this.#rest();
  }

  /** Returns the result of `FindProxyForURL` for one URL. */
  find(url: string, host: string): Promise<string> {
    const result = new Promise<string>((resolve, reject) => {
      this.#jobs.push({ message: { url, host }, resolve, reject });
    });
    if (!this.#running) void this.#work();
    return result;
  }

  close(): void {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.then(
      (started) => started.end(),
      () => {},
    );
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      try {
        job.resolve(await (await this.#ready()).run(job.message));
      } catch (error) {
        job.reject(error as Error);
      }
    }
    this.#running = false;
    this.#rest();
  }

  #ready(): Promise<Thread> {
    clearTimeout(this.#idle);
    if (this.#thread !== undefined) return this.#thread;
    const started = Thread.start(this.source, this.#name, () => {
      if (this.#thread === started) this.#thread = undefined;
    });
    this.#thread = started;
    started.catch(() => {
      if (this.#thread === started) this.#thread = undefined;
    });
    return started;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE).unref();
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #shared = new SharedArrayBuffer(8 + ROOM);
  readonly #onGone: () => void;
  #waiting: { resolve: (text: string) => void; reject: (error: Error) => void } | undefined;

  static async start(source: string, name: string, onGone: () => void): Promise<Thread> {
    const { wasm, worker } = await engine();
    const thread = new Thread(source, name, onGone, wasm, worker);
    try {
      await thread.#answer();
    } catch (error) {
      thread.end();
      throw error;
    }
    return thread;
  }

  private constructor(source: string, name: string, onGone: () => void, wasm: object, text: string) {
    this.#onGone = onGone;
    const workerData: WorkerInput = { wasm, source, name, shared: this.#shared, limits: LIMITS };
    // Without the program's arguments and environment: `--import` would run here too, and the environment may contain secrets.
    this.#worker = new Worker(text, { eval: true, env: {}, execArgv: [], workerData });
    this.#worker.on('message', (message: FromWorker) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('its thread has ended')));
    this.#worker.unref();
  }

  run(message: ToWorker): Promise<string> {
    const answer = this.#answer();
    this.#worker.postMessage(message);
    return answer;
  }

  end(): void {
    this.#onGone();
    void this.#worker.terminate();
  }

  /** Waits for the next answer. The thread keeps the program alive only during the wait. */
  async #answer(): Promise<string> {
    const late = setTimeout(() => {
      this.#fail(new Error('it takes too long'));
      this.end();
    }, LIMITS.total + GRACE);
    this.#worker.ref();
    try {
      return await new Promise<string>((resolve, reject) => (this.#waiting = { resolve, reject }));
    } finally {
      clearTimeout(late);
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  #onMessage(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        return this.#waiting?.resolve('');
      case 'result':
        return this.#waiting?.resolve(message.text);
      case 'failed':
        return this.#fail(new Error(message.reason));
      case 'alert':
        return debug('alert of the PAC file: %j', message.text);
      case 'ask':
        void this.#tell(message.what === 'own' ? ownAddress(message.family) : resolve(message.host, message.family));
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
  }

  async #tell(addresses: Promise<string[]>): Promise<void> {
    const found = await addresses.catch(() => []);
    const bytes = new TextEncoder().encode(found.join(';')).subarray(0, ROOM);
    new Uint8Array(this.#shared, 8).set(bytes);
    const signal = new Int32Array(this.#shared, 0, 2);
    Atomics.store(signal, 1, bytes.length);
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  }
}

async function resolve(host: string, family: 0 | 4): Promise<string[]> {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return family === 4 && isIP(bare) !== 4 ? [] : [bare];
  if (!/^[\w.-]{1,255}$/.test(bare)) return [];
  const found = await lookup(bare, { family, all: true });
  const addresses = [...new Set(found.map(({ address }) => address))];
  return family === 4 ? addresses.slice(0, 1) : addresses;
}

/** Addresses that are routed out of the machine: on the Internet, or in private networks. */
const BEYOND = { udp4: ['8.8.8.8', '10.0.0.1', '172.16.0.1', '192.168.0.1'], udp6: ['2001:4860:4860::8888'] } as const;

/** Returns the machine's address. Connecting a UDP socket sends nothing but selects the local address. */
async function ownAddress(family: 0 | 4): Promise<string[]> {
  const found: string[] = [];
  for (const type of family === 4 ? (['udp4'] as const) : (['udp6', 'udp4'] as const)) {
    for (const far of BEYOND[type]) {
      const address = await localAddressTowards(type, far);
      if (address === undefined) continue;
      found.push(address);
      break;
    }
  }
  if (found.length > 0) return [...new Set(found)];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter((entry) => !entry.internal && !/^(fe80:|169\.254\.)/i.test(entry.address));
  const addresses = usable.filter((entry) => family === 0 || isIP(entry.address) === 4).map(({ address }) => address);
  return family === 4 ? addresses.slice(0, 1) : addresses;
}

function localAddressTowards(type: 'udp4' | 'udp6', far: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    const done = (address?: string): void => {
      socket.removeAllListeners();
      socket.on('error', () => {});
      try {
        socket.close();
      } catch {
        // The socket is already closed.
      }
      resolve(address);
    };
    socket.once('error', () => done());
    socket.once('connect', () => {
      const { address } = socket.address();
      done(/^(127\.|0\.0\.0\.0|169\.254\.|::1?$|fe80:)/i.test(address) ? undefined : address);
    });
    socket.connect(53, far);
  });
}
