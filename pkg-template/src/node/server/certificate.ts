import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/**
 * Creates a temporary self-signed certificate for `localhost`.
 *
 * Node cannot create certificates, and packages that can have many dependencies. A fixed certificate structure (RFC 5280,
 * section 4.1) is one page of DER.
 */
export function selfSignedCertificate(now: Date = new Date()): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8('ntlm-wasm throw-away certificate'))));
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const body = sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(0x40), randomBytes(15)])), // positive, without a leading zero
    algorithm,
    name,
    sequence(time(now.getTime() - DAY), time(now.getTime() + 30 * DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(alternativeNames(), authority())),
  );
  const signature = sign('sha256', body, privateKey);
  return {
    cert: pem('CERTIFICATE', sequence(body, algorithm, bitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const DAY = 24 * 60 * 60 * 1000;

/** subjectAltName: clients compare host names with it, not with the subject (RFC 9110, section 4.3.4). */
function alternativeNames(): Buffer {
  const names = sequence(
    der(0x82, Buffer.from('localhost')),
    der(0x87, Buffer.of(127, 0, 0, 1)),
    der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.of(1)])),
  );
  return sequence(oid('2.5.29.17'), octetString(names));
}

/** basicConstraints with cA: otherwise OpenSSL does not accept the certificate as a trust anchor. */
function authority(): Buffer {
  return sequence(oid('2.5.29.19'), der(0x01, Buffer.of(0xff)), octetString(sequence(der(0x01, Buffer.of(0xff)))));
}

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes);
const octetString = (bytes: Uint8Array): Buffer => der(0x04, bytes);
const bitString = (bytes: Uint8Array): Buffer => der(0x03, Buffer.of(0), bytes);
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const explicit = (number: number, content: Uint8Array): Buffer => der(0xa0 + number, content);

/** UTCTime, valid until 2049 (RFC 5280, section 4.1.2.5.1). */
function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Encodes seven bits per byte. The highest bit is set if more bytes follow. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
