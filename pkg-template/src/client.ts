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
    const { core, exchange, own } = load();
    const length = writeClientOptions(options, [options?.mechanism === 'negotiate' ? 1 : 0]);
    this.#handle = own(this, exchange.result(core.client(length)));
    this.#random = options.random;
    this.#now = clock(options);
  }

  /** The NEGOTIATE_MESSAGE in base64. */
  negotiate(): string {
    return load().exchange.answerText(this.#start(true));
  }

  /** The NEGOTIATE_MESSAGE. */
  negotiateBytes(): Uint8Array {
    return load().exchange.answer(this.#start(false));
  }

  #start(asText: boolean): number {
    this.#session = undefined;
    drawFrom(this.#random);
    return load().core.start(this.#handle, asText, this.#now());
  }

  /** The AUTHENTICATE_MESSAGE in base64, for a challenge in base64, in bytes, or within the header's value. */
  authenticate(challenge: string | Uint8Array): string {
    return load().exchange.answerText(this.#step(challenge, true));
  }

  /** The AUTHENTICATE_MESSAGE. */
  authenticateBytes(challenge: string | Uint8Array): Uint8Array {
    return load().exchange.answer(this.#step(challenge, false));
  }

  #step(challenge: string | Uint8Array, asText: boolean): number {
    const now = this.#now();
    const length = writeToken(challenge, 'challenge');
    drawFrom(this.#random);
    return load().core.step(this.#handle, length, typeof challenge === 'string', asText, now);
  }

  /** Whether the last message was made. */
  get done(): boolean {
    return (load().core.state(this.#handle) & 1) === 1;
  }

  /** What kind of response the last `authenticate` made; undefined before it, and for an anonymous client. */
  get ntlmVersion(): NtlmVersion | undefined {
    return NTLM_VERSIONS[load().core.state(this.#handle) >> 1];
  }

  /** What protects the messages after the handshake, from `authenticate` on. */
  get session(): SecuritySession | undefined {
    if (this.#session === undefined) {
      const handle = load().core.clientSession(this.#handle);
      if (handle >= 0) this.#session = new SecuritySession(handle);
    }
    return this.#session;
  }

  /** Forgets the handshake, so that the next one can begin. The credentials stay. */
  reset(): void {
    this.#session = undefined;
    load().core.reset(this.#handle);
  }
}

/** Hands a token to the core: its length there. */
export function writeToken(token: string | Uint8Array, name: string): number {
  const { exchange } = load();
  if (typeof token === 'string') return exchange.begin().rawText(token).length;
  if (token instanceof Uint8Array) return exchange.begin().raw(token).length;
  throw invalid(name, `the ${name} must be a string or a Uint8Array`);
}

/** The time in milliseconds since 1970, from where the options say. */
export function clock(options: { now?: (() => Date) | undefined }): () => number {
  const { now } = options;
  return now === undefined ? Date.now : () => now().getTime();
}
