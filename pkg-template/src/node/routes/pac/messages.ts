/** The messages between the main thread and the PAC thread. */

export interface Limits {
  /** Milliseconds of script run time, for loading and for each URL. */
  readonly run: number;
  /** Milliseconds including DNS lookups. */
  readonly total: number;
  /** The maximum result length in characters. */
  readonly result: number;
}

export interface WorkerInput {
  /** The compiled module, which threads share. */
  readonly wasm: object;
  readonly source: string;
  /** The name of the PAC file, for error messages. */
  readonly name: string;
  /** Two integers (answered, length in bytes), then space for the answer. */
  readonly shared: SharedArrayBuffer;
  readonly limits: Limits;
}

export interface ToWorker {
  readonly url: string;
  readonly host: string;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'alert'; readonly text: string }
  | { readonly kind: 'ask'; readonly what: 'resolve' | 'own'; readonly host: string; readonly family: 0 | 4 };
