import { NtlmError } from '../../errors.js';
import { version } from '../../version.js';
import { checkOptions, CONNECTION_OPTIONS, type ConnectionOptions } from '../options.js';
import { routeName } from '../routes/route.js';
import { conclude } from './conclusions.js';
import type { Fault, Finding } from './findings.js';
import { signOn } from './handshake-probe.js';
import { certificate, connection, name, route } from './network-probes.js';
import { type Observations, shareable } from './observations.js';
import { offer } from './offer-probe.js';
import { probe } from './probe.js';
import type { Probe, Report } from './report.js';

export { type Fault, type Finding as DiagnosisFinding, FINDING_IDS } from './findings.js';
export type { Leg as DiagnosisLeg, Probe as DiagnosisProbe, Report } from './report.js';

/** The options of {@link diagnose}: those of every adapter, and these. */
export interface DiagnoseOptions extends ConnectionOptions {
  /** The maximum milliseconds per probe. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Called when a probe starts. */
  readonly onProbe?: ((id: Probe['id']) => void) | undefined;
}

const TIMEOUT = 10_000;

/**
 * Diagnoses the connection to a URL: route, name resolution, authentication offer, handshake and certificate.
 *
 * The credentials are sent once. Network failures are part of the report and never reject the promise.
 *
 * @throws {NtlmError} `ERR_NTLM_INVALID_OPTION` for an invalid URL or invalid options.
 * @example
 * const { fault, findings } = await diagnose('https://www.example.com/');
 * for (const { id, nextStep } of findings) console.log(id, nextStep);
 */
export async function diagnose(url: string | URL, options: DiagnoseOptions = {}): Promise<Report> {
  const target = checkedUrl(url);
  checkOptions(options, 'diagnose', [...CONNECTION_OPTIONS, 'timeout', 'onProbe']);
  const { timeout = TIMEOUT, onProbe, ...rest } = options;
  const connectionOptions = { ...rest, handshakeTimeout: Math.min(rest.handshakeTimeout ?? timeout, timeout) };
  const startedAt = new Date();
  const start = performance.now();
  const seen: Observations = { url: target };
  const probes: Probe[] = [];
  const run = async (id: Probe['id'], work: (signal: AbortSignal) => Promise<string>): Promise<void> => {
    onProbe?.(id);
    probes.push(await probe(id, timeout, work));
  };
  await run('route', (signal) => route(seen, connectionOptions, signal));
  await run('name', (signal) => name(seen, signal));
  await run('connection', (signal) => connection(seen, connectionOptions, signal));
  await run('offer', (signal) => offer(seen, connectionOptions, signal));
  await run('sign-on', (signal) => signOn(seen, connectionOptions, signal));
  await run('certificate', (signal) => certificate(seen, connectionOptions, signal));
  const findings = conclude(seen, probes);
  const fault = faultOf(findings);
  // Nothing is reported as ok if the request did not work and no other probe says why.
  const explained = probes.some(({ outcome }) => outcome === 'failed' || outcome === 'crashed');
  const last = probes.findIndex(({ id, outcome }) => id === 'sign-on' && outcome === 'ok');
  if (fault !== undefined && !explained && last !== -1) probes[last] = { ...probes[last]!, outcome: 'failed' };
  return {
    format: 1,
    tool: { name: 'ntlm-wasm', version: version() },
    runtime: runtime(),
    startedAt: startedAt.toISOString(),
    milliseconds: Math.round(performance.now() - start),
    url: shareable(target),
    verdict: fault === undefined ? 'works' : 'fails',
    ...(fault === undefined ? {} : { fault }),
    routes: (seen.routes ?? []).map((way) => ({
      route: routeName(way),
      ...(way.rule === undefined ? {} : { rule: way.rule }),
    })),
    probes,
    ...(seen.offer === undefined ? {} : { offer: seen.offer }),
    legs: seen.signOn?.legs ?? [],
    challenges: seen.signOn?.challenges ?? [],
    answers: seen.signOn?.answers ?? [],
    ...(seen.signOn?.status === undefined ? {} : { status: seen.signOn.status }),
    ...(seen.signOn?.page === undefined ? {} : { page: seen.signOn.page }),
    tls: {
      ...(seen.proxyTls === undefined ? {} : { proxy: seen.proxyTls }),
      ...(seen.targetTls === undefined ? {} : { target: seen.targetTls }),
    },
    findings,
  };
}

/** Returns the fault of the worst finding. The first one is closest to the cause. */
function faultOf(findings: readonly Finding[]): Fault | undefined {
  return findings.find(({ severity }) => severity === 'error')?.fault;
}

function checkedUrl(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(String(given)) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new NtlmError('ERR_NTLM_INVALID_OPTION', 'the URL is not http: or https:', {
    advice: 'pass a URL such as https://www.example/',
  });
}

function runtime(): Report['runtime'] {
  const name = process.versions['bun'] ? 'bun' : process.versions['deno'] ? 'deno' : 'node';
  const version = process.versions[name] ?? process.version;
  return { name, version, platform: process.platform, arch: process.arch };
}
