import type { Socket } from 'node:net';
import { Http1Client, type Answer, ClosedWithoutResponse } from '../http1/client.js';
import { legText } from '../connection/outgoing-request.js';
import { openTcp, startTls } from '../connection/sockets.js';
import { type ConnectionOptions, proxyTlsOptions } from '../options.js';
import { fieldValues } from '../http1/fields.js';
import { firstHop, firstRoute, type Observations, shareable, targetOf, troubleOf } from './observations.js';
import { Failed, Skipped } from './probe.js';
import type { OfferView } from './report.js';
import { hostPort, originOf } from '../url.js';

/** Sends a request without credentials to the first hop, and checks whether it keeps the connection. */
export async function offer(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  const hop = firstHop(seen);
  if (hop === undefined || seen.nameTrouble !== undefined || seen.connectTrouble !== undefined) {
    throw new Skipped('there is no connection');
  }
  const { method, target, host } = requestFor(seen);
  const isProxy = firstRoute(seen)?.kind === 'proxy';
  let socket: Socket | undefined;
  const onAbort = (): void => void socket?.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort);
  try {
    socket = await openTcp({ host: hop.host, port: hop.port }, signal);
    // Nothing secret is sent, so untrusted certificates are accepted.
    const tls = { ...(isProxy ? proxyTlsOptions(options) : options.tls), rejectUnauthorized: false };
    if (hop.tls) socket = await startTls(socket, hop.host, tls, signal);
    const dialogue = new Http1Client(socket, hostPort(hop.host, hop.port));
    const ask = (): Promise<Answer> => dialogue.request(method, legText(method, { target, host }, []));
    const answer = await ask();
    const view = viewOf(answer, isProxy, seen.url);
    // Relevant only if the peer sends a challenge.
    const keepsConnection = answer.reusable && (view.schemes.length === 0 || (await answers(ask)));
    seen.offer = { ...view, keepsConnection };
    return inWords(seen.offer);
  } catch (error) {
    seen.offerTrouble = signal.aborted
      ? { code: 'ETIMEDOUT', message: 'no answer in time' }
      : error instanceof ClosedWithoutResponse
        ? { code: 'ECONNRESET', message: 'the connection was closed without an answer' }
        : troubleOf(error);
    throw new Failed(seen.offerTrouble.message);
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket?.destroy();
  }
}

function requestFor(seen: Observations): { method: string; target: string; host: string } {
  const { host, port, secure } = targetOf(seen.url);
  const authority = hostPort(host, port);
  if (firstRoute(seen)?.kind === 'direct') return { method: 'HEAD', target: seen.url.pathname, host: seen.url.host };
  if (secure) return { method: 'CONNECT', target: authority, host: authority };
  return { method: 'HEAD', target: originOf({ host, port, secure }) + seen.url.pathname, host: seen.url.host };
}

function viewOf({ head }: Answer, isProxy: boolean, url: URL): Omit<OfferView, 'keepsConnection'> {
  const fromProxy = isProxy && head.status !== 401;
  const challenges = fieldValues(head.fields, fromProxy ? 'proxy-authenticate' : 'www-authenticate');
  const [software] = [...fieldValues(head.fields, 'server'), ...fieldValues(head.fields, 'via')];
  const [location] = fieldValues(head.fields, 'location');
  return {
    from: fromProxy ? 'proxy' : 'server',
    status: head.status,
    httpVersion: head.version,
    schemes: schemesOf(challenges),
    ...(software === undefined ? {} : { software: software.slice(0, 100) }),
    ...(location !== undefined && URL.canParse(location, url.href)
      ? { location: shareable(new URL(location, url.href)) }
      : {}),
  };
}

/** Returns the scheme names of challenges. One line may contain several. */
export function schemesOf(challenges: readonly string[]): string[] {
  const names = challenges.flatMap((line) =>
    [
      ...line
        .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
        .matchAll(/(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*)(?=\s*(?:,|$)|\s+[^=\s,])/g),
    ].map(([, name]) => name as string),
  );
  return [...new Set(names)];
}

function answers(ask: () => Promise<Answer>): Promise<boolean> {
  return ask().then(
    () => true,
    () => false,
  );
}

function inWords({ from, status, schemes, keepsConnection }: OfferView): string {
  if (schemes.length === 0) return `the ${from} answers ${status}, without a challenge`;
  const stays = keepsConnection ? 'keeps the connection' : 'closes the connection';
  return `the ${from} answers ${status}, offers ${schemes.join(', ')}, and ${stays}`;
}
