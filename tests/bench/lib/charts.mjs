/**
 * Horizontal bars as SVG, for the documents: a row a contender, ours in colour, the spread of the rounds as a thin line. Light or dark as
 * the reader's system is.
 */
import { number } from './format.mjs';

const [WIDTH, ROW, LABELS, VALUES] = [760, 26, 210, 130];
const [TOP, BOTTOM] = [48, 14];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px }
  .unit, .value { fill: #57606a }
  .value { font-variant-numeric: tabular-nums }
  .bar { fill: #c3cad3 }
  .ours { fill: #2563a8 }
  .spread { stroke: #57606a; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .unit, .value { fill: #9ba5b0 } .bar { fill: #3d4651 } .ours { fill: #6aa9ec } .spread { stroke: #9ba5b0 }
  }`;

/** `rows` are `{ name, value: { median, low, high }, note? }`. */
export function bars({ title, unit, rows }) {
  const most = Math.max(...rows.map(({ value }) => value.high));
  const x = (value) => LABELS + (value / most) * (WIDTH - LABELS - VALUES);
  const height = TOP + rows.length * ROW + BOTTOM;
  const lines = rows.map(({ name, value, note }, index) => {
    const y = TOP + index * ROW;
    const kind = name.startsWith('ntlm-wasm') || name.startsWith('Ntlm') ? 'bar ours' : 'bar';
    return [
      `<text x="${LABELS - 10}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
      `<rect class="${kind}" x="${LABELS}" y="${y + 2}" width="${round(Math.max(1, x(value.median) - LABELS))}" height="18" rx="2"/>`,
      `<path class="spread" d="M${round(x(value.low))} ${y + 11}H${round(x(value.high))}"/>`,
      `<text class="value" x="${round(x(value.high)) + 8}" y="${y + 15}">${number(value.median)}${note ? ` ${escape(note)}` : ''}</text>`,
    ].join('\n  ');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(title)}">
  <style>${STYLE}
  </style>
  <text class="title" x="8" y="20">${escape(title)}</text>
  <text class="unit" x="8" y="38">${escape(unit)}</text>
  ${lines.join('\n  ')}
</svg>
`;
}

/** What the report has of each, by file name. */
export function charts({ tokens, cold, connections, proxies, scale }) {
  return {
    ...(tokens && { 'tokens.svg': tokenChart(tokens) }),
    ...(cold && { 'cold-start.svg': coldChart(cold) }),
    ...(connections && { 'connections.svg': connectionChart(connections) }),
    ...(proxies && {
      'proxy-requests.svg': proxyChart(proxies, 'requests16'),
      'proxy-get.svg': proxyChart(proxies, 'get'),
    }),
    ...(scale && { 'scale-connections.svg': scaleChart(scale.connections) }),
  };
}

/** Only those whose message 3 is right: a faster one that a server refuses is no peer. */
function tokenChart({ rows }) {
  const inRust = ['core', 'digests', 'sspi'];
  const wanted = ({ name, case: kind }) =>
    !inRust.includes(name) && kind === (IN_BYTES.includes(name) ? 'message 1 and 3, bytes' : 'message 1 and 3');
  const shown = rows.filter((row) => wanted(row) && row.check?.valid);
  return bars({
    title: 'Handshakes a second',
    unit: 'message 1, reading message 2, message 3 with NTLMv2; a new client each time; processor time of one core',
    rows: shown
      .toSorted((a, b) => b.perSecond.median - a.perSecond.median)
      .map(({ name, perSecond, check }) => ({ name, value: perSecond, note: check.mic ? 'with MIC' : 'no MIC' })),
  });
}

const IN_BYTES = ['pyspnego', 'impacket', 'gss-ntlmssp'];

function coldChart({ rows }) {
  return bars({
    title: 'Loading, and the first two messages',
    unit: 'milliseconds in a fresh process, by the clock; less is better',
    rows: rows
      .filter(({ name }) => !name.startsWith('import ') && name !== 'require')
      .map(({ name, milliseconds }) => ({ name: name === 'import' ? 'ntlm-wasm' : name, value: milliseconds })),
  });
}

function connectionChart({ pairs }) {
  return bars({
    title: 'Requests a second on warm connections, 16 at a time',
    unit: '1 KiB each; the plain agents do not authenticate',
    rows: pairs.flatMap(({ ours, plain, loads }) => {
      const load = loads.find(({ connections }) => connections === 16);
      return [
        { name: ours, value: load.ours },
        { name: plain, value: load.plain },
      ];
    }),
  });
}

const PROXY_TITLES = {
  requests16: ['Small requests a second through a local proxy', '16 connections, in front of Squid with NTLM'],
  get: ['A big body through a local proxy', 'MB/s, in front of Squid with NTLM'],
};

function proxyChart({ rows }, kind) {
  const [title, unit] = PROXY_TITLES[kind];
  return bars({
    title,
    unit,
    rows: rows.filter((row) => row[kind].median !== undefined).map((row) => ({ name: row.name, value: row[kind] })),
  });
}

function scaleChart({ rows }) {
  return bars({
    title: 'The local proxy: processor time per small request',
    unit: 'microseconds, by the number of connections with requests; less is better',
    rows: rows.map(({ step, cpuMicroseconds, perSecond }) => ({
      name: `ntlm-wasm, ${number(step)}`,
      value: cpuMicroseconds,
      note: `${number(perSecond.median)} requests/s`,
    })),
  });
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function round(value) {
  return Math.round(value * 10) / 10;
}
