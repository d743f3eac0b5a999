import { type DispatcherOptions, NtlmDispatcher } from './dispatcher/index.js';
import { checkedOptions } from './dispatcher/shape.js';
import { fetchFailed } from './network-errors.js';

/**
 * A `fetch` that finds its way through proxies and signs on. Node's own fetch takes a dispatcher; those of Deno and Bun
 * ignore it, so there undici's fetch does the work.
 *
 * Where the connection is at fault it rejects with the `NtlmError` itself, not with "fetch failed".
 */
export function createFetch(options: DispatcherOptions = {}): typeof fetch {
  const dispatcher = new NtlmDispatcher(checkedOptions(options, 'createFetch'));
  if (fetchTakesDispatcher()) return (input, init) => fetch(input, { ...init, dispatcher } as object).catch(rethrow);
  const portable = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = input instanceof Request ? await unpacked(input) : undefined;
    const url = input instanceof Request ? input.url : input;
    const merged = { ...request, ...init, dispatcher } as object;
    const { fetch: undiciFetch } = await import('./dispatcher/undici-fetch.js');
    return (await undiciFetch(url, merged).catch(rethrow)) as unknown as Response;
  };
  return portable as typeof fetch;
}

/**
 * fetch hides what happened in the cause of a TypeError. A cause without a code is about the request itself, such as a
 * redirect that is not allowed.
 */
function rethrow(error: unknown): never {
  const { cause } = error as { cause?: unknown };
  const coded = error instanceof TypeError && (cause as { code?: unknown } | undefined)?.code !== undefined;
  throw coded ? fetchFailed(cause as NodeJS.ErrnoException) : error;
}

/** Whether the global fetch is undici's and takes a dispatcher. */
export function fetchTakesDispatcher(): boolean {
  return process.versions['bun'] === undefined && process.versions['deno'] === undefined;
}

/** undici does not take the runtime's own Request for one of its kind. */
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
