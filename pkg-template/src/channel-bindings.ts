import { endPoint, Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';

/** A certificate as `node:crypto` has it: its DER is in `raw`. */
interface X509CertificateLike {
  readonly raw: Uint8Array;
}

/** A TLS socket as `node:tls` has it, whose other end has shown a certificate. */
interface TlsSocketLike {
  getPeerCertificate(detailed?: boolean): { raw?: Uint8Array | undefined };
}

/** A certificate: PEM, base64 of DER, DER, PKCS#7, or what Node has of it. */
export type CertificateInput = string | Uint8Array | X509CertificateLike | TlsSocketLike;

/** What to bind to: a certificate, or its hash, or the 16 bytes themselves. */
export type ChannelBindingsInput = CertificateInput | { tlsServerEndPoint: Uint8Array } | { hash: Uint8Array };

/**
 * The value that stands for a TLS channel with this server certificate: 16 bytes, as they go into the AV pair
 * `MsvAvChannelBindings` (RFC 5929 `tls-server-end-point`, MD5 as in MS-NLMP 3.1.5.1.2).
 *
 * The certificate's hash is the one that its signature names, SHA-256 instead of MD5 and SHA-1, and SHA-256 for Ed25519 and Ed448,
 * for which RFC 5929 has no rule.
 */
export function channelBindings(certificate: CertificateInput): Uint8Array {
  load();
  const hash = endPoint(certificateBytes(certificate));
  if (hash.length === 0) throw unreadable('pass a certificate as DER, PEM, base64 or PKCS#7');
  return hashOf(hash);
}

/** The 16 bytes for whatever was given. */
export function channelBindingHash(input: ChannelBindingsInput): Uint8Array {
  if (isObject(input) && 'hash' in input && input.hash instanceof Uint8Array) return input.hash;
  if (isObject(input) && 'tlsServerEndPoint' in input && input.tlsServerEndPoint instanceof Uint8Array) {
    return hashOf(input.tlsServerEndPoint);
  }
  return channelBindings(input as CertificateInput);
}

function hashOf(endPoint: Uint8Array): Uint8Array {
  return load().exchange.begin().raw(endPoint).askBytes(Operation.EndPoint);
}

function certificateBytes(input: unknown): Uint8Array {
  if (typeof input === 'string') return new TextEncoder().encode(input);
  if (input instanceof Uint8Array) return input;
  if (isObject(input) && 'raw' in input && input.raw instanceof Uint8Array) return input.raw;
  if (isObject(input) && 'getPeerCertificate' in input && typeof input.getPeerCertificate === 'function') {
    const { raw } = (input as TlsSocketLike).getPeerCertificate(false);
    if (raw instanceof Uint8Array) return raw;
  }
  throw unreadable(
    'pass a certificate as DER, PEM, base64 or PKCS#7, an X509Certificate, or a TLS socket that is connected',
  );
}

function unreadable(advice: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_CERTIFICATE', 'no X.509 certificate could be read from the input', { advice });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
