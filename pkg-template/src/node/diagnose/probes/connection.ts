import { openTcp } from '../../connection/sockets.js';
import { type ConnectionOptions, proxyTlsOptions } from '../../connection-options.js';
import { hostPort } from '../../routes/route.js';
import { lookAtTls } from '../look-at-tls.js';
import { firstHop, firstRoute, type Observations, troubleOf } from '../observations.js';
import { Failed, Skipped } from '../probe.js';

/** Whether the first hop can be reached, and what a proxy with TLS shows of itself. */
export async function connection(seen: Observations, options: ConnectionOptions, signal: AbortSignal): Promise<string> {
  const hop = firstHop(seen);
  if (hop === undefined) throw new Skipped('there is no way to go');
  if (seen.nameTrouble !== undefined) throw new Skipped('the name is not known');
  const place = hostPort(hop.host, hop.port);
  const start = performance.now();
  const socket = await openTcp({ host: hop.host, port: hop.port }, signal).catch((error: unknown) => {
    seen.connectTrouble = signal.aborted ? { code: 'ETIMEDOUT', message: 'no answer in time' } : troubleOf(error);
    throw new Failed(`${place}: ${seen.connectTrouble.code}`);
  });
  const opened = `${place} answers after ${Math.round(performance.now() - start)} ms`;
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
