/** What the main thread and the thread of a PAC file say to each other. */

export interface Limits {
  /** Milliseconds of the script's own time, to load it and for each URL. */
  readonly run: number;
  /** Milliseconds that it may take including its questions for addresses. */
  readonly total: number;
  /** Characters of a result. */
  readonly result: number;
}

export interface WorkerInput {
  /** The compiled module: threads share its code. */
  readonly wasm: object;
  readonly source: string;
  /** Name of the PAC file, for error messages of the script. */
  readonly name: string;
  /** Two integers (answered, length in bytes), then room for an answer. */
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
