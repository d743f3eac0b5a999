import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { drawFrom, type RandomSource } from './core/random.js';
import { invalid, type NtlmClientOptions, writeClientOptions } from './options.js';
import { SecuritySession } from './session.js';

/** The kinds of response, oldest first. */
export type NtlmVersion = 'NTLMv1' | 'NTLM2 session' | 'NTLMv2';

/** By the core's numbers; 0 is none. */
export const NTLM_VERSIONS: readonly (NtlmVersion | undefined)[] = [undefined, 'NTLMv1', 'NTLM2 session', 'NTLMv2'];

/**
 * The client side of a handshake: message 1 with {@link negotiate}, then message 3 for the server's message 2 with {@link authenticate}.
 *
 * It keeps hashes of the password, in the memory of the WebAssembly module, and nothing else of it.
 */
export class NtlmClient {
  readonly #handle: number;
  readonly #random: RandomSource;
  readonly #now: () => number;
  #session: SecuritySession | undefined;

  constructor(options: NtlmClientOptions) {
    const { exchange, own } = load();
    writeClientOptions(options, [options?.mechanism === 'negotiate' ? 1 : 0]);
    this.#handle = own(this, exchange.askNumber(Operation.Client));
    this.#random = options.random;
    this.#now = clock(options);
  }

  /** The NEGOTIATE_MESSAGE in base64. */
  negotiate(): string {
    this.#prepare();
    return load().exchange.begin().askBase64(Operation.Start, this.#handle, 0, this.#now());
  }

  /** The NEGOTIATE_MESSAGE. */
  negotiateBytes(): Uint8Array {
    this.#prepare();
    return load().exchange.begin().askBytes(Operation.Start, this.#handle, 0, this.#now());
  }

  /** The AUTHENTICATE_MESSAGE in base64, for a challenge in base64, in bytes, or within the header's value. */
  authenticate(challenge: string | Uint8Array): string {
    const now = this.#now();
    const form = writeToken(challenge, 'challenge');
    drawFrom(this.#random);
    return load().exchange.askBase64(Operation.Step, this.#handle, form, now);
  }

  /** The AUTHENTICATE_MESSAGE. */
  authenticateBytes(challenge: string | Uint8Array): Uint8Array {
    const now = this.#now();
    const form = writeToken(challenge, 'challenge');
    drawFrom(this.#random);
    return load().exchange.askBytes(Operation.Step, this.#handle, form, now);
  }

  #prepare(): void {
    this.#session = undefined;
    drawFrom(this.#random);
  }

  /** Whether the last message was made. */
  get done(): boolean {
    return (this.#state() & 1) === 1;
  }

  /** What kind of response the last `authenticate` made; undefined before it, and for an anonymous client. */
  get ntlmVersion(): NtlmVersion | undefined {
    return NTLM_VERSIONS[this.#state() >> 1];
  }

  #state(): number {
    return load().exchange.begin().askNumber(Operation.State, this.#handle);
  }

  /** What protects the messages after the handshake, from `authenticate` on. */
  get session(): SecuritySession | undefined {
    if (this.#session === undefined && this.done) {
      const handle = load().exchange.begin().askNumber(Operation.ClientSession, this.#handle);
      this.#session = new SecuritySession(handle);
    }
    return this.#session;
  }

  /** Forgets the handshake, so that the next one can begin. The credentials stay. */
  reset(): void {
    this.#session = undefined;
    load().exchange.begin().askNumber(Operation.Reset, this.#handle);
  }
}

/** The bit of a step's detail that says that a token is given in text. */
const FROM_TEXT = 1;

/** Hands a token to the core: the bit that says in which form. */
export function writeToken(token: string | Uint8Array, name: string): number {
  const { exchange } = load();
  if (typeof token === 'string') {
    exchange.begin().rawText(token);
    return FROM_TEXT;
  }
  if (!(token instanceof Uint8Array)) throw invalid(name, `the ${name} must be a string or a Uint8Array`);
  exchange.begin().raw(token);
  return 0;
}

/** The time in milliseconds since 1970, from where the options say. */
export function clock(options: { now?: (() => Date) | undefined }): () => number {
  const { now } = options;
  return now === undefined ? Date.now : () => now().getTime();
}
