/**
 * The aims of the project, each with what was measured. A row whose part did not run has no measurement and no verdict.
 *
 * Rows are `{ what, aim, measured, met }`; `met` is undefined where there is nothing to compare.
 */
import { duration, number, times } from './format.mjs';

const KIB = 1024;

export function aims({ tokens, cold, sizes, connections, memory, proxies }) {
  return [
    ...(tokens ? tokenAims(tokens) : []),
    ...(cold ? coldAims(cold) : []),
    ...(sizes ? sizeAims(sizes) : []),
    ...(connections ? connectionAims(connections) : []),
    ...(memory ? memoryAims(memory) : []),
    ...(proxies ? proxyAims(proxies) : []),
  ];
}

function atLeast(what, measured, limit, note = '') {
  if (measured === undefined) return { what, aim: `>= ${limit}x`, measured: 'not measured' };
  return { what, aim: `>= ${limit}x`, measured: times(measured) + note, met: measured.median >= limit };
}

function atMost(what, measured, limit, note = '') {
  if (measured === undefined) return { what, aim: `<= ${limit}x`, measured: 'not measured' };
  return { what, aim: `<= ${limit}x`, measured: times(measured) + note, met: measured.median <= limit };
}

function tokenAims(tokens) {
  const { fastest } = tokens;
  return [
    atLeast(
      `message 1 and 3 with MIC, new client, against the fastest peer in JavaScript (${fastest})`,
      tokens.newClientToFastest,
      2.5,
    ),
    atLeast('the same, against the only peer with a MIC (cypress-ntlm-auth)', tokens.newClientToPeerWithMic, 4),
    atLeast(`the same with a client used again, against the fastest peer (${fastest})`, tokens.reusedToFastest, 4),
    atLeast('the core in Rust, against the sspi crate', tokens.coreToSspi, 2),
    atMost('the core in Rust, time against its digests alone', tokens.digestsToCore, 1.2),
  ];
}

function coldAims({ toFastest, fastest }) {
  return [
    atMost(`import and two messages in a fresh process, time against the fastest peer (${fastest})`, toFastest, 1),
  ];
}

function sizeAims({ modules, bundles }) {
  const bundle = bundles.find(({ name }) => name === 'ntlm-wasm');
  const weight = (what, wanted, most) => {
    const { raw, gzip } = modules.find(({ name }) => name === wanted);
    return {
      what,
      aim: `<= ${most.raw} KB raw, ${most.gzip} KB gzip`,
      measured: `${number(raw / KIB)} KB raw, ${number(gzip / KIB)} KB gzip`,
      met: raw <= most.raw * KIB && gzip <= most.gzip * KIB,
    };
  };
  return [
    weight('the module of tokens, with certificates', 'tokens.wasm', { raw: 104, gzip: 46 }),
    weight('the module of the decoder', 'explain.wasm', { raw: 80, gzip: 39 }),
    {
      what: "a browser user's bundle, minified, gzip",
      aim: '<= 64 KB',
      measured: `${number(bundle.gzip / KIB)} KB`,
      met: bundle.gzip <= 64 * KIB,
    },
  ];
}

function connectionAims({ wire, pairs }) {
  const ours = wire.filter(({ name }) => pairs.some((pair) => pair.ours === name));
  const rows = [];
  for (const { name, sequential, upload } of ours) {
    const extra = sequential.requests - 10;
    const seen = `${sequential.connections} connection, ${sequential.requests} requests, ${sequential.handshakes} handshake`;
    rows.push({
      what: `${name}: extra round trips for a new connection`,
      aim: '1',
      measured: String(extra),
      met: extra === 1,
    });
    const met = sequential.connections === 1 && sequential.requests === 11 && sequential.handshakes === 1;
    rows.push({
      what: `${name}: 10 sequential requests`,
      aim: '1 connection, 11 requests, 1 handshake',
      measured: seen,
      met,
    });
    const mebibytes = upload.bytesReceived / 2 ** 20;
    rows.push({
      what: `${name}: a POST of 1 MiB`,
      aim: '1.0 MiB on the wire',
      measured: `${mebibytes.toFixed(3)} MiB`,
      met: mebibytes < 1.01,
    });
  }
  for (const { ours: name, plain, loads } of pairs) {
    for (const { connections, ratio } of loads) {
      rows.push(
        atLeast(
          `${name}: warm requests/s against ${plain} without authentication, ${connections} at a time`,
          ratio,
          0.95,
        ),
      );
    }
  }
  return rows;
}

function memoryAims(rows) {
  return rows.map(({ name, requests, heapGrowthKiB }) => ({
    what: `${name}: memory over ${number(requests)} requests`,
    aim: 'flat',
    measured: `${number(heapGrowthKiB / KIB)} MiB more heap at the end than after a tenth`,
    met: heapGrowthKiB < 2048,
  }));
}

function proxyAims({ rows, ratios }) {
  const ours = rows.find(({ name }) => name === 'ntlm-wasm proxy');
  const competitors = Object.keys(ratios).filter((name) => !name.startsWith('Squid'));
  if (competitors.length === 0) return [];
  const result = [];
  const againstEach = (what, kind, limit) => {
    for (const name of competitors)
      result.push(atLeast(`local proxy: ${what}, against ${name}`, ratios[name][kind], limit));
  };
  const againstBetter = (what, kind, limit) => {
    const known = competitors.filter((name) => ratios[name][kind] !== undefined);
    const [better] = known.toSorted((a, b) => ratios[a][kind].median - ratios[b][kind].median);
    result.push(atLeast(`local proxy: ${what}, against the better of them (${better})`, ratios[better]?.[kind], limit));
  };
  againstEach('small requests/s, 16 connections', 'requests16', 3);
  againstEach('small requests/s, 1 connection', 'requests1', 3);
  againstEach('keep-alive requests/s inside 16 tunnels', 'insideTunnels', 3);
  const failed = ours.insideTunnels.failed ?? 'all';
  result.push({
    what: 'local proxy: failed requests inside tunnels',
    aim: '0',
    measured: `${failed}`,
    met: failed === 0,
  });
  againstEach('new tunnels/s', 'tunnels', 2);
  againstBetter('MB/s of a big body in a tunnel', 'connect', 1.2);
  againstBetter('MB/s of a big body by GET', 'get', 1);
  const costs = rows.filter(({ name }) => competitors.includes(name)).map(({ get }) => get.cpu ?? Infinity);
  const least = Math.min(...costs);
  result.push({
    what: 'local proxy: CPU seconds per GB, GET',
    aim: `below the best of them (${number(least)})`,
    measured: number(ours.get.cpu),
    met: ours.get.cpu < least,
  });
  return result;
}
