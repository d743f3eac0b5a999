import type { Dispatcher } from './undici.js';

type Headers = Dispatcher.DispatchOptions['headers'];

/** undici lets headers be a flat list, pairs, or an object. */
export function withHost(headers: Headers, host: string): Headers {
  if (headers === null || headers === undefined) return { host };
  if (Array.isArray(headers)) {
    return headers.some((name, index) => index % 2 === 0 && isHost(name)) ? headers : ['host', host, ...headers];
  }
  if (Symbol.iterator in headers) {
    return withHost([...(headers as Iterable<[string, string]>)].flat(), host);
  }
  return Object.keys(headers).some(isHost) ? headers : { host, ...headers };
}

function isHost(name: unknown): boolean {
  return typeof name === 'string' && name.length === 4 && name.toLowerCase() === 'host';
}

/** Whether this body can be written a second time. Streams and iterators have only one reading in them. */
export function isReplayable(body: Dispatcher.DispatchOptions['body']): boolean {
  return (
    body === null ||
    body === undefined ||
    typeof body === 'string' ||
    ArrayBuffer.isView(body) ||
    (body as object) instanceof Blob ||
    (body as object) instanceof FormData
  );
}
