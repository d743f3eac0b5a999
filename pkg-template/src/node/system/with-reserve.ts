import { NtlmError } from '../../errors.js';
import { HttpAuthenticator, type HttpLegResponse, type HttpScheme, type HttpStep } from '../../http-authenticator.js';
import type { SystemAuthenticator } from './system-authenticator.js';

/** The system has nothing to sign on with there, and nobody was asked. Anything else is an answer and ends the handshake. */
const NOTHING_THERE = new Set([
  'ERR_NTLM_SSO_NO_AUTHORITY',
  'ERR_NTLM_SSO_NO_CREDENTIALS',
  'ERR_NTLM_SSO_NTLM_BLOCKED',
  'ERR_NTLM_SSO_TARGET_UNKNOWN',
  'ERR_NTLM_SSO_UNAVAILABLE',
]);

/** The system signs on; where it has nothing to do so with, a name and a secret do, from then on. */
export class AuthenticatorWithReserve {
  #current: SystemAuthenticator | HttpAuthenticator;
  readonly #createReserve: () => HttpAuthenticator;

  constructor(system: SystemAuthenticator, createReserve: () => HttpAuthenticator) {
    this.#current = system;
    this.#createReserve = createReserve;
  }

  begin(): string | Promise<string> {
    return this.#ask(
      (authenticator) => authenticator.begin(),
      (reserve) => reserve.begin(),
    );
  }

  /** A handshake that others began is dead to this peer: the reserve begins its own on another connection. */
  next(response: HttpLegResponse): HttpStep | Promise<HttpStep> {
    return this.#ask<HttpStep>(
      (authenticator) => authenticator.next(response),
      (reserve) => ({ action: 'reconnect', header: reserve.begin() }),
    );
  }

  get authenticated(): boolean {
    return this.#current.authenticated;
  }

  get scheme(): HttpScheme | undefined {
    return this.#current.scheme;
  }

  get completeAtOnce(): boolean {
    return !(this.#current instanceof HttpAuthenticator) && this.#current.completeAtOnce;
  }

  close(): void {
    if (!(this.#current instanceof HttpAuthenticator)) this.#current.close();
  }

  #ask<T>(
    question: (authenticator: SystemAuthenticator | HttpAuthenticator) => T | Promise<T>,
    instead: (reserve: HttpAuthenticator) => T,
  ): T | Promise<T> {
    const answer = question(this.#current);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) => {
      if (!(error instanceof NtlmError) || !NOTHING_THERE.has(error.code)) throw error;
      this.close();
      const reserve = this.#createReserve();
      this.#current = reserve;
      return instead(reserve);
    });
  }
}
