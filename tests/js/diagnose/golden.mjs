import { isDeepStrictEqual } from 'node:util';

/**
 * A report without what differs from one run to the next: times, ports, versions, and what certificates made on the
 * spot look like. Everything else has to be the same each time.
 */
export function normalised(report) {
  const text = JSON.stringify(report, (key, value) => {
    if (key === 'milliseconds' || key === 'at') return 0;
    if (key === 'startedAt' || key === 'time' || key === 'validTo') return 'A TIME';
    if (key === 'fingerprint') return 'A FINGERPRINT';
    if (key === 'runtime' || key === 'tool') return `THE ${key.toUpperCase()}`;
    if (key === 'skewSeconds') return 1800 * Math.round(value / 1800);
    return value;
  });
  const settled = text
    .replace(/(127\.0\.0\.[12]|localhost|\[::1\]):\d+/g, '$1:PORT')
    .replace(/\d+ ms/g, 'N ms')
    .replace(/(-?)1[01]\d\d\d seconds/g, '$1THREE HOURS')
    .replace(/\(NTLM_ADDON=[^)]*\)/g, '(WHAT WAS TRIED)')
    .replace(/EAI_AGAIN/g, 'ENOTFOUND')
    .replace(/localhost is [0-9a-f.:, ]+ \(/g, 'localhost is ITS ADDRESSES (')
    .replace(/(ERR_SSL_|EPROTO)[A-Z0-9_]*/g, 'AN ERROR OF TLS')
    .replace(/"TLS: [^"]*"/g, '"TLS: WHY"')
    .replace(/\(20\d\d-\d\d-\d\d\)/g, '(A TIME)');
  return renumbered(JSON.parse(settled));
}

/** Connections are counted over the whole process: here from 1. */
function renumbered(report) {
  const numbers = [...new Set(report.legs.map(({ connection }) => connection))];
  const legs = report.legs.map((leg) => ({ ...leg, connection: numbers.indexOf(leg.connection) + 1 }));
  return { ...report, legs };
}

/** The first difference, in words that lead to it. */
export function difference(actual, expected, path = 'report') {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  const nested = [actual, expected].every((value) => typeof value === 'object' && value !== null);
  if (!nested) return `${path} is ${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`;
  const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...keys].map((key) => difference(actual[key], expected[key], `${path}.${key}`)).find(Boolean);
}
