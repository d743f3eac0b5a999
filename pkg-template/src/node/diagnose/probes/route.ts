import type { ConnectionOptions } from '../../connection-options.js';
import { createRouteResolver } from '../../routes/resolver.js';
import { type Route, routeName } from '../../routes/route.js';
import { type Observations, troubleOf } from '../observations.js';
import { Failed, inTime } from '../probe.js';

/** Which way the address takes, and what decided so. */
export async function route(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  try {
    seen.routes = await inTime(createRouteResolver(options.proxy)(seen.url), signal);
  } catch (error) {
    seen.routeTrouble = troubleOf(error);
    throw new Failed(seen.routeTrouble.message);
  }
  return seen.routes.map(inWords).join(', then ');
}

function inWords(route: Route): string {
  const where = route.kind === 'direct' ? 'direct, without a proxy' : `through ${routeName(route)}`;
  return route.rule === undefined ? where : `${where} (${route.rule})`;
}
