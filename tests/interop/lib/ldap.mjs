// An LDAP connection that authenticates by SASL GSS-SPNEGO with NtlmClient, and then signs or seals every
// message (RFC 4513, 5.2; MS-ADTS 5.1.1.1.2): the security layer on something real.

import { once } from 'node:events';
import { connect } from 'node:net';
import { children, ENUMERATED, INTEGER, number, OCTETS, read, SEQUENCE, tlv } from './ber.mjs';

const [BIND, BIND_ANSWER, SEARCH, SEARCH_ENTRY, SEARCH_DONE] = [0x60, 0x61, 0x63, 0x64, 0x65];
const [SASL, SERVER_CREDENTIALS, PRESENT] = [0xa3, 0x87, 0x87];
const IN_PROGRESS = 14;

export class LdapConnection {
  #socket;
  #chunks;
  #received = Buffer.alloc(0);
  #session;
  #clear;
  #id = 0;

  static async open(host, port = 389) {
    const connection = new LdapConnection();
    connection.#socket = connect(port, host);
    await once(connection.#socket, 'connect');
    connection.#chunks = connection.#socket[Symbol.asyncIterator]();
    return connection;
  }

  async bind(client) {
    let answer = await this.#bindLeg(client.negotiateBytes());
    if (answer.code === IN_PROGRESS) answer = await this.#bindLeg(client.authenticateBytes(answer.credentials));
    if (answer.code !== 0) throw new Error(`LDAP bind: result ${answer.code}: ${answer.text}`);
    if (answer.credentials?.length > 0) client.authenticateBytes(answer.credentials); // the last word of SPNEGO
    this.#session = client.session;
  }

  /** Attributes of one entry, by name. */
  async readEntry(dn, ...names) {
    const attributes = tlv(SEQUENCE, ...names.map((name) => tlv(OCTETS, name)));
    const none = number(INTEGER, 0);
    this.#send(
      tlv(
        SEARCH,
        tlv(OCTETS, dn),
        number(ENUMERATED, 0),
        number(ENUMERATED, 0),
        none,
        none,
        number(1, 0),
        tlv(PRESENT, 'objectClass'),
        attributes,
      ),
    );
    const entry = {};
    for (;;) {
      const { tag, body } = await this.#receive();
      if (tag === SEARCH_DONE) {
        const [code, , text] = children(body);
        if (code.body[0] !== 0) throw new Error(`LDAP search: result ${code.body[0]}: ${text.body}`);
        return entry;
      }
      if (tag !== SEARCH_ENTRY) continue;
      for (const { body: attribute } of children(children(body)[1].body)) {
        const [name, values] = children(attribute);
        entry[name.body.toString()] = children(values.body).map((value) => value.body.toString());
      }
    }
  }

  close() {
    this.#socket.destroy();
  }

  async #bindLeg(token) {
    this.#send(
      tlv(BIND, number(INTEGER, 3), tlv(OCTETS, ''), tlv(SASL, tlv(OCTETS, 'GSS-SPNEGO'), tlv(OCTETS, token))),
    );
    const { tag, body } = await this.#receive();
    if (tag !== BIND_ANSWER) throw new Error(`LDAP bind: answered with tag ${tag}`);
    const parts = children(body);
    const credentials = parts.find((part) => part.tag === SERVER_CREDENTIALS);
    return { code: parts[0].body[0], text: parts[2].body.toString(), credentials: credentials?.body };
  }

  #send(operation) {
    const message = tlv(SEQUENCE, number(INTEGER, ++this.#id), operation);
    this.#socket.write(this.#session ? framed(this.#session.wrap(message)) : message);
  }

  async #receive() {
    for (;;) {
      const message = this.#take();
      if (message) return children(message)[1];
      const { value: chunk, done } = await this.#chunks.next();
      if (done) throw new Error('the LDAP server closed the connection');
      this.#received = Buffer.concat([this.#received, chunk]);
    }
  }

  /** The body of the next whole LDAP message, unwrapped when a security layer is there. */
  #take() {
    if (this.#session && this.#clear === undefined) {
      if (this.#received.length < 4) return undefined;
      const length = this.#received.readUInt32BE(0);
      if (this.#received.length < 4 + length) return undefined;
      this.#clear = Buffer.from(this.#session.unwrap(this.#received.subarray(4, 4 + length)));
      this.#received = this.#received.subarray(4 + length);
    }
    const source = this.#session ? this.#clear : this.#received;
    const element = read(source);
    if (!element) return undefined;
    const rest = source.subarray(element.end);
    if (this.#session)
      this.#clear = rest.length > 0 ? rest : undefined; // a wrapped buffer may hold several messages
    else this.#received = rest;
    return element.body;
  }
}

function framed(wrapped) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(wrapped.length);
  return Buffer.concat([length, wrapped]);
}
