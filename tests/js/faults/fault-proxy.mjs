import { once } from 'node:events';
import { createServer } from 'node:net';
import { NtlmServer } from '../../../pkg/dist/index.js';

export const ALICE = { username: 'alice', password: 'Wonderland-1865', domain: 'CORP' };
let users = 0;

/** Another user each time: what one proxy rejects is not sent to the next. */
export function credentials() {
  users += 1;
  return { ...ALICE, username: `${ALICE.username}${users}` };
}

export const PAGE = 'the page behind the proxy';

/**
 * A proxy that misbehaves as its script says. The script gets each connection in turn and writes, byte by byte if it
 * wants to, what a real one would or never should.
 */
export async function startFaultProxy(t, script) {
  const proxy = new FaultProxy(script);
  t.after(() => proxy.close());
  await proxy.listen();
  return proxy;
}

class FaultProxy {
  /** Every value of every Proxy-Authorization field, in the order of arrival. */
  tokens = [];
  /** Request lines, in the order of arrival. */
  requests = [];
  connections = 0;
  failures = [];
  #server;
  #sockets = new Set();
  #script;

  constructor(script) {
    this.#script = script;
  }

  async listen() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      const connection = new FaultConnection(socket, this);
      Promise.resolve(this.#script(connection, this.connections)).catch((error) => {
        // A client that leaves in the middle of a script is right to do so; a mistake in the script is not.
        if (!(error instanceof Gone)) this.failures.push(error);
        socket.destroy();
      });
    });
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Messages of type 3 that arrived. */
  get authenticateMessages() {
    return this.tokens.filter((token) => messageType(token) === 3);
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The client has closed the connection. */
export class Gone extends Error {}

export function messageType(value = '') {
  const bytes = Buffer.from(value.split(' ')[1] ?? '', 'base64');
  const at = bytes.indexOf('NTLMSSP\0');
  return at === -1 ? undefined : bytes[at + 8];
}

export class FaultConnection {
  socket;
  #proxy;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #server = new NtlmServer({
    netbiosDomain: 'CORP',
    netbiosComputer: 'PROXY',
    account: ({ username }) => (/^ali(ce)?\d*$/.test(username) ? { password: ALICE.password } : undefined),
  });

  constructor(socket, proxy) {
    this.socket = socket;
    this.#proxy = proxy;
    socket.on('data', (chunk) => (this.#bytes = Buffer.concat([this.#bytes, chunk])));
    for (const event of ['end', 'close']) socket.on(event, () => (this.#ended = true));
  }

  /** The next request: { method, target, version, fields, token, body }. */
  async request() {
    const { head, ...request } = await this.requestHead();
    const length = Number(request.fields['content-length'] ?? 0);
    const body = request.fields['transfer-encoding'] ? await this.#chunks() : await this.bytes(length);
    return { ...request, body };
  }

  /** The same without waiting for its body. */
  async requestHead() {
    const head = await this.#until('\r\n\r\n');
    const [first, ...lines] = head.split('\r\n');
    const [method, target, version] = first.split(' ');
    const fields = {};
    for (const line of lines)
      fields[line.slice(0, line.indexOf(':')).toLowerCase()] = line.slice(line.indexOf(':') + 2);
    const token = fields['proxy-authorization'];
    this.#proxy.requests.push(first);
    if (token !== undefined) this.#proxy.tokens.push(token);
    return { head, method, target, version, fields, token, type: messageType(token) };
  }

  /** A proper challenge for a request that carries message 1: "NTLM TlRM…". */
  challengeFor(request) {
    return `NTLM ${this.#server.challenge(request.token)}`;
  }

  /** Whether the request's message 3 answers the last challenge. */
  async admits(request) {
    return this.#server.authenticate(request.token).then(
      () => true,
      () => false,
    );
  }

  /** Reads message 1 and challenges it, reads message 3 and checks it. Returns the request that carried it. */
  async handshake({ challenge = (value) => demand(value) } = {}) {
    const first = await this.request();
    this.send(forMethod(first, challenge(this.challengeFor(first), first)));
    return this.lastLeg();
  }

  /** Reads the request with message 3, and checks it. */
  async lastLeg() {
    const last = await this.request();
    if (!(await this.admits(last))) throw new Error(`not admitted: ${last.method} ${last.target} type ${last.type}`);
    return last;
  }

  /** Answers the request with the page, and every further one. */
  async serve(request) {
    for (let next = request; ; next = await this.request()) this.send(page(next));
  }

  send(data) {
    if (this.socket.destroyed) throw new Gone();
    this.socket.write(data);
  }

  end(data) {
    this.socket.end(data);
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  async bytes(count) {
    await this.#wait(() => this.#bytes.length >= count);
    const bytes = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return bytes;
  }

  /** Releases the socket and returns the bytes received but not read yet, for the next reader. */
  release() {
    this.socket.removeAllListeners('data');
    this.socket.pause();
    if (this.#bytes.length > 0) this.socket.unshift(this.#bytes);
    return this.socket;
  }

  async #chunks() {
    const chunks = [];
    for (;;) {
      const size = Number.parseInt(await this.#until('\r\n'), 16);
      chunks.push(await this.bytes(size));
      await this.#until('\r\n');
      if (size === 0) return Buffer.concat(chunks);
    }
  }

  async #until(delimiter) {
    await this.#wait(() => this.#bytes.includes(delimiter));
    const text = (await this.bytes(this.#bytes.indexOf(delimiter))).toString('latin1');
    await this.bytes(delimiter.length);
    return text;
  }

  async #wait(condition) {
    while (!condition()) {
      if (this.#ended) throw new Gone();
      await new Promise((resolve) => {
        for (const event of ['data', 'end', 'close']) this.socket.once(event, resolve);
      });
    }
  }
}

/** A response as text. */
export function response(status, fields = {}, body = '', { version = '1.1', reason = 'Whatever' } = {}) {
  const all = { 'Content-Length': Buffer.byteLength(body), ...fields };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`));
  return `HTTP/${version} ${status} ${reason}\r\n${lines.join('')}\r\n${body}`;
}

/** A 407 with this challenge. */
export function demand(challenge, fields = {}, body = 'who is there?', options = {}) {
  return response(407, { 'Proxy-Authenticate': challenge, ...fields }, body, options);
}

/** The answer to a request that got through. */
export function page(request) {
  return forMethod(request, response(200, { 'Content-Type': 'text/plain' }, PAGE));
}

/** The response without its body, if it answers a HEAD. */
export function forMethod(request, text) {
  const end = text.lastIndexOf('\r\n\r\n');
  return request.method === 'HEAD' && end !== -1 ? text.slice(0, end + 4) : text;
}
