import { NtlmError } from '../../errors.js';
import { type Environment, readEnvironment } from './environment.js';
import { namedPacFile, PacFile } from './pac-file.js';
import { parsePacResult } from './pac-result.js';
import { parseProxyUrl } from './proxy-url.js';
import { type RouteResolver, type Routes, wholeUrl } from './route.js';
import { environmentRoutes, systemRoutes, thisSystem } from './system.js';

/**
 * Which proxy requests use:
 * - a proxy URL, or several with commas, tried in order
 * - 'system', 'environment' or 'direct'
 * - a PAC file: a URL or path that ends in `.pac` or `.dat`, a `file:` or `data:` URL, or any URL or path after `pac+`
 * - PAC syntax, such as "PROXY a:8080; DIRECT"
 * - a function that returns a URL or PAC syntax for each request, such as Electron's `(url) => session.resolveProxy(url.href)`
 */
export type ProxyOption = string | URL | ((url: URL) => string | Promise<string>);

export function createRouteResolver(named?: ProxyOption, env: Environment = process.env): RouteResolver {
  const variable = env['NTLM_PROXY']?.trim();
  if (named === undefined && variable) return outsideOf(createRouteResolver(variable, env), env);
  const proxy = named === undefined ? 'system' : named;
  if (typeof proxy === 'function') {
    return (url, path) => {
      const answer = proxy(wholeUrl(url, path));
      return typeof answer === 'string' ? parseAnswer(answer) : Promise.resolve(answer).then(parseAnswer);
    };
  }
  if (typeof proxy !== 'string' && !(proxy instanceof URL)) throw badOption();
  const text = String(proxy).trim();
  if (text === 'system') return systemRoutes(thisSystem(env));
  if (text === 'environment') return environmentRoutes(env);
  const pac = namedPacFile(text);
  if (pac !== undefined) {
    const file = new PacFile(pac, 'the proxy option');
    return (url, path) => file.resolve(wholeUrl(url, path));
  }
  const routes = parseRoutes(text, 'the proxy option');
  return () => routes;
}

/** Applies NO_PROXY to NTLM_PROXY, which replaces HTTPS_PROXY. */
function outsideOf(resolve: RouteResolver, env: Environment): RouteResolver {
  const { noProxy } = readEnvironment(env);
  return (url, path) => {
    const exception = noProxy.match(url);
    return exception === undefined ? resolve(url, path) : [{ kind: 'direct', rule: `NO_PROXY: ${exception}` }];
  };
}

function parseAnswer(answer: unknown): Routes {
  if (typeof answer !== 'string') throw badOption();
  return parseRoutes(answer, 'the proxy function');
}

/** The separator between proxies. A comma in a password is followed by an @. */
const NEXT_PROXY = /\s*,\s*(?=[a-z][a-z0-9+.-]*:\/\/|[^@]*$)/i;

/** Parses a URL, `host:port`, several of them with commas, or PAC syntax. Empty text means DIRECT. */
function parseRoutes(text: string, rule: string): Routes {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const isPacSyntax = text === '' || text.includes(';') || /^(direct$|(proxy|https?|socks[45]?)\s)/i.test(text);
  if (isPacSyntax && !isUrl) return parsePacResult(text, rule);
  return text
    .split(NEXT_PROXY)
    .filter((proxy) => proxy !== '')
    .map((proxy) => parseProxyUrl(proxy, rule));
}

function badOption(): NtlmError {
  return new NtlmError(
    'ERR_NTLM_INVALID_OPTION',
    'the proxy is neither a string, a URL nor a function that returns a string',
    {
      advice: 'pass a proxy URL such as "http://proxy.corp.example:8080", or "system"',
    },
  );
}
