import { parseNoProxy } from './no-proxy.js';
import type { RouteResolver, Routes } from './route.js';

export interface RouteExceptions {
  /** Hosts that bypass the proxy, in NO_PROXY syntax. */
  readonly noProxy?: string | readonly string[] | undefined;
  /** 'direct': connect without a proxy while no proxy is reachable. */
  readonly fallback?: 'direct' | undefined;
}

/** Applies the user's exceptions: hosts that bypass the proxy, and direct connections if no proxy is reachable. */
export function withExceptions(resolve: RouteResolver, { noProxy, fallback }: RouteExceptions): RouteResolver {
  if (noProxy === undefined && fallback === undefined) return resolve;
  const list = parseNoProxy(typeof noProxy === 'string' ? noProxy : (noProxy ?? []).join(','));
  const known = new WeakMap<Routes, Routes>();
  const completed = (routes: Routes): Routes => {
    if (fallback === undefined || routes.some(({ kind }) => kind === 'direct')) return routes;
    // The same input list returns the same result, so that derived data stays valid.
    const before = known.get(routes);
    const found = before ?? [...routes, { kind: 'direct', rule: 'no proxy can be reached' }];
    if (before === undefined) known.set(routes, found);
    return found;
  };
  return (url, path) => {
    const exception = list.match(url);
    if (exception !== undefined) return [{ kind: 'direct', rule: `no-proxy: ${exception}` }];
    const routes = resolve(url, path);
    return routes instanceof Promise ? routes.then(completed) : completed(routes);
  };
}
