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
    atLeast('the same, against the only peer with a MIC (cypress-ntlm-auth)', tokens.newClientToPeerWithMic, 5),
    atMost('the same, time against the core in Rust, base64 around both', tokens.nativeToOurs, 1.5),
    atLeast(`the same with a client used again, against the fastest peer (${fastest})`, tokens.reusedToFastest, 4),
    atLeast('the core in Rust, against the sspi crate', tokens.coreToSspi, 2),
    atMost('the core in Rust, time against its digests alone', tokens.digestsToCore, 1.2),
  ];
}

function coldAims({ toFastest, fastest, importMilliseconds }) {
  const measured = duration(importMilliseconds);
  return [
    atMost(`import and two messages in a fresh process, time against the fastest peer (${fastest})`, toFastest, 0.6),
    { what: 'the same, by the clock', aim: '<= 12 ms', measured, met: importMilliseconds.median <= 12 },
  ];
}

function sizeAims({ modules, bundles }) {
  const [tokens] = modules;
  const both = modules.find(({ name }) => name === 'both');
  const bundle = bundles.find(({ name }) => name === 'ntlm-wasm');
  const weight = (what, { raw, gzip }, most) => ({
    what,
    aim: `<= ${most.raw} KB raw, ${most.gzip} KB gzip`,
    measured: `${number(raw / KIB)} KB raw, ${number(gzip / KIB)} KB gzip`,
    met: raw <= most.raw * KIB && gzip <= most.gzip * KIB,
  });
  const rows = [weight('the module: tokens, server, sealing, SPNEGO', tokens, { raw: 64, gzip: 28 })];
  if (both) rows.push(weight('the same and the module of the decoder', both, { raw: 110, gzip: 45 }));
  const measured = `${number(bundle.gzip / KIB)} KB`;
  rows.push({
    what: "a browser user's bundle, minified, gzip",
    aim: '<= 45 KB',
    measured,
    met: bundle.gzip <= 45 * KIB,
  });
  return rows;
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
  const result = [];
  const competitors = Object.keys(ratios).filter((name) => !name.startsWith('Squid'));
  for (const name of competitors) {
    result.push(atLeast(`local proxy: small requests/s, 16 connections, against ${name}`, ratios[name].requests16, 3));
    result.push(atLeast(`local proxy: small requests/s, 1 connection, against ${name}`, ratios[name].requests1, 3));
  }
  for (const kind of ['get', 'connect']) {
    const label = kind === 'get' ? 'GET' : 'CONNECT';
    const better = competitors.toSorted((a, b) => ratios[a][kind].median - ratios[b][kind].median)[0];
    if (better === undefined) continue;
    result.push(
      atLeast(`local proxy: MB/s of a big ${label}, against the better of them (${better})`, ratios[better][kind], 1.2),
    );
    const least = Math.min(...competitors.map((name) => rows.find((row) => row.name === name)[kind].cpuPerGB));
    const measured = ours[kind].cpuPerGB;
    result.push({
      what: `local proxy: CPU seconds per GB, ${label}`,
      aim: `below the best of them (${number(least)})`,
      measured: number(measured),
      met: measured < least,
    });
  }
  return result;
}
