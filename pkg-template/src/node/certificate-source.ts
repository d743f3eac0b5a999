import { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { NtlmError } from '../errors.js';
import { isJavaKeyStore, readJavaKeyStore } from './java-key-store.js';
import type { readLegacyPkcs12 } from './legacy-pkcs12.js';
import { requireHere } from './system-addon.js';

/** The source of a server certificate. */
export type CertificateSource =
  /** A PKCS#12 file (`.pfx`, `.p12`): the certificate of its private key. */
  | { pfx: Uint8Array; passphrase?: string | undefined; subject?: string | undefined }
  /** A Java key store in the format JKS or JCEKS. Those in the format PKCS#12 are PKCS#12 files. */
  | { jks: Uint8Array; passphrase?: string | undefined; subject?: string | undefined }
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
  if ('pfx' in source) return fromFile(source.pfx, source.passphrase);
  if ('jks' in source) return fromFile(source.jks, source.passphrase);
  if ('pem' in source)
    return fromPem(typeof source.pem === 'string' ? source.pem : new TextDecoder().decode(source.pem));
  if ('store' in source && source.store === 'system') return fromSystem();
  throw bad('there is no certificate to read', 'pass { pfx, passphrase }, { pem } or { store: "system", subject }');
}

/** The content decides about the format, because both have been called .jks, .keystore and .p12. */
function fromFile(bytes: Uint8Array, passphrase: string | undefined): X509Certificate[] {
  if (!isJavaKeyStore(bytes)) return [fromPfx(bytes, passphrase)];
  return readJavaKeyStore(bytes, passphrase).map((der) => parsed(der));
}

/** Node reads PKCS#12 only into a TLS context. A server socket that is never connected shows the certificate it would present. */
function fromPfx(pfx: Uint8Array, passphrase: string | undefined): X509Certificate {
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
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_CRYPTO_UNSUPPORTED_OPERATION') throw unreadable(error as NodeJS.ErrnoException);
    certificate = fromLegacyPfx(pfx, passphrase);
  }
  if (certificate === undefined)
    throw bad('there is no certificate in this PKCS#12 file', 'export it once more, with its key');
  return certificate;
}

/** Reads the encryption of old systems with node-forge, which is in a separate file. */
function fromLegacyPfx(pfx: Uint8Array, passphrase = ''): X509Certificate {
  let read: typeof readLegacyPkcs12;
  try {
    ({ readLegacyPkcs12: read } = requireHere()('./legacy-pkcs12.cjs'));
  } catch (error) {
    throw bad(
      'this PKCS#12 file is encrypted in an old way (RC2 or triple DES), and the reader for it is not part of this bundle',
      'convert it with "openssl pkcs12 -legacy -in FILE -nodes" and pass the PEM',
      error,
    );
  }
  let der: Uint8Array | undefined;
  try {
    der = read(pfx, passphrase);
  } catch (error) {
    throw unreadable(error as NodeJS.ErrnoException);
  }
  if (der === undefined) throw bad('there is no private key in this PKCS#12 file', 'pass the certificate alone as PEM');
  return parsed(der);
}

function unreadable(error: NodeJS.ErrnoException): NtlmError {
  if (/mac verify|MAC could not be verified/i.test(error.message)) {
    return bad('the passphrase is not that of this PKCS#12 file', 'pass the one that it was exported with', error);
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

function fromPem(text: string): X509Certificate[] {
  const blocks =
    text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]*CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    throw bad(
      'there is no certificate in this PEM text',
      'look for a block that begins with -----BEGIN CERTIFICATE-----',
    );
  }
  return blocks.map((block) => parsed(block));
}

function parsed(block: string | Uint8Array): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw bad('a certificate in this source is damaged', 'copy it once more, from its first line to its last', error);
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
  return getCACertificates('system').map((block) => parsed(block));
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
