import type { Duplex } from 'node:stream';
import { type Dispatcher, errors } from './undici.js';

/** The events of a request that the dispatcher handles in addition to the caller. */
export interface RequestEvents {
  cancel(reason: unknown): void;
  onEnd(): void;
  onUpgrade(): void;
  /** Returns true if the error must not be passed to the caller. */
  onError(error: Error): boolean;
}

/** A caller's handler, wrapped so that a request can start, observe and end it. */
export interface Handler {
  /** Passes the abort function to the caller, before there is a connection. */
  begin(): void;
  /** Fails the request before undici's client gets it. */
  fail(error: Error): void;
  /** The handler for undici's client. */
  readonly forClient: Dispatcher.DispatchHandler;
}

type Abort = (reason?: Error) => void;

/** A handler with the interface of undici 6, which its client uses internally. undici converts newer handlers. */
export class RequestHandler implements Handler {
  readonly forClient = this as unknown as Dispatcher.DispatchHandler;
  readonly #caller: Dispatcher.DispatchHandler;
  readonly #events: RequestEvents;
  /** The abort function of undici's client, once it has the request. */
  #abort: Abort | undefined;
  #aborted: { reason: Error | undefined } | undefined;

  constructor(caller: Dispatcher.DispatchHandler, events: RequestEvents) {
    this.#caller = caller;
    this.#events = events;
  }

  begin(): void {
    this.#caller.onConnect?.((reason) => {
      this.#aborted ??= { reason };
      if (this.#abort === undefined) this.#events.cancel(reason ?? new errors.RequestAbortedError());
      else this.#abort(reason);
    });
  }

  fail(error: Error): void {
    this.#caller.onError?.(error);
  }

  onConnect(abort: Abort): void {
    this.#abort = abort;
    if (this.#aborted !== undefined) abort(this.#aborted.reason);
  }

  onResponseStarted(): void {
    this.#caller.onResponseStarted?.();
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void, statusText: string): boolean {
    return this.#caller.onHeaders?.(status, headers, resume, statusText) ?? true;
  }

  onData(chunk: Buffer): boolean {
    return this.#caller.onData?.(chunk) ?? true;
  }

  onComplete(trailers: string[] | null): void {
    this.#events.onEnd();
    this.#caller.onComplete?.(trailers);
  }

  onUpgrade(status: number, headers: Buffer[] | string[] | null, socket: Duplex): void {
    this.#events.onUpgrade();
    this.#caller.onUpgrade?.(status, headers, socket);
  }

  onBodySent(chunkSize: number, totalBytesSent: number): void {
    this.#caller.onBodySent?.(chunkSize, totalBytesSent);
  }

  onRequestSent(): void {
    (this.#caller as { onRequestSent?: () => void }).onRequestSent?.();
  }

  onError(error: Error): void {
    if (!this.#events.onError(error)) this.#caller.onError?.(error);
  }
}
