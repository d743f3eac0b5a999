import { type DispatcherOptions, NtlmDispatcher } from './dispatcher/index.js';
import { checkedOptions } from './dispatcher/shape.js';
import { fetchFailed } from './network-errors.js';

/**
 * Creates a `fetch` function that finds the proxy and authenticates to proxies and servers.
 *
 * On Node it uses the built-in fetch. Deno and Bun ignore the `dispatcher` option, so there it uses undici's fetch.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` for invalid options. The returned function rejects with the `NtlmError` of a
 * failed connection, not with "fetch failed".
 * @example
 * const fetch = createFetch({ proxy: 'http://proxy.corp.example:8080' });
 * const response = await fetch('https://www.example.com/');
 */
export function createFetch(options: DispatcherOptions = {}): typeof fetch {
  const dispatcher = new NtlmDispatcher(checkedOptions(options, 'createFetch'));
  if (fetchTakesDispatcher()) return (input, init) => fetch(input, { ...init, dispatcher } as object).catch(rethrow);
  const portable = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? await unpacked(input) : undefined;
    const url = input instanceof Request ? input.url : input;
    const body = init?.body ?? request?.body;
    const form = body instanceof FormData ? (await import('./dispatcher/undici-form.js')).undiciForm(body) : undefined;
    const merged = { ...request, ...init, ...(form === undefined ? {} : { body: form }), dispatcher } as object;
    const { fetch: undiciFetch } = await import('./dispatcher/undici-fetch.js');
    return (await undiciFetch(url, merged).catch(rethrow)) as unknown as Response;
  };
  return portable as typeof fetch;
}

/**
 * Unwraps the error that fetch hides in the cause of a TypeError. A cause without a code concerns the request itself, such
 * as a redirect that is not allowed.
 */
function rethrow(error: unknown): never {
  const { cause } = error as { cause?: unknown };
  const coded = error instanceof TypeError && (cause as { code?: unknown } | undefined)?.code !== undefined;
  throw coded ? fetchFailed(cause as NodeJS.ErrnoException) : error;
}

/** Whether the global fetch is undici's and accepts a dispatcher. */
export function fetchTakesDispatcher(): boolean {
  return process.versions['bun'] === undefined && process.versions['deno'] === undefined;
}

/** Converts the runtime's own Request, which undici does not recognize. */
async function unpacked(request: Request): Promise<RequestInit> {
  const { method, headers, redirect, signal, referrer, integrity, keepalive } = request;
  const hasBody = request.body !== null;
  return {
    method,
    headers: [...headers],
    redirect,
    signal,
    referrer,
    integrity,
    keepalive,
    ...(hasBody ? { body: request.body, duplex: 'half' } : {}),
  } as RequestInit;
}
