import { BlockList, isIP } from 'node:net';
import { bareHost } from '../url.js';

/** A list of targets that bypass the proxy. */
export interface NoProxy {
  /** Returns the entry that covers the URL, or undefined. */
  match(url: URL): string | undefined;
}

type Rule = (host: string, port: number) => boolean;

/**
 * Parses `NO_PROXY` and the exception lists of Windows, macOS and GNOME, which have similar formats. Entries are separated by
 * commas, semicolons or spaces:
 *
 *     *                      everything
 *     corp.example           this host and all hosts below it; also written .corp.example
 *     *.corp.example, 10.*   a pattern over the whole host name
 *     10.0.0.0/8, fd00::/8   addresses in this range; 169.254/16 as macOS writes it
 *     10.1.0.1-10.1.0.9      addresses from one to the other
 *     intranet:8080          only this port
 *     <local>                host names without a dot (Windows)
 */
export function parseNoProxy(text: string): NoProxy {
  const rules = text
    .split(/[\s,;]+/)
    .map((entry) => ({ entry, plain: plainEntry(entry) }))
    .filter(({ plain }) => plain !== '')
    .map(({ entry, plain }) => ({ entry, covers: parseEntry(plain) }));
  return {
    match(url) {
      const host = bareHost(url.hostname);
      const port = Number(url.port || (/^(https|wss):$/.test(url.protocol) ? 443 : 80));
      return rules.find(({ covers }) => covers(host, port))?.entry;
    },
  };
}

/** Removes quotes and URL syntax: `"corp.example"` and `https://corp.example/` become `corp.example`. */
function plainEntry(entry: string): string {
  const plain = entry.toLowerCase().replace(/^["']+|["']+$/g, '');
  return /^[a-z]+:\/\//.test(plain) ? plain.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '') : plain.replace(/\/$/, '');
}

function parseEntry(entry: string): Rule {
  if (entry === '*') return () => true;
  if (entry === '<local>') return (host) => !host.includes('.') && isIP(host) === 0;
  const [, first, last] = /^([0-9a-f.:]+)-([0-9a-f.:]+)$/.exec(entry) ?? [];
  if (first !== undefined && last !== undefined && isIP(first) !== 0) return addressesRule(first, last);
  const slash = entry.indexOf('/');
  if (slash !== -1) return rangeRule(entry.slice(0, slash), entry.slice(slash + 1));
  const [, name, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) as unknown as [string, string, string?];
  // "::1" has no port: the last colon of a bare IPv6 address is not a separator.
  if (isIP(entry) === 6 || onlyPort === undefined) return hostRule(bareHost(isIP(entry) === 6 ? entry : name));
  const rule = hostRule(bareHost(name));
  return (host, port) => port === Number(onlyPort) && rule(host, port);
}

function hostRule(name: string): Rule {
  const family = isIP(name);
  if (family !== 0) return rangeRule(name, family === 6 ? '128' : '32');
  if (name.includes('*')) {
    const pattern = new RegExp(`^${name.split('*').map(escape).join('.*')}$`);
    return (host) => pattern.test(host);
  }
  const domain = name.replace(/^\.+/, '');
  if (domain === '') return () => false;
  return (host) => host === domain || host.endsWith(`.${domain}`);
}

/** Compares addresses as numbers, so that `::1` and `0:0:0:0:0:0:0:1` are equal. */
function rangeRule(network: string, prefix: string): Rule {
  const address = isIP(network) === 6 ? network : padded(network);
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  // An invalid entry covers nothing, so that a typing error does not bypass the proxy.
  if (isIP(address) === 0 || !(bits <= (family === 'ipv6' ? 128 : 32))) return () => false;
  const range = new BlockList();
  range.addSubnet(address, bits, family);
  return (host) => {
    const kind = isIP(host);
    return kind !== 0 && range.check(host, kind === 6 ? 'ipv6' : 'ipv4');
  };
}

function addressesRule(first: string, last: string): Rule {
  const family = isIP(first);
  if (family !== isIP(last)) return () => false;
  const range = new BlockList();
  try {
    range.addRange(first, last, family === 6 ? 'ipv6' : 'ipv4');
  } catch {
    // The last address is before the first.
    return () => false;
  }
  return (host) => isIP(host) === family && range.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** `169.254` is 169.254.0.0. */
function padded(network: string): string {
  const parts = network.split('.');
  return [...parts, '0', '0', '0'].slice(0, Math.max(parts.length, 4)).join('.');
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
