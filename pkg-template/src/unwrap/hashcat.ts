// Hashcat lines (modes 5500 and 5600), as written by Responder and other tools: a challenge and its responses.

import { fromHex } from './binary.js';

export interface HashLine {
  challenge: Uint8Array;
  authenticate: Uint8Array;
  start: number;
  end: number;
}

const NAME = String.raw`[^\s:"'<>|]`;
const V2 = new RegExp(String.raw`(${NAME}+)::(${NAME}*):([0-9a-f]{16}):([0-9a-f]{32}):((?:[0-9a-f]{2}){28,})`, 'gi');
const V1 = new RegExp(
  String.raw`(${NAME}+)::(${NAME}*):([0-9a-f]{48})?:([0-9a-f]{48}):([0-9a-f]{16})(?![0-9a-f])`,
  'gi',
);

const UNICODE = 1;
const TARGET_INFO = 0x80_0000;
const ESS = 0x8_0000;

/** Returns the hashcat lines of a text, each as two equivalent messages. */
export function hashLines(text: string): HashLine[] {
  if (!text.includes('::')) return [];
  const found: HashLine[] = [];
  for (const { 0: line, 1: user, 2: domain, 3: nonce, 4: proof, 5: blob, index } of text.matchAll(V2)) {
    const response = fromHex(`${proof}${blob}`);
    const challenge = challengeMessage(fromHex(nonce!), attributes(response.subarray(44)), UNICODE | ESS | TARGET_INFO);
    const authenticate = authenticateMessage(domain!, user!, new Uint8Array(), response, UNICODE | ESS | TARGET_INFO);
    found.push({ challenge, authenticate, start: index, end: index + line.length });
  }
  for (const { 0: line, 1: user, 2: domain, 3: lm, 4: nt, 5: nonce, index } of text.matchAll(V1)) {
    const lmResponse = fromHex(lm ?? '');
    const ess = lmResponse.length === 24 && lmResponse.subarray(8).every((byte) => byte === 0);
    const flags = UNICODE | (ess ? ESS : 0);
    const challenge = challengeMessage(fromHex(nonce!), new Uint8Array(), flags);
    const authenticate = authenticateMessage(domain!, user!, lmResponse, fromHex(nt!), flags);
    found.push({ challenge, authenticate, start: index, end: index + line.length });
  }
  return found.sort((one, other) => one.start - other.start);
}

/** Returns a list of AV pairs including its terminator; empty if there is none, as in hashcat's examples. */
function attributes(list: Uint8Array): Uint8Array {
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  for (let at = 0; at + 4 <= list.length;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    at += 4 + length;
    if (id === 0 && at <= list.length) return list.subarray(0, at);
  }
  return new Uint8Array();
}

function challengeMessage(nonce: Uint8Array, targetInfo: Uint8Array, flags: number): Uint8Array {
  return message(
    2,
    48,
    (view, put) => {
      put(12, new Uint8Array());
      view.setUint32(20, flags, true);
      new Uint8Array(view.buffer).set(nonce, 24);
      put(40, targetInfo);
    },
    [targetInfo],
  );
}

function authenticateMessage(domain: string, user: string, lm: Uint8Array, nt: Uint8Array, flags: number): Uint8Array {
  const [domainName, userName] = [utf16(domain), utf16(user)];
  return message(
    3,
    64,
    (view, put) => {
      put(28, domainName);
      put(36, userName);
      put(44, new Uint8Array());
      put(12, lm);
      put(20, nt);
      put(52, new Uint8Array());
      view.setUint32(60, flags, true);
    },
    [domainName, userName, lm, nt],
  );
}

type Put = (field: number, value: Uint8Array) => void;

function message(
  type: number,
  header: number,
  fill: (view: DataView, put: Put) => void,
  payload: Uint8Array[],
): Uint8Array {
  const bytes = new Uint8Array(payload.reduce((sum, part) => sum + part.length, header));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('NTLMSSP'));
  view.setUint32(8, type, true);
  let end = header;
  fill(view, (field, value) => {
    view.setUint16(field, value.length, true);
    view.setUint16(field + 2, value.length, true);
    view.setUint32(field + 4, end, true);
    bytes.set(value, end);
    end += value.length;
  });
  return bytes;
}

function utf16(latin1: string): Uint8Array {
  const text = new TextDecoder().decode(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
}
