import { guard } from './core/guard.js';
import { core } from './core/load.js';
import type { Client } from './core/generated/tokens.js';
import { coreOptions, invalid, type NtlmClientOptions } from './options.js';
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
  readonly #client: Client;
  readonly #now: () => number;
  #session: SecuritySession | undefined;

  constructor(options: NtlmClientOptions) {
    const built = coreOptions(options);
    this.#client = guard(() => new (core().Client)(built));
    this.#now = clock(options);
  }

  /** The NEGOTIATE_MESSAGE in base64. */
  negotiate(): string {
    this.#session = undefined;
    return guard(() => this.#client.negotiate(this.#now()));
  }

  /** The NEGOTIATE_MESSAGE. */
  negotiateBytes(): Uint8Array {
    this.#session = undefined;
    return guard(() => this.#client.negotiateBytes(this.#now()));
  }

  /** The AUTHENTICATE_MESSAGE in base64, for a challenge in base64, in bytes, or within the header's value. */
  authenticate(challenge: string | Uint8Array): string {
    if (typeof challenge === 'string') return guard(() => this.#client.authenticate(challenge, this.#now()));
    return guard(() => core().Client.encode(this.authenticateBytes(challenge)));
  }

  /** The AUTHENTICATE_MESSAGE. */
  authenticateBytes(challenge: string | Uint8Array): Uint8Array {
    const bytes = typeof challenge === 'string' ? guard(() => core().Client.tokenBytes(challenge)) : challenge;
    if (!(bytes instanceof Uint8Array)) throw invalid('challenge', 'the challenge must be a string or a Uint8Array');
    return guard(() => this.#client.authenticateBytes(bytes, this.#now()));
  }

  /** Whether the last message was made. */
  get done(): boolean {
    return this.#client.done;
  }

  /** What kind of response the last `authenticate` made; undefined before it, and for an anonymous client. */
  get ntlmVersion(): NtlmVersion | undefined {
    return NTLM_VERSIONS[this.#client.ntlmVersion];
  }

  /** What protects the messages after the handshake, from `authenticate` on. */
  get session(): SecuritySession | undefined {
    if (this.#session === undefined) {
      const session = this.#client.session();
      if (session !== undefined) this.#session = new SecuritySession(session);
    }
    return this.#session;
  }

  /** Forgets the handshake, so that the next one can begin. The credentials stay. */
  reset(): void {
    this.#session = undefined;
    this.#client.reset();
  }
}

/** The time in milliseconds since 1970, from where the options say. */
export function clock(options: { now?: (() => Date) | undefined }): () => number {
  const { now } = options;
  return now === undefined ? Date.now : () => now().getTime();
}
