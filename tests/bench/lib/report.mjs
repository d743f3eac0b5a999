/** The report in markdown: the aims with their verdicts first, then all that was measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aims } from './aims.mjs';
import { duration, number, spread, table, times } from './format.mjs';
import { proxyTables, scaleTables } from './proxy-report.mjs';

/** @param charts the chart files in `figures/` next to the report; without them, the report has only tables */
export function markdown(results, charts = []) {
  const chart = (prefix) =>
    charts.filter((name) => name.startsWith(prefix)).map((name) => `![${CHARTS[name]}](figures/${name})`);
  const { machine, quick, tokens, cold, sizes, connections, memory, proxies, scale, notes } = results;
  const parts = [
    '# Figures',
    about(machine, quick),
    '## Aims',
    table(
      ['what', 'aim', 'measured', ''],
      aims(results).map(({ what, aim, measured, met }) => [what, aim, measured, verdict(met)]),
    ),
  ];
  // Written by hand after a run of all parts.
  if (charts.length > 0) parts.push(readFileSync(join(import.meta.dirname, '../goals-not-met.md'), 'utf8').trim());
  if (tokens) parts.push('## Tokens', TOKENS, ...chart('tokens'), tokenTable(tokens), instructionTable(tokens));
  if (cold) parts.push('## Cold start', COLD, ...chart('cold'), coldTable(cold), processTable(cold));
  if (sizes) parts.push('## Sizes', sizeTable(sizes), bundleTable(sizes), breakdown(sizes.breakdown));
  if (connections) {
    parts.push('## Connections', wireTable(connections), ...chart('connections'));
    parts.push(pairTable(connections), bodyTable(connections));
  }
  if (memory) parts.push('## Memory', memoryTable(memory));
  if (proxies) parts.push('## The local proxy', ...chart('proxy'), ...proxyTables(proxies));
  if (scale) parts.push('## Scale', ...chart('scale'), ...scaleTables(scale));
  if (notes.length > 0) parts.push('## Not measured', notes.map((note) => `- ${note}`).join('\n'));
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

const TOKENS =
  'Messages a second of processor time, message 2 of 226 bytes with names and a timestamp, in base64 unless it says bytes. ' +
  'The digests alone are what RustCrypto needs for one handshake, with nothing around it: the floor.';
const COLD = 'Load, message 1, message 3, in a fresh process; milliseconds by the clock, memory after a collection.';

const CHARTS = {
  'tokens.svg': 'messages a second, by implementation',
  'cold-start.svg': 'milliseconds from nothing to message 3, by implementation',
  'connections.svg': 'warm requests a second with and without authentication',
  'proxy-requests.svg': 'small requests a second through each local proxy',
  'proxy-get.svg': 'megabytes a second through each local proxy',
  'scale-connections.svg': 'processor time per request of the local proxy, by the number of connections',
};

function verdict(met) {
  return met === undefined ? '' : met ? 'reached' : '**short**';
}

function about({ date, processor, cores, memoryGiB, system, node, rustc, load }, quick) {
  const kind = quick ? 'Quick run, fewer and shorter rounds. ' : '';
  return (
    `${kind}${date}, ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, rustc ${rustc ?? 'unknown'}, ` +
    `load ${number(load)} at the start. All contenders took turns in one run; a ratio is the median over the rounds, ` +
    'in brackets the quartiles.'
  );
}

function tokenTable({ rows }) {
  const mic = (check) =>
    check === undefined ? '' : !check.valid ? `message 3 is wrong: ${check.why}` : check.mic ? 'MIC' : 'no MIC';
  const cells = rows.map(({ name, version, case: kind, perSecond, microseconds, check }) => [
    [LABELS[name] ?? name, version].filter(Boolean).join(' '),
    kind,
    spread(perSecond),
    number(microseconds),
    mic(check),
  ]);
  return table(['who', 'what', 'a second', 'µs', 'message 3'], cells);
}

function instructionTable({ instructions }) {
  if (instructions === undefined) return undefined;
  const cells = instructions.map(({ name, case: kind, instructions: count }) => [LABELS[name], kind, number(count)]);
  return table(['instructions of a handshake (callgrind)', 'what', 'count'], cells);
}

const LABELS = { core: 'core in Rust', digests: 'digests alone', sspi: 'sspi crate' };

function coldTable({ rows }) {
  const cells = rows.map(({ name, milliseconds, heapKiB, rssKiB }) => [
    name,
    duration(milliseconds),
    number(heapKiB),
    number(rssKiB),
  ]);
  return table(['who', 'time', 'heap, KiB', 'RSS, KiB'], cells);
}

function processTable({ processes }) {
  const cells = processes.map(({ name, milliseconds, beyondEmpty }) => [
    name,
    duration(milliseconds),
    duration(beyondEmpty),
  ]);
  return table(['whole process', 'time', 'beyond an empty one'], cells);
}

function sizeTable({ modules, tarball }) {
  const cells = modules.map(({ name, raw, gzip, brotli }) => [name, number(raw), number(gzip), number(brotli)]);
  return table(['bytes', 'raw', 'gzip', 'brotli'], [...cells, ['npm tarball', '', number(tarball), '']]);
}

function bundleTable({ bundles }) {
  const cells = bundles.map(({ name, platform, raw, gzip, error }) => [
    name,
    error ?? platform,
    raw && number(raw),
    gzip && number(gzip),
  ]);
  return table(['bundle, bytes', 'for', 'minified', 'gzip'], cells);
}

function breakdown(found) {
  if (found === undefined) return undefined;
  const crates = table(
    ['crate', 'bytes'],
    found.crates.map(({ crate, bytes }) => [crate, number(bytes)]),
  );
  const functions = table(
    ['function', 'bytes'],
    found.functions.map(({ name, bytes }) => [`\`${name}\``, number(bytes)]),
  );
  return `What the module of tokens is made of, before the optimiser:\n\n${crates}\n\n${functions}`;
}

function wireTable({ wire }) {
  const shape = (seen) => (seen ? `${seen.connections} / ${seen.requests} / ${seen.handshakes}` : 'fails');
  const cells = wire.map(({ name, sequential, concurrent, upload }) => [
    name,
    shape(sequential),
    shape(concurrent),
    upload ? `${number(upload.bytesReceived / 2 ** 20)} MiB in ${upload.requests} requests` : 'fails',
  ]);
  return `Connections / requests / handshakes, as the server counts them:\n\n${table(['who', '10 sequential', '10 at a time', 'POST of 1 MiB'], cells)}`;
}

function pairTable({ pairs }) {
  const cells = pairs.flatMap(({ ours, plain, loads }) =>
    loads.map(({ connections, ours: mine, plain: theirs, ratio, cpuRatio }) => [
      `${ours} against ${plain}`,
      connections,
      spread(mine),
      spread(theirs),
      times(ratio),
      times(cpuRatio),
    ]),
  );
  return `Requests a second on warm connections, 1 KiB each; the last column counts the client's processor time:\n\n${table(['who', 'at a time', 'with NTLM', 'without', 'ratio', 'by CPU'], cells)}`;
}

function bodyTable({ pairs, perConnection }) {
  const cells = pairs.flatMap(({ ours, plain, download, upload }) =>
    Object.entries({ download, upload }).map(([kind, { ours: mine, plain: theirs, ratio }]) => [
      `${ours} against ${plain}`,
      kind,
      spread(mine),
      spread(theirs),
      times(ratio),
    ]),
  );
  const each = perConnection.map(({ name, heapKiB, rssKiB }) => [name, number(heapKiB), number(rssKiB)]);
  return [
    table(['big bodies, MB/s', 'which way', 'with NTLM', 'without', 'ratio'], cells),
    table(['memory of an idle connection, one of 256', 'heap, KiB', 'RSS, KiB'], each),
  ].join('\n\n');
}

function memoryTable(rows) {
  const cells = rows.map(({ name, requests, heapMiB, heapGrowthKiB, rssGrowthKiB }) => [
    name,
    number(requests),
    number(heapMiB),
    number(heapGrowthKiB),
    number(rssGrowthKiB),
  ]);
  const head = ['', 'requests', 'heap at the end, MiB', 'growth since the first tenth, KiB', 'of RSS, KiB'];
  return table(head, cells);
}
