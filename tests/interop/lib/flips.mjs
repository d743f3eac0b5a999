// Every single bit of a message 3, flipped: which flips an acceptor may overlook, and the check that
// it overlooks no other. The layout is read here independently of the package (MS-NLMP 2.2.1.3).

import assert from 'node:assert/strict';
import { judgeAgain } from './acceptor.mjs';

const DESCRIPTORS = { lm: 12, nt: 20, domain: 28, user: 36, workstation: 44, sessionKey: 52 };
const FLAGS = 60;

function layout(message) {
  const fields = Object.fromEntries(
    Object.entries(DESCRIPTORS).map(([name, at]) => {
      const length = message.readUInt16LE(at);
      const start = message.readUInt32LE(at + 4);
      return [name, { at, start, end: start + length }];
    }),
  );
  const filled = Object.values(fields).filter(({ start, end }) => end > start);
  return {
    fields,
    header: Math.min(...filled.map(({ start }) => start)),
    end: Math.max(...filled.map(({ end }) => end)),
  };
}

/**
 * Without a MIC only the NTLMv2 response is authenticated, and through its proof the user name (in
 * capitals), the domain and the server's challenge (3.3.2). A flip elsewhere cannot be noticed by
 * cryptography. Returns why a flip at this byte may pass, or undefined.
 */
function overlookable(message, { fields, header }, at) {
  for (const name of ['lm', 'workstation', 'sessionKey']) {
    const { at: descriptor, start, end } = fields[name];
    if (at >= descriptor && at < descriptor + 8) return `descriptor of ${name}: not covered by the proof`;
    if (at >= start && at < end) return `${name}: not covered by the proof, and not used to judge it`;
  }
  for (const name of ['domain', 'user']) {
    const { at: descriptor, start, end } = fields[name];
    const inDescriptor = at >= descriptor && at < descriptor + 8;
    if (inDescriptor || (at >= start && at < end)) return `${name}: proves the same name as before`;
  }
  const { at: nt } = fields.nt;
  if (at === nt + 2 || at === nt + 3) return 'MaxLen of nt: ignored on receipt (2.2.1.3)';
  if (at >= FLAGS && at < FLAGS + 4) return 'NegotiateFlags: only a MIC covers them';
  if (at >= FLAGS + 4 && at < header) return 'version and MIC space: informational without a MIC';
  const used = Object.values(fields).some(({ start, end }) => at >= start && at < end);
  if (at >= header && !used) return 'bytes of no field';
  return undefined;
}

/** The proven user. Names are compared in upper case, as in the proof. */
const same = (a, b) =>
  a.username.toUpperCase() === b.username.toUpperCase() && a.domain.toUpperCase() === b.domain.toUpperCase();

/**
 * Flips every bit of handshake.authenticate and lets NtlmServer judge each; within Negotiate those of the NTLM message,
 * for nothing covers the frame around it. @returns how many flips passed, all of them explained
 */
export async function refusesEveryFlip(handshake) {
  const token = Buffer.from(handshake.authenticate);
  const frame = token.indexOf('NTLMSSP\0');
  const message = token.subarray(frame);
  const shape = layout(message);
  let passed = 0;
  for (let bit = 0; bit < shape.end * 8; bit++) {
    const at = bit >> 3;
    const flipped = Buffer.from(token);
    flipped[frame + at] ^= 1 << (bit & 7);
    const identity = await judgeAgain(handshake, flipped).catch((error) => {
      assert.match(String(error.code), /^ERR_NTLM_/, `bit ${bit}: ${error.stack}`);
      return undefined;
    });
    if (!identity) continue;
    assert.ok(
      !handshake.identity.mic,
      `accepted with bit ${bit & 7} of byte ${at} flipped, although a MIC covers the message`,
    );
    passed += 1;
    const why = overlookable(message, shape, at);
    assert.ok(why, `accepted with bit ${bit & 7} of byte ${at} flipped`);
    assert.ok(
      same(identity, handshake.identity),
      `bit ${bit & 7} of byte ${at} (${why}) changed who it is: ${identity.domain}\\${identity.username}`,
    );
  }
  return passed;
}
