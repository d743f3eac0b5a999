// Wireshark's opinion of tokens: they go into a capture file as HTTP headers, and tshark takes it apart.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.mjs';

const LINKTYPE_RAW_IP = 101;
const CLIENT = { ip: [127, 0, 0, 1], port: 40000 };
const SERVER = { ip: [127, 0, 0, 2], port: 80 };

/** @param {Buffer[]} tokens of one handshake, in order @returns an object per token: Wireshark's field name -> values */
export async function dissect(tokens) {
  const folder = mkdtempSync(join(tmpdir(), 'capture-'));
  try {
    const file = join(folder, 'handshake.pcap');
    writeFileSync(file, capture(tokens));
    const { stdout, stderr } = await runProgram('tshark', [
      '-n',
      '-r',
      file,
      '-Y',
      'ntlmssp',
      '-T',
      'json',
      '--no-duplicate-keys',
    ]);
    if (!stdout.startsWith('[')) throw new Error(`tshark: ${stderr}`);
    return JSON.parse(stdout).map((packet) => flatten(packet._source.layers));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every leaf of Wireshark's tree by its name; names may come several times. */
function flatten(tree, found = {}) {
  for (const [name, value] of Object.entries(tree)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && typeof one === 'object') flatten(one, found);
      else if (name.startsWith('ntlmssp.')) (found[name] ??= []).push(one);
    }
  }
  return found;
}

function capture(tokens) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(LINKTYPE_RAW_IP, 20);
  const sent = { client: 1, server: 1 };
  const packets = tokens.map((token, i) => {
    const scheme = token.subarray(0, 7).toString() === 'NTLMSSP' ? 'NTLM' : 'Negotiate';
    const value = `${scheme} ${token.toString('base64')}`;
    const fromClient = i % 2 === 0;
    const text = fromClient
      ? `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: ${value}\r\n\r\n`
      : `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${value}\r\nContent-Length: 0\r\n\r\n`;
    const [from, to, mine, theirs] = fromClient
      ? [CLIENT, SERVER, 'client', 'server']
      : [SERVER, CLIENT, 'server', 'client'];
    const packet = tcp(from, to, sent[mine], sent[theirs], Buffer.from(text));
    sent[mine] += text.length;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(i, 0);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    return Buffer.concat([record, packet]);
  });
  return Buffer.concat([header, ...packets]);
}

function tcp(from, to, sequence, acknowledged, payload) {
  const packet = Buffer.alloc(40);
  packet[0] = 0x45;
  packet.writeUInt16BE(40 + payload.length, 2);
  packet[8] = 64;
  packet[9] = 6;
  packet.set(from.ip, 12);
  packet.set(to.ip, 16);
  packet.writeUInt16BE(from.port, 20);
  packet.writeUInt16BE(to.port, 22);
  packet.writeUInt32BE(sequence, 24);
  packet.writeUInt32BE(acknowledged, 28);
  packet[32] = 0x50;
  packet[33] = 0x18; // PSH, ACK
  packet.writeUInt16BE(65535, 34);
  return Buffer.concat([packet, payload]);
}
