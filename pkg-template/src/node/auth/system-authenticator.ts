import { NtlmError } from '../../errors.js';
import { type HttpLegResponse, type HttpScheme, type HttpStep, HttpAuthenticator } from '../../http-authenticator.js';
import { type AddonAuthenticator, type SystemAuthenticatorOptions, loadAddon } from '../system-addon.js';

const DONE: HttpStep = { action: 'done' };

/** The handshake of one connection, by the operating system. The addon is loaded when it begins. */
export class SystemAuthenticator {
  readonly #options: SystemAuthenticatorOptions;
  #addon: AddonAuthenticator | undefined;
  /** A token was sent and its response is still pending. */
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

  get singleToken(): boolean {
    return this.#addon?.last ?? false;
  }

  close(): void {
    this.#closed = true;
    this.#addon?.close();
    this.#addon = undefined;
  }

  async #ask<T>(question: (addon: AddonAuthenticator) => Promise<T>): Promise<T> {
    try {
      // A closed session would not close a new handshake.
      if (this.#closed) throw closed();
      this.#addon ??= new (loadAddon().HttpAuthenticator)(this.#options);
      return await question(this.#addon);
    } catch (error) {
      throw asNtlmError(error);
    }
  }
}

/** Converts the addon's errors, which are plain errors with a code and advice. */
export function asNtlmError(error: unknown): NtlmError {
  if (error instanceof NtlmError) return error;
  const { code, message, advice } = error as { code?: unknown; message?: unknown; advice?: unknown };
  const known = typeof code === 'string' && code.startsWith('ERR_NTLM_');
  return new NtlmError(known ? code : 'ERR_NTLM_INTERNAL', String(message), {
    advice: typeof advice === 'string' ? advice : known ? '' : 'report this as a bug, with the steps that led to it',
    cause: known ? undefined : error,
  });
}

function closed(): NtlmError {
  return new NtlmError('ERR_NTLM_OUT_OF_ORDER', 'the handshake was used after its connection had closed', {
    advice: 'report this as a bug, with the steps that led to it',
  });
}

/** Codes that mean that the system has no credentials for the peer and sent nothing. Other errors end the handshake. */
const NOTHING_THERE = new Set([
  'ERR_NTLM_SSO_NO_AUTHORITY',
  'ERR_NTLM_SSO_NO_CREDENTIALS',
  'ERR_NTLM_SSO_NTLM_BLOCKED',
  'ERR_NTLM_SSO_TARGET_UNKNOWN',
  'ERR_NTLM_SSO_UNAVAILABLE',
]);

/** Authenticates by the operating system and falls back to a user name and a secret if the system has no credentials. */
export class FallbackAuthenticator {
  #current: SystemAuthenticator | HttpAuthenticator;
  readonly #createFallback: () => HttpAuthenticator;

  constructor(system: SystemAuthenticator, createFallback: () => HttpAuthenticator) {
    this.#current = system;
    this.#createFallback = createFallback;
  }

  begin(): string | Promise<string> {
    return this.#ask(
      (authenticator) => authenticator.begin(),
      (fallback) => fallback.begin(),
    );
  }

  /** Processes a response. After a fallback, the peer cannot continue the first handshake, so a new one uses another connection. */
  next(response: HttpLegResponse): HttpStep | Promise<HttpStep> {
    return this.#ask<HttpStep>(
      (authenticator) => authenticator.next(response),
      (fallback) => ({ action: 'reconnect', header: fallback.begin() }),
    );
  }

  get authenticated(): boolean {
    return this.#current.authenticated;
  }

  get scheme(): HttpScheme | undefined {
    return this.#current.scheme;
  }

  get singleToken(): boolean {
    return !(this.#current instanceof HttpAuthenticator) && this.#current.singleToken;
  }

  close(): void {
    if (!(this.#current instanceof HttpAuthenticator)) this.#current.close();
  }

  #ask<T>(
    question: (authenticator: SystemAuthenticator | HttpAuthenticator) => T | Promise<T>,
    instead: (fallback: HttpAuthenticator) => T,
  ): T | Promise<T> {
    const answer = question(this.#current);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      if (!(error instanceof NtlmError) || !NOTHING_THERE.has(error.code)) throw error;
      this.close();
      const fallback = this.#createFallback();
      this.#current = fallback;
      return instead(fallback);
    });
  }
}
