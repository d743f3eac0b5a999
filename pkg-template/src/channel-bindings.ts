import { bytesArgument, textArgument } from './core/arguments.js';
import { channelBindings as bindingsOfCertificate, channelBindingsOfHash } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { NtlmError } from './errors.js';

/** A certificate object of `node:crypto`, whose DER is in `raw`. */
interface X509CertificateLike {
  readonly raw: Uint8Array;
}

/** A `node:tls` socket whose peer has presented a certificate. */
interface TlsSocketLike {
  getPeerCertificate(detailed?: boolean): { raw?: Uint8Array | undefined };
}

/** A certificate: PEM, DER, base64-encoded DER, PKCS#7, an `X509Certificate` or a connected `TLSSocket`. */
export type CertificateInput = string | Uint8Array | X509CertificateLike | TlsSocketLike;

/** The TLS channel to bind to: a certificate, its `tls-server-end-point` hash, or the 16-byte result of {@link channelBindings}. */
export type ChannelBindingsInput = CertificateInput | { tlsServerEndPoint: Uint8Array } | { hash: Uint8Array };

/**
 * Returns the 16-byte channel binding of a server certificate: the value of the AV pair `MsvAvChannelBindings`
 * (RFC 5929 `tls-server-end-point`, MD5 as in MS-NLMP 3.1.5.1.2).
 *
 * The certificate is hashed with the hash of its signature algorithm. SHA-256 replaces MD5 and SHA-1. It is also used for
 * Ed25519 and Ed448, for which RFC 5929 has no rule.
 *
 * @throws {NtlmError} `ERR_NTLM_BAD_CERTIFICATE` if the input is not a certificate.
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

/** Returns the 16-byte channel binding for any form of input. */
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
