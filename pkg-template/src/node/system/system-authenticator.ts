import { NtlmError } from '../../errors.js';
import type { HttpLegResponse, HttpScheme, HttpStep } from '../../http-authenticator.js';
import type { AddonAuthenticator, SystemAuthenticatorOptions } from './addon.js';
import { loadAddon } from './load-addon.js';

const DONE: HttpStep = { action: 'done' };

/** The dialogue of one connection, signed on by the operating system. The addon is loaded when it begins. */
export class SystemAuthenticator {
  readonly #options: SystemAuthenticatorOptions;
  #addon: AddonAuthenticator | undefined;
  /** A token has gone out, and the peer has not yet said what it thinks of it. */
  #pending = false;
  #closed = false;

  constructor(options: SystemAuthenticatorOptions) {
    this.#options = options;
  }

  async begin(): Promise<string> {
    const header = await this.#ask((addon) => addon.begin());
    this.#pending = true;
    return header;
  }

  next(response: HttpLegResponse): HttpStep | Promise<HttpStep> {
    const asks = response.status === (this.#options.isProxy ? 407 : 401);
    return asks || this.#pending ? this.#next(response) : DONE;
  }

  async #next(response: HttpLegResponse): Promise<HttpStep> {
    const step = await this.#ask((addon) => addon.next(response));
    this.#pending = step.action !== 'done';
    return step;
  }

  get authenticated(): boolean {
    return this.#addon?.authenticated ?? false;
  }

  get scheme(): HttpScheme | undefined {
    return this.#addon?.scheme;
  }

  get completeAtOnce(): boolean {
    return this.#addon?.last ?? false;
  }

  close(): void {
    this.#closed = true;
    this.#addon?.close();
    this.#addon = undefined;
  }

  async #ask<T>(question: (addon: AddonAuthenticator) => Promise<T>): Promise<T> {
    try {
      // Whoever closed it has gone, and nobody would close another one.
      if (this.#closed) throw closed();
      this.#addon ??= new (loadAddon().HttpAuthenticator)(this.#options);
      return await question(this.#addon);
    } catch (error) {
      throw asNtlmError(error);
    }
  }
}

/** Errors of the addon are plain ones with a code and an advice. */
export function asNtlmError(error: unknown): NtlmError {
  if (error instanceof NtlmError) return error;
  const { code, message, advice } = error as { code?: unknown; message?: unknown; advice?: unknown };
  const known = typeof code === 'string' && code.startsWith('ERR_NTLM_');
  return new NtlmError(known ? code : 'ERR_NTLM_INTERNAL', String(message), {
    advice: typeof advice === 'string' ? advice : known ? '' : 'please report it, with what was going on',
    cause: known ? undefined : error,
  });
}

function closed(): NtlmError {
  return new NtlmError('ERR_NTLM_OUT_OF_ORDER', 'the handshake was used after its connection had closed', {
    advice: 'please report it, with what was going on',
  });
}
