import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { PacFile } from './pac-file.js';
import { type RouteResolver, wholeUrl } from './route.js';

/** The sources of automatic detection. Tests replace them. */
export interface WpadSources {
  /** Returns the machine's DNS domains, best first. */
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

/** Returns the machine's domain and its search list. Top-level domains are excluded. */
export function dnsDomains(host: string, resolvConf: string): string[] {
  const listed = [...resolvConf.matchAll(/^\s*(?:search|domain)\s+(.*)$/gm)].flatMap(([, list = '']) =>
    list.split(/\s+/),
  );
  const domains = [host.split('.').slice(1).join('.'), ...listed];
  const usable = domains.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  return [...new Set(usable)].filter((domain) => /^[\w-]+(\.[\w-]+)+$/.test(domain));
}

/**
 * Web Proxy Auto-Discovery by DNS, if the system settings enable it: `http://wpad.<domain>/wpad.dat` in the machine's domains.
 * Parent domains are not searched, because they may belong to others. Without such a file the route is direct.
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
