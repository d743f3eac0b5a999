import { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { NtlmError } from '../errors.js';

/** The source of a server certificate. */
export type CertificateSource =
  /** A PKCS#12 file (`.pfx`, `.p12`): the certificate of its private key. */
  | { pfx: Uint8Array; passphrase?: string | undefined; subject?: string | undefined }
  /** PEM with one or more certificates. */
  | { pem: string | Uint8Array; subject?: string | undefined }
  /** The operating system's trust store, as far as Node can read it: root certificates only. */
  | { store: 'system'; subject: string };

/**
 * Reads a certificate for `channelBindings()`.
 *
 * `subject` selects one of several certificates: the whole subject, one line of it (`CN=proxy.corp.example`) or the value of
 * a line (`proxy.corp.example`), case-insensitively. Without a subject, or with `*`, the first certificate is returned.
 *
 * @throws {NtlmError} `ERR_NTLM_BAD_CERTIFICATE` if the source cannot be read or no certificate matches.
 * @example
 * const certificate = certificateFrom({ pem: await readFile('chain.pem'), subject: 'proxy.corp.example' });
 */
export function certificateFrom(source: CertificateSource): X509Certificate {
  const found = candidates(source);
  const { subject } = source;
  const chosen = found.find((certificate) => subject === undefined || hasSubject(certificate, subject));
  if (chosen !== undefined) return chosen;
  const names = found.slice(0, 5).map((certificate) => `"${certificate.subject.replaceAll('\n', ', ')}"`);
  throw bad(
    `none of the ${found.length} certificates has the subject "${subject}"`,
    `use one of its subjects, such as ${names.join(' or ')}`,
  );
}

function candidates(source: CertificateSource): X509Certificate[] {
  if ('pfx' in source) return [fromPfx(source.pfx, source.passphrase)];
  if ('pem' in source)
    return fromPem(typeof source.pem === 'string' ? source.pem : new TextDecoder().decode(source.pem));
  if ('store' in source && source.store === 'system') return fromSystem();
  throw bad('there is no certificate to read', 'pass { pfx, passphrase }, { pem } or { store: "system", subject }');
}

/** Node reads PKCS#12 only into a TLS context. A server socket that is never connected shows the certificate it would present. */
function fromPfx(pfx: Uint8Array, passphrase: string | undefined): X509Certificate {
  if (isJavaKeyStore(pfx)) {
    throw bad(
      'this is a Java key store, which Node cannot read',
      'convert it with "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype pkcs12"',
    );
  }
  let certificate: X509Certificate | undefined;
  try {
    const secureContext = tls.createSecureContext({
      pfx: Buffer.from(pfx),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
    const end = new tls.TLSSocket(new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }), {
      isServer: true,
      secureContext,
    });
    certificate = end.getX509Certificate();
    end.destroy();
  } catch (error) {
    throw unreadable(error as NodeJS.ErrnoException);
  }
  if (certificate === undefined)
    throw bad('there is no certificate in this PKCS#12 file', 'export it once more, with its key');
  return certificate;
}

function unreadable(error: NodeJS.ErrnoException): NtlmError {
  if (/mac verify/i.test(error.message)) {
    return bad('the passphrase is not that of this PKCS#12 file', 'pass the one that it was exported with', error);
  }
  if (error.code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION') {
    return bad(
      'this PKCS#12 file is encrypted in an old way (RC2 or triple DES) that OpenSSL 3 does not read',
      'export it once more with AES, or convert it with "openssl pkcs12 -legacy -in FILE -nodes" and pass the PEM',
      error,
    );
  }
  if (/private key/i.test(error.message)) {
    return bad('there is no private key in this PKCS#12 file', 'pass the certificate alone as PEM', error);
  }
  return bad(
    'this is no PKCS#12 file that can be read here',
    'export it once more, or pass the certificate as PEM',
    error,
  );
}

function isJavaKeyStore(bytes: Uint8Array): boolean {
  return [0xfe, 0xed, 0xfe, 0xed].every((byte, index) => bytes[index] === byte);
}

function fromPem(text: string): X509Certificate[] {
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]*CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    throw bad(
      'there is no certificate in this PEM text',
      'look for a block that begins with -----BEGIN CERTIFICATE-----',
    );
  }
  return blocks.map(parsed);
}

function parsed(block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw bad('a certificate in this PEM text is damaged', 'copy it once more, from its first line to its last', error);
  }
}

function fromSystem(): X509Certificate[] {
  // Node 22.15 and later.
  const { getCACertificates } = tls as typeof tls & { getCACertificates?: (type: 'system') => string[] };
  if (getCACertificates === undefined) {
    throw bad(
      'this runtime cannot read what the operating system trusts',
      'use Node 22.15 or later, or export the certificate and pass it as PEM',
    );
  }
  return getCACertificates('system').map(parsed);
}

function hasSubject({ subject }: X509Certificate, wanted: string): boolean {
  const same = (text: string): boolean => text.toLowerCase() === wanted.trim().toLowerCase();
  const lines = subject.split('\n');
  return (
    wanted === '*' ||
    same(subject) ||
    same(lines.join(', ')) ||
    lines.some((line) => same(line) || same(line.slice(line.indexOf('=') + 1)))
  );
}

function bad(message: string, advice: string, cause?: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_CERTIFICATE', message, { advice, ...(cause === undefined ? {} : { cause }) });
}
