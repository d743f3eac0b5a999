import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { PacFile } from './pac-file.js';
import { type RouteResolver, wholeUrl } from './route.js';

/** What automatic detection asks, so that tests can stand in for it. */
export interface WpadSources {
  /** The machine's DNS domains, best first. */
  readonly domains: () => Promise<string[]>;
  readonly exists: (host: string) => Promise<boolean>;
}

const machine: WpadSources = {
  domains: async () => dnsDomains(hostname(), await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
  exists: (host) =>
    lookup(host).then(
      () => true,
      () => false,
    ),
};

/** The machine's domain and its search list. A top-level domain alone is nobody's network. */
export function dnsDomains(host: string, resolvConf: string): string[] {
  const listed = [...resolvConf.matchAll(/^\s*(?:search|domain)\s+(.*)$/gm)].flatMap(([, list = '']) =>
    list.split(/\s+/),
  );
  const domains = [host.split('.').slice(1).join('.'), ...listed];
  const usable = domains.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  return [...new Set(usable)].filter((domain) => /^[\w-]+(\.[\w-]+)+$/.test(domain));
}

/**
 * Web Proxy Auto-Discovery by DNS, where the system's settings ask for it: `http://wpad.<domain>/wpad.dat` of the machine's
 * own domains, and of no parent domain, which could be a stranger's. Without such a file the route is direct.
 */
export function wpadRoutes(source: string, sources: WpadSources = machine): RouteResolver {
  let file: Promise<PacFile | undefined> | undefined;
  const find = async (): Promise<PacFile | undefined> => {
    for (const domain of await sources.domains()) {
      if (!(await sources.exists(`wpad.${domain}`))) continue;
      const found = new PacFile(`http://wpad.${domain}/wpad.dat`, `${source}, automatic detection`);
      if (await found.usable()) return found;
    }
    return undefined;
  };
  return async (url, path) => {
    const found = await (file ??= find());
    if (found !== undefined) return found.resolve(wholeUrl(url, path));
    return [{ kind: 'direct', rule: `${source}, automatic detection found no PAC file` }];
  };
}
