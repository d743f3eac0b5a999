import type { Socket } from 'node:net';
import { type ConnectionOptions as TlsOptions, type PeerCertificate, rootCertificates } from 'node:tls';
import { startTls } from '../connection/sockets.js';
import type { TlsView } from './report.js';

/** Shakes hands whatever the certificate is like, to look at it. Nothing is sent over this. */
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
    subject: inWords(certificate.subject),
    issuer: inWords(certificate.issuer),
    validTo: new Date(certificate.valid_to).toISOString().slice(0, 10),
    publiclyTrusted: secured.authorized,
    ...(reason ? { reason: String((reason as { code?: string }).code ?? reason) } : {}),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

function inWords(name: PeerCertificate['subject'] | undefined): string {
  const { CN, O } = (name ?? {}) as { CN?: string | string[]; O?: string | string[] };
  const text = [CN, O].flat().filter((part) => part !== undefined && part !== '');
  return text.length === 0 ? 'without a name' : [...new Set(text)].join(', ');
}
