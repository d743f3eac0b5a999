import { parseNoProxy } from './no-proxy.js';
import type { RouteResolver, Routes } from './route.js';

export interface RouteExceptions {
  /** Hosts that are reached without a proxy, as in NO_PROXY. */
  readonly noProxy?: string | readonly string[] | undefined;
  /** 'direct': connect without a proxy while none of the proxies can be reached. */
  readonly fallback?: 'direct' | undefined;
}

/** Routes with the exceptions of the user: some hosts without a proxy, and all of them where no proxy is in reach. */
export function withExceptions(resolve: RouteResolver, { noProxy, fallback }: RouteExceptions): RouteResolver {
  if (noProxy === undefined && fallback === undefined) return resolve;
  const list = parseNoProxy(typeof noProxy === 'string' ? noProxy : (noProxy ?? []).join(','));
  const known = new WeakMap<Routes, Routes>();
  const completed = (routes: Routes): Routes => {
    if (fallback === undefined || routes.some(({ kind }) => kind === 'direct')) return routes;
    // The same list again for the same list: what was derived from it stays valid.
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
