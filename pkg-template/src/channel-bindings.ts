import { bytesArgument, textArgument } from './core/arguments.js';
import { channelBindings as bindingsOfCertificate, channelBindingsOfHash } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';

/** A certificate object of `node:crypto`, whose DER is in `raw`. */
interface X509CertificateLike {
  readonly raw: Uint8Array;
}

/** A TLS socket of `node:tls` whose peer has presented a certificate. */
interface TlsSocketLike {
  getPeerCertificate(detailed?: boolean): { raw?: Uint8Array | undefined };
}

/** A certificate: PEM, base64 of DER, DER, PKCS#7, or an object of Node. */
export type CertificateInput = string | Uint8Array | X509CertificateLike | TlsSocketLike;

/** The channel to bind to: a certificate, its hash, or the 16 bytes themselves. */
export type ChannelBindingsInput = CertificateInput | { tlsServerEndPoint: Uint8Array } | { hash: Uint8Array };

/**
 * The value that stands for a TLS channel with this server certificate: 16 bytes, as they go into the AV pair
 * `MsvAvChannelBindings` (RFC 5929 `tls-server-end-point`, MD5 as in MS-NLMP 3.1.5.1.2).
 *
 * The hash is the one in the certificate's signature algorithm, with SHA-256 instead of MD5 and SHA-1, and SHA-256 for Ed25519 and
 * Ed448, for which RFC 5929 has no rule. Throws `ERR_NTLM_BAD_CERTIFICATE`.
 *
 * @example
 * ```js
 * const client = new NtlmClient({ username, password, channelBindings: { hash: channelBindings(socket) } });
 * ```
 */
export function channelBindings(certificate: CertificateInput): Uint8Array {
  const bytes = bytesArgument(certificateBytes(certificate), 'certificate');
  load();
  return bindingsOfCertificate(bytes);
}

/** The 16 bytes for any form of input. */
export function channelBindingHash(input: ChannelBindingsInput): Uint8Array {
  if (isObject(input) && 'hash' in input && input.hash instanceof Uint8Array) {
    return bytesArgument(input.hash, 'channelBindings');
  }
  if (isObject(input) && 'tlsServerEndPoint' in input && input.tlsServerEndPoint instanceof Uint8Array) {
    const hash = bytesArgument(input.tlsServerEndPoint, 'channelBindings');
    load();
    return channelBindingsOfHash(hash);
  }
  return channelBindings(input as CertificateInput);
}

function certificateBytes(input: unknown): Uint8Array {
  if (typeof input === 'string') return new TextEncoder().encode(textArgument(input, 'certificate'));
  if (input instanceof Uint8Array) return input;
  if (isObject(input) && 'raw' in input && input.raw instanceof Uint8Array) return input.raw;
  if (isObject(input) && 'getPeerCertificate' in input && typeof input.getPeerCertificate === 'function') {
    const { raw } = (input as TlsSocketLike).getPeerCertificate(false);
    if (raw instanceof Uint8Array) return raw;
  }
  throw new NtlmError('ERR_NTLM_BAD_CERTIFICATE', 'no X.509 certificate could be read from the input', {
    advice: 'pass a certificate as DER, PEM, base64 or PKCS#7, an X509Certificate, or a TLS socket that is connected',
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
