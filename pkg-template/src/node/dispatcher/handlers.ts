import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from './undici.js';

/** The moments of a request at which somebody beside its caller has something to do. */
export interface RunEvents {
  cancel(reason: unknown): void;
  onEnd(): void;
  onUpgrade(): void;
  /** True: the caller must not hear of it. */
  onError(error: Error): boolean;
}

/** A caller's handler, wrapped so that a run can start it, follow it and end it. */
export interface Handler {
  /** Tells the caller how to abort, before there is a connection. */
  begin(): void;
  /** Ends the request before undici's client had it. */
  fail(error: Error): void;
  /** What undici's client is given. */
  readonly forClient: Dispatcher.DispatchHandler;
}

/**
 * Undici has had two shapes of handlers: `onConnect`, `onHeaders`, ... up to version 6 (the fetch of Node 20 and 22
 * speaks that), `onRequestStart`, `onResponseStart`, ... since version 7. Each is passed on in its own shape, so that
 * header bytes are not parsed and put together again on the way.
 */
export function createHandler(caller: Dispatcher.DispatchHandler, events: RunEvents): Handler {
  return caller.onRequestStart === undefined ? new EarlyHandler(caller, events) : new LateHandler(caller, events);
}

type Abort = (reason?: Error) => void;

/** Up to undici 6. */
class EarlyHandler implements Handler {
  readonly forClient = this as unknown as Dispatcher.DispatchHandler;
  readonly #caller: Dispatcher.DispatchHandler;
  readonly #events: RunEvents;
  /** That of undici's client, once it has the request. */
  #abort: Abort | undefined;
  #aborted: { reason: Error | undefined } | undefined;

  constructor(caller: Dispatcher.DispatchHandler, events: RunEvents) {
    this.#caller = caller;
    this.#events = events;
  }

  begin(): void {
    this.#caller.onConnect?.((reason) => {
      this.#aborted ??= { reason };
      if (this.#abort === undefined) this.#events.cancel(reason ?? aborted());
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

/** Since undici 7. */
class LateHandler implements Handler {
  readonly forClient = this as unknown as Dispatcher.DispatchHandler;
  readonly #caller: Dispatcher.DispatchHandler;
  readonly #events: RunEvents;
  readonly #controller: Controller;

  constructor(caller: Dispatcher.DispatchHandler, events: RunEvents) {
    this.#caller = caller;
    this.#events = events;
    this.#controller = new Controller(events);
  }

  begin(): void {
    this.#caller.onRequestStart?.(this.#controller, null);
  }

  fail(error: Error): void {
    this.#caller.onResponseError?.(this.#controller, error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller.connect(controller);
  }

  onResponseStarted(): void {
    this.#caller.onResponseStarted?.();
  }

  onRequestUpgrade(
    _: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#events.onUpgrade();
    this.#caller.onRequestUpgrade?.(this.#controller, status, headers, socket);
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText?: string,
  ): void {
    this.#caller.onResponseStart?.(this.#controller, status, headers, statusText);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#caller.onResponseData?.(this.#controller, chunk);
  }

  onResponseEnd(_: Dispatcher.DispatchController, trailers: IncomingHttpHeaders): void {
    this.#events.onEnd();
    this.#caller.onResponseEnd?.(this.#controller, trailers);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (!this.#events.onError(error)) this.#caller.onResponseError?.(this.#controller, error);
  }

  onBodySent(chunkSize: number, totalBytesSent: number): void {
    this.#caller.onBodySent?.(chunkSize, totalBytesSent);
  }
}

/** What the caller holds from the first moment on, whichever connections the request goes through. */
class Controller implements Dispatcher.DispatchController {
  readonly #events: RunEvents;
  #real: Dispatcher.DispatchController | undefined;
  #reason: Error | null = null;
  #aborted = false;

  constructor(events: RunEvents) {
    this.#events = events;
  }

  connect(real: Dispatcher.DispatchController): void {
    this.#real = real;
    if (this.#aborted) real.abort(this.#reason ?? aborted());
  }

  get rawHeaders(): Dispatcher.DispatchController['rawHeaders'] {
    return this.#real?.rawHeaders ?? null;
  }

  get rawTrailers(): Dispatcher.DispatchController['rawTrailers'] {
    return this.#real?.rawTrailers ?? null;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  get paused(): boolean {
    return this.#real?.paused ?? false;
  }

  pause(): void {
    this.#real?.pause();
  }

  resume(): void {
    this.#real?.resume();
  }

  abort(reason: Error): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    if (this.#real === undefined) this.#events.cancel(reason ?? aborted());
    else this.#real.abort(reason);
  }
}

function aborted(): Error {
  return Object.assign(new Error('the request was aborted'), { name: 'AbortError', code: 'UND_ERR_ABORTED' });
}
