import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { NtlmError } from '../../errors.js';
import { checkOptions, CONNECTION_OPTIONS, type ConnectionOptions, namesOf } from '../options.js';

/** The options of {@link NtlmDispatcher} and {@link createFetch}. */
export interface DispatcherOptions extends ConnectionOptions {
  /** As in undici: milliseconds to wait for a response head, and between two parts of its body. */
  readonly headersTimeout?: number | undefined;
  readonly bodyTimeout?: number | undefined;
  readonly maxHeaderSize?: number | undefined;
  readonly maxResponseSize?: number | undefined;
  /** As in undici: the same as `tls`. A function is rejected, because this package opens the connections. */
  readonly connect?: TlsOptions | undefined;
  /** As in undici: the same as `maxSockets`. */
  readonly connections?: number | null | undefined;
}

const NAMES = [
  ...CONNECTION_OPTIONS,
  ...namesOf<Omit<DispatcherOptions, keyof ConnectionOptions>>({
    headersTimeout: true,
    bodyTimeout: true,
    maxHeaderSize: true,
    maxResponseSize: true,
    connect: true,
    connections: true,
  }),
];

/** Returns the options under the names of this package, or throws `ERR_NTLM_INVALID_OPTION`. */
export function checkedOptions(options: DispatcherOptions, who: string): DispatcherOptions {
  checkOptions(options, who, NAMES);
  const { connect, connections, ...rest } = options;
  if (typeof connect === 'function') {
    throw new NtlmError('ERR_NTLM_INVALID_OPTION', `${who} does not take a function as connect`, {
      advice: 'this package opens the connections itself: pass their TLS options as tls',
    });
  }
  const maxSockets = rest.maxSockets ?? connections ?? undefined;
  return {
    ...rest,
    ...(connect === undefined ? {} : { tls: { ...connect, ...rest.tls } }),
    ...(maxSockets === undefined ? {} : { maxSockets }),
  };
}

/**
 * The members that `NtlmDispatcher` inherits from undici's `Dispatcher`, without undici's types, so that this package's types do
 * not depend on an installed version of undici. Where versions differ the type is `any`, so that a dispatcher is assignable in
 * the built-in fetch and undici 6, 7 and 8.
 */
export interface DispatcherShape {
  dispatch(options: any, handler: any): boolean;
  /** Wraps this dispatcher in interceptors, such as undici's `interceptors.retry()`. */
  compose(...interceptors: any[]): any;
  request(options: any): Promise<any>;
  request(options: any, callback: (error: Error | null, data: any) => void): void;
  connect(options: any): Promise<any>;
  connect(options: any, callback: (error: Error | null, data: any) => void): void;
  upgrade(options: any): Promise<any>;
  upgrade(options: any, callback: (error: Error | null, data: any) => void): void;
  stream(options: any, factory: any): Promise<any>;
  stream(options: any, factory: any, callback: (error: Error | null, data: any) => void): void;
  pipeline(options: any, handler: any): any;

  close(): Promise<void>;
  close(callback: () => void): void;
  destroy(): Promise<void>;
  destroy(error: Error | null): Promise<void>;
  destroy(callback: () => void): void;
  destroy(error: Error | null, callback: () => void): void;
  /** Whether close() or destroy() has been called. */
  readonly closed: boolean;
  /** Whether destroy() has been called, or close() has completed. */
  readonly destroyed: boolean;
  [Symbol.asyncDispose](): Promise<void>;
  /** The number of open connections. */
  readonly size: number;
  /** The limits of undici's WebSocket. */
  readonly webSocketOptions: { readonly maxFragments: number; readonly maxPayloadSize: number };

  on(event: any, listener: (...args: any[]) => void): this;
  once(event: any, listener: (...args: any[]) => void): this;
  off(event: any, listener: (...args: any[]) => void): this;
  addListener(event: any, listener: (...args: any[]) => void): this;
  removeListener(event: any, listener: (...args: any[]) => void): this;
  prependListener(event: any, listener: (...args: any[]) => void): this;
  prependOnceListener(event: any, listener: (...args: any[]) => void): this;
  removeAllListeners(event?: any): this;
  setMaxListeners(n: number): this;
  getMaxListeners(): number;
  emit(event: any, ...args: any[]): boolean;
  listeners(event: any): any[];
  rawListeners(event: any): any[];
  eventNames(): any[];
  listenerCount(event: any, listener?: any): number;
}
