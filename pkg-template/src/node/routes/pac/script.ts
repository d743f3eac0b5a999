import { lookup } from 'node:dns/promises';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { debuglog } from 'node:util';
import { Worker } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import type { FromWorker, Limits, ToWorker, WorkerInput } from './messages.js';

const LIMITS: Limits = { run: 2_000, total: 10_000, result: 65_536 };
/** The interpreter ends a script by itself; a thread that does not answer this much later is ended. */
const GRACE = 2_000;
/** An unused thread is ended after this time; the next URL starts another. */
const IDLE = 5 * 60_000;
const ROOM = 65_536;
const debug = debuglog('ntlm');

/** Not among the types of Node. */
const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object } };
let compiled: Promise<{ wasm: object; worker: string }> | undefined;

/** The interpreter, unpacked when the first PAC file is used. */
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
 * A PAC file in a thread of its own: it reaches neither Node nor the program, its functions may wait for addresses, and
 * it cannot hold up the event loop. One URL at a time; an idle thread does not keep the program alive.
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

  /** Loads the script, so that its errors show. */
  async load(): Promise<void> {
    await this.#ready();
    this.#rest();
  }

  /** The result of `FindProxyForURL` for one URL. */
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
    // Without arguments and environment of the program: `--import` would run here too, and the environment may hold secrets.
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

  /** The next answer. The program stays alive meanwhile, and for so long only. */
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

/** Addresses whose way leads out of the machine: to the Internet, or to the networks that companies use. */
const BEYOND = { udp4: ['8.8.8.8', '10.0.0.1', '172.16.0.1', '192.168.0.1'], udp6: ['2001:4860:4860::8888'] } as const;

/** The machine's address. Connecting a UDP socket sends nothing, but says which address the system would use. */
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
        // It is closed already.
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
