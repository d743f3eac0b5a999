/** The tables of the local proxy. */
import { number, spread, table, times } from './format.mjs';

const LOADS = {
  requests16: 'requests/s, 16 connections',
  requests1: '1 connection',
  insideTunnels: 'requests/s inside 16 tunnels',
  tunnels: 'new tunnels/s',
};
const BODIES = { get: 'GET, MB/s', connect: 'in a tunnel, MB/s' };

export function proxyTables({ rows, ratios }) {
  const kinds = { ...LOADS, ...BODIES };
  const loads = rows.map((row) => [
    row.name,
    ...Object.keys(LOADS).flatMap((kind) => [cell(row[kind]), latency(row[kind])]),
  ]);
  const costs = rows.map((row) => [row.name, ...Object.keys(LOADS).map((kind) => number(row[kind].cpu))]);
  const bodies = rows.map((row) => [
    row.name,
    ...Object.keys(BODIES).flatMap((kind) => [cell(row[kind]), number(row[kind].cpu)]),
    number(row.peakMiB),
    idle(row.idle),
  ]);
  const against = Object.entries(ratios).map(([name, of]) => [
    name,
    ...Object.keys(kinds).map((kind) => (of[kind] ? times(of[kind]) : '-')),
  ]);
  return [
    'All in front of the same Squid with NTLM; the first row is that Squid without authentication, the limit. Latency is p50 / p99 in ' +
      'milliseconds. The tunnels have no TLS inside, which would cost the load generator more than any proxy.',
    table(['', ...Object.values(LOADS).flatMap((title) => [title, 'latency'])], loads),
    table(['CPU time of the proxy, ms', ...Object.values(LOADS).map((title) => `each, ${title}`)], costs),
    table(
      [
        '',
        ...Object.values(BODIES).flatMap((title) => [title, 'CPU s/GB']),
        'peak MiB',
        'memory of an idle tunnel, KiB',
      ],
      bodies,
    ),
    table(['ours against', ...Object.values(kinds)], against),
  ];
}

function cell(measured) {
  if (measured.error) return `fails: ${measured.error}`;
  return spread(measured) + (measured.failed ? `, ${measured.failed} failed` : '');
}

function latency({ p50, p99 }) {
  return p50 === undefined ? '-' : `${number(p50)} / ${number(p99)}`;
}

/** One of 1,000, or of as many as could be opened. */
function idle(found) {
  if (found === undefined) return '-';
  return `${number(found.kibEach)}${found.reason === undefined ? '' : ` (${number(found.open)} open: ${found.reason})`}`;
}

const SCALES = {
  connections: ['connections', 'Requests of 1 KiB.', number],
  bytes: ['body', 'Bodies by GET over 4 connections.', size],
  targets: ['targets', 'Requests of 1 KiB to so many hosts in turn, over 16 connections.', number],
};

export function scaleTables(scale) {
  const parts = Object.entries(SCALES).flatMap(([kind, [title, text, label]]) => {
    const { rows, bend } = scale[kind];
    const cells = rows.map(({ step, bytes, perSecond, cpuMicroseconds, cpuPerGB, p50, p99, residentMiB, failed }) => [
      label(step) + (failed ? `, ${failed} failed` : ''),
      spread(perSecond),
      number((perSecond.median * bytes) / 1e6),
      spread(cpuMicroseconds),
      number(cpuPerGB.median),
      number(p50),
      number(p99),
      number(residentMiB),
    ]);
    const bends = bend === undefined ? 'The cost does not bend.' : `The cost bends at ${label(bend)}.`;
    return [
      `${text} ${bends}`,
      table([title, 'requests/s', 'MB/s', 'CPU µs each', 'CPU s/GB', 'p50, ms', 'p99, ms', 'memory, MiB'], cells),
    ];
  });
  return [
    'The local proxy in front of a proxy that costs little, on the same machine. A cost bends at the first step where it is 1.5 times the least.',
    ...parts,
  ];
}

function size(bytes) {
  if (bytes >= 2 ** 30) return `${bytes / 2 ** 30} GiB`;
  return bytes >= 2 ** 20 ? `${bytes / 2 ** 20} MiB` : `${bytes / 2 ** 10} KiB`;
}
