import { Connector } from '../../connector.js';
import type { ConnectionOptions } from '../../connection-options.js';
import { lookAtTls } from '../look-at-tls.js';
import { type Observations, targetOf, troubleOf } from '../observations.js';
import { Failed, Skipped } from '../probe.js';

/** Codes of TLS itself: behind them the tunnel was there. */
const OF_TLS = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO)/;

/** Who has issued the server's certificate: in many networks TLS is opened and closed again on the way. */
export async function certificate(
  seen: Observations,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<string> {
  const { host, secure } = targetOf(seen.url);
  if (!secure) throw new Skipped('the address is not one of https:');
  const { signOn } = seen;
  // Another connection signs on again, so only credentials that were accepted may come with it.
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
  return `${subject}, issued by ${issuer} (${publiclyTrusted ? 'a public authority' : 'no public authority'}), ${protocol}`;
}

/** The server answered inside TLS, even if only to refuse. */
function wasAsked({ signOn }: Observations): boolean {
  return signOn?.legs.some(({ peer, direction }) => peer === 'server' && direction === 'received') ?? false;
}
