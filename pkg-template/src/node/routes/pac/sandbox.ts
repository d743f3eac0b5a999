/*
 * The functions that a PAC file may call. This module runs inside QuickJS: it is bundled to one text, is evaluated before the
 * PAC file, and can access only the four host functions below.
 *
 * The behaviour matches Chromium and Firefox, including oddities: `shExpMatch` replaces only `.`, `*` and `?`, and
 * `timeRange(h1, h2)` includes the whole hour `h2`.
 */

/** The functions of the worker. Their global name is removed before the PAC file runs. */
interface Host {
  /** Returns addresses separated by semicolons; empty if there are none. `first` means IPv4 only. */
  resolve(host: string, family: 'first' | 'all'): string;
  ownAddress(family: 'first' | 'all'): string;
  isInSubnet(address: string, subnet: string): boolean;
  /** Sorts IPv6 before IPv4; empty if one of them is not an address. */
  sort(addresses: string): string;
  alert(text: string): void;
}

const scope = globalThis as typeof globalThis & { pacHost?: Host } & Record<string, unknown>;
const host = scope.pacHost as Host;
delete scope.pacHost;

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function octets(text: unknown): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(String(text));
  if (match === null || match.slice(1).some((part) => Number(part) > 255)) return undefined;
  return match.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0) | 0;
}

/** The last argument may be "GMT"; the others are the range. */
function splitZone(values: unknown[]): { range: unknown[]; utc: boolean } {
  const utc = values[values.length - 1] === 'GMT';
  return { range: utc ? values.slice(0, -1) : values, utc };
}

/** Whether `now` is in the range, which may wrap around the end of the year, week or day. */
function within(from: number, now: number, to: number, nowTo = now): boolean {
  return from <= to ? from <= now && nowTo <= to : nowTo <= to || now >= from;
}

type DateParts = { day?: number; month?: number; year?: number };

function dateParts(values: unknown[]): DateParts {
  const parts: DateParts = {};
  for (const value of values) {
    const number = Number.parseInt(String(value), 10);
    if (Number.isNaN(number)) parts.month = MONTHS.indexOf(String(value));
    else if (number < 32) parts.day = number;
    else parts.year = number;
  }
  return parts;
}

/** Packs the parts that `mask` names into one comparable number. */
function packed(parts: Required<DateParts>, mask: DateParts): number {
  const part = (name: keyof DateParts): number => (mask[name] === undefined ? 0 : parts[name]);
  return (part('year') * 12 + part('month')) * 32 + part('day');
}

const functions = {
  dnsDomainIs: (name: string, domain: string): boolean => String(name).endsWith(domain),
  dnsDomainLevels: (name: string): number => String(name).split('.').length - 1,
  isPlainHostName: (name: string): boolean => !/[.:]/.test(name),
  localHostOrDomainIs: (name: string, full: string): boolean => name === full || String(full).startsWith(`${name}.`),
  convert_addr: (address: string): number => octets(address) ?? 0,
  isValidIpAddress: (address: string): boolean => octets(address) !== undefined,

  dnsResolve: (name: string): string | null => host.resolve(String(name), 'first') || null,
  dnsResolveEx: (name: string): string => host.resolve(String(name), 'all'),
  isResolvable: (name: string): boolean => host.resolve(String(name), 'first') !== '',
  isResolvableEx: (name: string): boolean => host.resolve(String(name), 'all') !== '',
  myIpAddress: (): string => host.ownAddress('first') || '127.0.0.1',
  myIpAddressEx: (): string => host.ownAddress('all'),

  isInNet(name: string, pattern: string, mask: string): boolean {
    const [net, bits] = [octets(pattern), octets(mask)];
    if (net === undefined || bits === undefined) return false;
    const address = octets(name) ?? octets(host.resolve(String(name), 'first'));
    return address !== undefined && (address & bits) === (net & bits);
  },
  isInNetEx: (address: unknown, subnet: unknown): boolean | null =>
    typeof address === 'string' && typeof subnet === 'string' ? host.isInSubnet(address, subnet) : null,
  sortIpAddressList: (list: unknown): string | false | null =>
    typeof list === 'string' ? host.sort(list) || false : null,
  getClientVersion: (): string => '1.0',

  shExpMatch(text: string, pattern: string): boolean {
    const expression = String(pattern).replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
    return new RegExp(`^${expression}$`).test(text);
  },

  weekdayRange(...values: unknown[]): boolean {
    const { range, utc } = splitZone(values);
    const now = new Date();
    const from = WEEKDAYS.indexOf(String(range[0]));
    const to = range.length === 2 ? WEEKDAYS.indexOf(String(range[1])) : from;
    return from >= 0 && to >= 0 && within(from, utc ? now.getUTCDay() : now.getDay(), to);
  },

  dateRange(...values: unknown[]): boolean {
    const { range, utc } = splitZone(values);
    if (range.length === 0) return false;
    if (range.length > 6 || range.length === 5) throw wrongNumber('dateRange');
    const now = new Date();
    const today = utc
      ? { day: now.getUTCDate(), month: now.getUTCMonth(), year: now.getUTCFullYear() }
      : { day: now.getDate(), month: now.getMonth(), year: now.getFullYear() };
    const middle = Math.ceil(range.length / 2);
    const halves = [dateParts(range.slice(0, middle)), dateParts(range.slice(middle))] as const;
    // Parts of different kinds form one date: dateRange(3, "MAR"), dateRange(3, "MAR", 2009).
    const kinds = halves.map((half) => Object.keys(half).sort().join());
    const whole = dateParts(range);
    const [from, to] = kinds[0] === kinds[1] ? halves : [whole, whole];
    if (from.month === -1 || to.month === -1) return false;
    const zero = { day: 0, month: 0, year: 0 };
    return within(
      packed({ ...zero, ...from }, from),
      packed(today, from),
      packed({ ...zero, ...to }, to),
      packed(today, to),
    );
  },

  timeRange(...values: unknown[]): boolean {
    const { range, utc } = splitZone(values);
    const now = new Date();
    const hour = utc ? now.getUTCHours() : now.getHours();
    const seconds = (hour * 60 + (utc ? now.getUTCMinutes() : now.getMinutes())) * 60 + now.getSeconds();
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = range.map(Number);
    const at = (h: number, m: number, s: number): number => (h * 60 + m) * 60 + s;
    switch (range.length) {
      case 0:
        return false;
      case 1:
        return hour === a;
      case 2:
        return a <= hour && hour <= b;
      case 4:
        return within(at(a, b, 0), seconds, at(c, d, 59));
      case 6:
        return within(at(a, b, c), seconds, at(d, e, f));
      default:
        throw wrongNumber('timeRange');
    }
  },

  alert: (text: unknown): void => host.alert(String(text)),
};

function wrongNumber(name: string): Error {
  return new Error(`${name}: wrong number of arguments`);
}

for (const [name, value] of Object.entries(functions)) {
  Object.defineProperty(scope, name, { value, writable: true, configurable: true, enumerable: false });
}
