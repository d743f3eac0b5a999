import { createHash, timingSafeEqual } from 'node:crypto';
import { NtlmError } from '../errors.js';

/** The formats JKS and JCEKS of java.security.KeyStore. Since Java 9 the default format is PKCS#12. */
const MAGIC = [0xfeedfeed, 0xcececece];
const PRIVATE_KEY = 1;
const TRUSTED_CERTIFICATE = 2;
const DIGEST_LENGTH = 20;

export function isJavaKeyStore(bytes: Uint8Array): boolean {
  return bytes.length > 4 && MAGIC.includes(Buffer.from(bytes).readUInt32BE(0));
}

/**
 * Returns the certificates (DER) of a Java key store, those of private keys first. Certificates are not encrypted; the
 * passphrase, if given, is checked.
 */
export function readJavaKeyStore(bytes: Uint8Array, passphrase: string | undefined): Uint8Array[] {
  const all = Buffer.from(bytes);
  const content = all.subarray(0, Math.max(0, all.length - DIGEST_LENGTH));
  if (passphrase !== undefined) {
    const password = Buffer.from(passphrase, 'utf16le').swap16();
    const digest = createHash('sha1').update(password).update('Mighty Aphrodite').update(content).digest();
    password.fill(0);
    const stored = all.subarray(content.length);
    if (stored.length !== DIGEST_LENGTH || !timingSafeEqual(digest, stored)) {
      throw bad('the passphrase is not that of this Java key store, or the file is damaged');
    }
  }
  const reader = new Reader(content);
  const [ofKeys, trusted]: [Uint8Array[], Uint8Array[]] = [[], []];
  reader.number(4);
  const version = reader.number(4);
  const certificate = (): Uint8Array => {
    if (version === 2) reader.bytes(reader.number(2));
    return reader.bytes(reader.number(4));
  };
  for (let left = reader.number(4); left > 0; left -= 1) {
    const tag = reader.number(4);
    reader.bytes(reader.number(2)); // alias
    reader.bytes(8); // date
    if (tag === TRUSTED_CERTIFICATE) trusted.push(certificate());
    else if (tag === PRIVATE_KEY) {
      reader.bytes(reader.number(4));
      const chain = Array.from({ length: Math.min(reader.number(4), 100) }, certificate);
      ofKeys.push(...chain.slice(0, 1));
      trusted.push(...chain.slice(1));
    } else throw bad('this Java key store contains an entry of another kind than keys and certificates');
  }
  return [...ofKeys, ...trusted];
}

class Reader {
  #at = 0;
  readonly #content: Buffer;

  constructor(content: Buffer) {
    this.#content = content;
  }

  number(length: 2 | 4): number {
    const bytes = this.bytes(length);
    return length === 2 ? bytes.readUInt16BE(0) : bytes.readUInt32BE(0);
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#content.length) throw bad('this Java key store is damaged');
    const bytes = this.#content.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

function bad(message: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_CERTIFICATE', message, {
    advice: 'check it with "keytool -list -keystore FILE", or export the certificate as PEM',
  });
}
