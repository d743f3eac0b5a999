import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** One TCP (or TLS) connection on which a test writes whatever it wants and reads one response after the other. */
export class RawConnection {
  #socket;
  #bytes = Buffer.alloc(0);
  #ended = false;

  static async to(server, options = {}) {
    const { hostname, port, protocol } = new URL(server.url);
    const socket =
      protocol === 'https:'
        ? connectTls({ host: hostname, port, ca: server.certificate, ...options })
        : connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
    return new RawConnection(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => (this.#bytes = Buffer.concat([this.#bytes, chunk])));
    socket.on('end', () => (this.#ended = true));
    socket.on('close', () => (this.#ended = true));
    socket.on('error', () => (this.#ended = true));
  }

  get socket() {
    return this.#socket;
  }

  write(data) {
    this.#socket.write(data);
  }

  close() {
    this.#socket.destroy();
  }

  /** Writes a request and reads its response. */
  async ask(method, target, fields = {}, body = '') {
    const lines = Object.entries({ Host: 'test', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.write(body);
    return this.response(method);
  }

  /** The next response: { status, reason, fields, body }; fields in lower case, several of a name in an array. */
  async response(method = 'GET') {
    const head = await this.#until('\r\n\r\n');
    const [first, ...lines] = head.split('\r\n');
    const [, status, reason] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(first);
    const fields = {};
    for (const line of lines) {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line);
      (fields[name.toLowerCase()] ??= []).push(value);
    }
    let body = '';
    if (method !== 'HEAD' && Number(status) >= 200 && !(method === 'CONNECT' && status === '200')) {
      if (fields['transfer-encoding']) body = await this.#chunks();
      else if (fields['content-length']) body = await this.bytes(Number(fields['content-length'][0]));
      else if (Number(status) !== 204) body = await this.rest();
    }
    return { status: Number(status), reason, fields, body };
  }

  async bytes(count) {
    await this.#wait(() => this.#bytes.length >= count);
    return this.#take(count);
  }

  /** Everything until the peer ends. */
  async rest() {
    await this.#wait(() => this.#ended);
    return this.#take(this.#bytes.length);
  }

  async #chunks() {
    let body = '';
    for (;;) {
      const size = Number.parseInt(await this.#until('\r\n'), 16);
      body += await this.bytes(size);
      await this.#until('\r\n');
      if (size === 0) return body;
    }
  }

  async #until(delimiter) {
    await this.#wait(() => this.#bytes.includes(delimiter));
    const text = this.#take(this.#bytes.indexOf(delimiter));
    this.#take(delimiter.length);
    return text;
  }

  #take(count) {
    const text = this.#bytes.toString('latin1', 0, count);
    this.#bytes = this.#bytes.subarray(count);
    return text;
  }

  async #wait(condition) {
    while (!condition()) {
      if (this.#ended)
        throw new Error(`the peer closed; unread: ${JSON.stringify(this.#bytes.toString('latin1', 0, 200))}`);
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('nothing arrived for five seconds')), 5000);
        const go = () => {
          clearTimeout(timer);
          for (const event of ['data', 'end', 'close']) this.#socket.off(event, go);
          resolve();
        };
        for (const event of ['data', 'end', 'close']) this.#socket.once(event, go);
      });
    }
  }
}
