/** Checks a message 3 with other code than that which made it: fields, NTLMv2 proof and integrity code (MS-NLMP 3.3.2, 3.1.5.1.2). */
import { createHmac } from 'node:crypto';
import { ntHash } from 'ntlm-wasm';

const AV_FLAGS = 6;

/** What is right about the message: `{ valid, mic, timestamp }`, or `{ valid: false, why }`. */
export function verify([message1, message3], challenge, { password }) {
  const first = Buffer.from(message1, 'base64');
  const second = Buffer.from(challenge, 'base64');
  const third = Buffer.from(message3, 'base64');
  const encoding = third.readUInt32LE(60) & 1 ? 'utf16le' : 'latin1';
  const nt = field(third, 20);
  if (nt.length < 16 + 28) return { valid: false, why: 'no NTLMv2 response' };
  const [domain, user] = [field(third, 28).toString(encoding), field(third, 36).toString(encoding)];
  const key = hmac(ntHash(password), Buffer.from(user.toUpperCase() + domain, 'utf16le'));
  const blob = nt.subarray(16);
  if (!hmac(key, second.subarray(24, 32), blob).equals(nt.subarray(0, 16))) return { valid: false, why: 'wrong proof' };
  const pairs = avPairs(blob.subarray(28));
  const own = avPairs(field(second, 40));
  const timestamp = blob.subarray(8, 16).equals(own.get(7));
  if (((pairs.get(AV_FLAGS)?.readUInt32LE() ?? 0) & 2) === 0) return { valid: true, mic: false, timestamp };
  const sessionKey = hmac(key, nt.subarray(0, 16)); // No key exchange is offered here.
  const blank = Buffer.from(third);
  blank.fill(0, 72, 88);
  const code = hmac(sessionKey, first, second, blank);
  return { valid: true, mic: code.equals(third.subarray(72, 88)), timestamp };
}

function field(message, at) {
  const start = message.readUInt32LE(at + 4);
  return message.subarray(start, start + message.readUInt16LE(at));
}

function avPairs(bytes) {
  const pairs = new Map();
  for (let at = 0; at + 4 <= bytes.length && bytes.readUInt16LE(at) !== 0; at += 4 + bytes.readUInt16LE(at + 2)) {
    pairs.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + bytes.readUInt16LE(at + 2)));
  }
  return pairs;
}

function hmac(key, ...parts) {
  const code = createHmac('md5', key);
  for (const part of parts) code.update(part);
  return code.digest();
}
