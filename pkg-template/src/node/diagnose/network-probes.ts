import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions as TlsOptions, type PeerCertificate, rootCertificates } from 'node:tls';
import { openTcp, startTls } from '../connection/sockets.js';
import { Connector } from '../connector.js';
import { type ConnectionOptions, proxyTlsOptions } from '../options.js';
import { withExceptions } from '../routes/exceptions.js';
import { createRouteResolver } from '../routes/index.js';
import { type Route, routeName } from '../routes/route.js';
import { type Observations, troubleOf, firstHop, firstRoute, targetOf } from './observations.js';
import { Failed, inTime, Skipped } from './probe.js';
import type { TlsView } from './report.js';
import { hostPort } from '../url.js';

/** Finds the routes for the URL, and the rule that chose them. */
export async function route(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  try {
    seen.routes = await inTime(withExceptions(createRouteResolver(options.proxy), options)(seen.url), signal);
  } catch (error) {
    seen.routeTrouble = troubleOf(error);
    throw new Failed(seen.routeTrouble.message);
  }
  return seen.routes.map(routeInWords).join(', then ');
}

function routeInWords(route: Route): string {
  const where = route.kind === 'direct' ? 'direct, without a proxy' : `through ${routeName(route)}`;
  return route.rule === undefined ? where : `${where} (${route.rule})`;
}

/** Resolves the addresses of the first hop. */
export async function name(seen: Observations, signal: AbortSignal): Promise<string> {
  const hop = firstHop(seen);
  if (hop === undefined) throw new Skipped('there is no route');
  if (isIP(hop.host) !== 0) throw new Skipped(`${hop.host} is already an address`);
  try {
    const start = performance.now();
    const found = await inTime(lookup(hop.host, { all: true }), signal);
    const addresses = found.map(({ address }) => address).join(', ');
    return `${hop.host} is ${addresses} (${Math.round(performance.now() - start)} ms)`;
  } catch (error) {
    seen.nameTrouble = troubleOf(error);
    throw new Failed(`${hop.host}: ${seen.nameTrouble.code}`);
  }
}

/** Connects to the first hop, and reads the certificate of a TLS proxy. */
export async function connection(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  const hop = firstHop(seen);
  if (hop === undefined) throw new Skipped('there is no route');
  if (seen.nameTrouble !== undefined) throw new Skipped('the name is unknown');
  const place = hostPort(hop.host, hop.port);
  const start = performance.now();
  const socket = await openTcp({ host: hop.host, port: hop.port }, signal).catch((error: unknown) => {
    seen.connectTrouble = signal.aborted ? { code: 'ETIMEDOUT', message: 'no answer in time' } : troubleOf(error);
    throw new Failed(`${place}: ${seen.connectTrouble.code}`);
  });
  const opened = `${place} accepts connections (${Math.round(performance.now() - start)} ms)`;
  try {
    if (firstRoute(seen)?.kind !== 'proxy' || !hop.tls) return opened;
    seen.proxyTls = await lookAtTls(socket, hop.host, proxyTlsOptions(options), signal).catch((error: unknown) => {
      seen.proxyTlsTrouble = troubleOf(error);
      throw new Failed(`${opened}, but not with TLS: ${seen.proxyTlsTrouble.code}`);
    });
    return `${opened}, with ${seen.proxyTls.protocol}, certificate of ${seen.proxyTls.subject} by ${seen.proxyTls.issuer}`;
  } finally {
    socket.destroy();
  }
}

/** Whether an OpenSSL error code is about the certificate. */
export function isOfCertificate(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code);
}

/** TLS error codes. They imply that the tunnel was open. */
const OF_TLS = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/;

/** Finds the issuer of the server's certificate, because many networks inspect TLS. */
export async function certificate(
  seen: Observations,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<string> {
  const { host, secure } = targetOf(seen.url);
  if (!secure) throw new Skipped('the URL is not https:');
  const { signOn } = seen;
  // Another connection authenticates again, so it is opened only if the credentials were accepted.
  const wayIsOpen = signOn?.status !== undefined || OF_TLS.test(signOn?.trouble?.code ?? '') || wasAsked(seen);
  if (!wayIsOpen) throw new Skipped('the server was not reached');
  const connector = new Connector({ ...options, servers: [] });
  try {
    const plan = await connector.plan({ url: seen.url, method: 'GET', path: '/', upgrade: false, raw: true });
    const connection = await connector.open(plan, signal);
    const socket = connection.detach();
    try {
      seen.targetTls = await lookAtTls(socket, host, options.tls, signal);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    throw new Failed(troubleOf(error).message);
  }
  const { subject, issuer, protocol, publiclyTrusted } = seen.targetTls;
  const code = signOn?.trouble?.code ?? '';
  if (isOfCertificate(code)) throw new Failed(`${subject}, issued by ${issuer}: ${code}`);
  return `${subject}, issued by ${issuer} (${publiclyTrusted ? 'a public authority' : 'no public authority'}), ${protocol}`;
}

/** Whether the server responded inside TLS, even with a rejection. */
function wasAsked({ signOn }: Observations): boolean {
  return signOn?.legs.some(({ peer, direction }) => peer === 'server' && direction === 'received') ?? false;
}

/** Reads the peer's certificate without verification. Nothing is sent over this connection. */
export async function lookAtTls(
  socket: Socket,
  host: string,
  options: TlsOptions | undefined,
  signal: AbortSignal,
): Promise<TlsView> {
  const { key, cert, pfx, passphrase, servername } = options ?? {};
  const own = { key, cert, pfx, passphrase, servername };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const bare = { ...given, ca: [...rootCertificates], rejectUnauthorized: false };
  const secured = await startTls(socket, host, bare, signal);
  const certificate = secured.getPeerCertificate(false);
  const reason = secured.authorizationError as Error | string | undefined | null;
  return {
    protocol: secured.getProtocol() ?? 'unknown',
    subject: nameInWords(certificate.subject),
    issuer: nameInWords(certificate.issuer),
    validTo: new Date(certificate.valid_to).toISOString().slice(0, 10),
    publiclyTrusted: secured.authorized,
    ...(reason ? { reason: String((reason as { code?: string }).code ?? reason) } : {}),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function nameInWords(name: PeerCertificate['subject'] | undefined): string {
  const { CN, O } = (name ?? {}) as { CN?: string | string[]; O?: string | string[] };
  const text = [CN, O].flat().filter((part) => part !== undefined && part !== '');
  return text.length === 0 ? 'without a name' : [...new Set(text)].join(', ');
}
