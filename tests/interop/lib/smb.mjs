// As much of SMB 2.1 (MS-SMB2) as shows that a session key is the right one: negotiate, session
// setup with NtlmClient, and a signed tree connect whose signed answer is checked.

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

const [NEGOTIATE, SESSION_SETUP, TREE_CONNECT] = [0, 1, 3];
const HEADER = 64;
const SIGNED = 8;
const MORE_PROCESSING = 0xc0000016;
const SIGNING_ENABLED = 1;

export class SmbConnection {
  #socket;
  #chunks;
  #received = Buffer.alloc(0);
  #messageId = 0n;
  #sessionId = 0n;
  #signingKey;

  static async open(host, port = 445) {
    const connection = new SmbConnection();
    connection.#socket = connect(port, host);
    await once(connection.#socket, 'connect');
    connection.#chunks = connection.#socket[Symbol.asyncIterator]();
    await connection.#negotiate();
    return connection;
  }

  async setUpSession(client) {
    let answer = await this.#sessionSetup(client.negotiateBytes());
    if (answer.status === MORE_PROCESSING) answer = await this.#sessionSetup(client.authenticateBytes(answer.token));
    if (answer.status !== 0) throw new Error(`SMB session setup: status 0x${answer.status.toString(16)}`);
    if (answer.token.length > 0) client.authenticateBytes(answer.token); // the last word of SPNEGO
    this.#signingKey = Buffer.from(client.session.exportedSessionKey).subarray(0, 16);
  }

  /** Connects to a share such as \\server\IPC$; the request is signed, and so must the answer be. */
  async connectTree(path) {
    const name = Buffer.from(path, 'utf16le');
    const body = Buffer.alloc(8);
    body.writeUInt16LE(9, 0);
    body.writeUInt16LE(HEADER + body.length, 4);
    body.writeUInt16LE(name.length, 6);
    const answer = await this.#exchange(TREE_CONNECT, Buffer.concat([body, name]));
    const status = answer.readUInt32LE(8);
    if (status !== 0) throw new Error(`SMB tree connect: status 0x${status.toString(16)}`);
    if (!(answer.readUInt32LE(16) & SIGNED)) throw new Error('the answer is not signed');
    if (!this.#signature(answer).equals(answer.subarray(48, 64)))
      throw new Error('the signature of the answer does not match');
  }

  close() {
    this.#socket.destroy();
  }

  async #negotiate() {
    const body = Buffer.alloc(38);
    body.writeUInt16LE(36, 0);
    body.writeUInt16LE(1, 2); // one dialect
    body.writeUInt16LE(SIGNING_ENABLED, 4);
    body.fill(7, 12, 28); // client GUID
    body.writeUInt16LE(0x0210, 36);
    await this.#exchange(NEGOTIATE, body);
  }

  async #sessionSetup(token) {
    const body = Buffer.alloc(24);
    body.writeUInt16LE(25, 0);
    body[3] = SIGNING_ENABLED;
    body.writeUInt16LE(HEADER + body.length, 12);
    body.writeUInt16LE(token.length, 14);
    const answer = await this.#exchange(SESSION_SETUP, Buffer.concat([body, token]));
    this.#sessionId = answer.readBigUInt64LE(40);
    const at = answer.readUInt16LE(HEADER + 4);
    return { status: answer.readUInt32LE(8), token: answer.subarray(at, at + answer.readUInt16LE(HEADER + 6)) };
  }

  async #exchange(command, body) {
    const message = Buffer.concat([Buffer.alloc(HEADER), body]);
    message.write('\xfeSMB', 'latin1');
    message.writeUInt16LE(HEADER, 4);
    message.writeUInt16LE(1, 6); // credit charge
    message.writeUInt16LE(command, 12);
    message.writeUInt16LE(1, 14); // credits asked for
    message.writeUInt32LE(this.#signingKey ? SIGNED : 0, 16);
    message.writeBigUInt64LE(this.#messageId++, 24);
    message.writeBigUInt64LE(this.#sessionId, 40);
    if (this.#signingKey) this.#signature(message).copy(message, 48);
    const frame = Buffer.alloc(4);
    frame.writeUInt32BE(message.length);
    this.#socket.write(Buffer.concat([frame, message]));
    return this.#receive();
  }

  async #receive() {
    for (;;) {
      const whole = this.#received.length >= 4 ? 4 + this.#received.readUInt32BE(0) : Infinity;
      if (this.#received.length >= whole) {
        const message = this.#received.subarray(4, whole);
        this.#received = this.#received.subarray(whole);
        return message;
      }
      const { value: chunk, done } = await this.#chunks.next();
      if (done) throw new Error('the SMB server closed the connection');
      this.#received = Buffer.concat([this.#received, chunk]);
    }
  }

  /** SMB 2.1 signs with HMAC-SHA256 over the message with an empty signature field (3.1.4.1). */
  #signature(message) {
    const bare = Buffer.from(message);
    bare.fill(0, 48, 64);
    return createHmac('sha256', this.#signingKey).update(bare).digest().subarray(0, 16);
  }
}
