import type { ConnectionOptions } from '../connection-options.js';

export interface ProxyOptions extends ConnectionOptions {
  /** Loopback address to listen on; default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
  /** What callers must show, as Basic credentials. Default: a new random one; false: everybody on this machine may use it. */
  readonly secret?: string | false | undefined;
  /** Client connections at one time; default 1000. */
  readonly maxConnections?: number | undefined;
  /** Milliseconds without a byte after which a connection is closed; default 10 minutes. */
  readonly idleTimeout?: number | undefined;
  /** Each request after its end. Holds no secret. */
  readonly onRequest?: ((request: RelayedRequest) => void) | undefined;
}

export interface RelayedRequest {
  readonly method: string;
  /** Without user name, password and query. */
  readonly target: string;
  /** What the caller was answered; 200 for a tunnel. */
  readonly status: number;
  /** The code of the error that became the answer. */
  readonly error: { readonly code: string; readonly message: string; readonly advice: string } | undefined;
  readonly milliseconds: number;
}
