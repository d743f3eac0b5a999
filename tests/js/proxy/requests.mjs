/** Requests as a hostile or broken caller writes them, and servers that note what arrives. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const { requests } = JSON.parse(readFileSync(new URL('../../vectors/llhttp/requests.json', import.meta.url), 'utf8'));

/** The llhttp requests with targets that a proxy takes: functions of the origin's host. */
export const vectors = requests.map(
  ([, text]) =>
    (host) =>
      Buffer.from(
        text.replace(/^(\s*[A-Z-]+ )(\/|\*)?(?=\S* HTTP\/1\.[01]\r\n)/gm, (_, method) =>
          method.trim() === 'CONNECT' ? method : `${method}http://${host}/`,
        ),
        'latin1',
      ),
);

/** A body that is a request. LENGTH and SIZE are its length, in decimal and in hexadecimal. */
const BODY = 'GET http://HOST/smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n';
const filledIn = (text, host) => {
  const { length } = BODY.replaceAll('HOST', host);
  return text.replaceAll('HOST', host).replaceAll('LENGTH', `${length}`).replaceAll('SIZE', length.toString(16));
};
const SEEDS = [
  `POST http://HOST/a HTTP/1.1\r\nHost: HOST\r\nContent-Length: LENGTH\r\n\r\n${BODY}`,
  `POST http://HOST/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nSIZE\r\n${BODY}\r\n0\r\n\r\n`,
  `POST http://HOST/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${BODY}`,
  `POST http://HOST/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: ,\r\nContent-Length: LENGTH\r\n\r\n${BODY}`,
  `GET http://HOST/a HTTP/1.1\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\nGET http://HOST/b HTTP/1.1\r\nHost: HOST\r\n\r\n`,
  `PUT http://HOST/a HTTP/1.0\r\nContent-Length: LENGTH\r\n\r\n${BODY}`,
  `POST http://HOST/a HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n${BODY}`,
];
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  '\0',
  ',',
  ';',
  ':',
  '0',
  '5',
  '-1',
  '+',
  '0x',
  '\x0b',
  '\xa0',
  '\x85',
  'chunked',
  'identity',
  'gzip, ',
  'Content-Length: 5\r\n',
  'Content-Length:\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: ,\r\n',
  'Transfer-Encoding:\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Connection: close\r\n',
  'Connection: Content-Length\r\n',
  'Upgrade: h2c\r\n',
  'Expect: 100-continue\r\n',
  ' folded\r\n',
  '0\r\n\r\n',
  'HTTP/1.1',
];

/** The same requests from run to run (a linear congruence: 1664525, 1013904223). */
export function mutations(count) {
  let state = 15;
  const random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () => {
    let text = SEEDS[random(SEEDS.length)];
    for (let changes = 1 + random(3); changes > 0; changes -= 1) {
      // Usually within the head, and often at the beginning of a line.
      const lines = [...text.matchAll(/\r\n/g)].map(({ index }) => index + 2);
      const at = random(2) === 0 ? lines[random(lines.length)] : random(text.length + 1);
      const piece = random(8) === 0 ? String.fromCharCode(random(256)) : PIECES[random(PIECES.length)];
      text = text.slice(0, at) + (random(4) === 0 ? '' : piece) + text.slice(at + random(3));
    }
    return (host) => Buffer.from(filledIn(text, host), 'latin1');
  });
}

/** Writes the bytes and waits for the end of what comes back, or for a while without anything. */
export async function send(port, bytes, patience = 40) {
  const socket = connect({ port, host: '127.0.0.1' });
  const closed = once(socket, 'close');
  let timer = setTimeout(() => socket.destroy(), 2_000);
  socket.on('error', () => {});
  socket.on('data', () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), patience);
  });
  socket.on('connect', () => {
    socket.write(bytes);
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), patience * 4);
  });
  await closed.catch(() => {});
  clearTimeout(timer);
}

/** An origin that reads strictly, and takes what it cannot read for a fault. */
export async function startOrigin(t) {
  let found = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    let bytes = '';
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (;;) {
        const read = readRequest(bytes);
        if (read === undefined) return;
        found.push(read);
        bytes = bytes.slice(read.length);
        if (read.fault !== undefined) return socket.destroy();
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    host: `127.0.0.1:${server.address().port}`,
    take() {
      const taken = found;
      found = [];
      return taken;
    },
  };
}

/** The first request of the bytes: undefined while it is incomplete. A proxy writes nothing that needs more than this. */
function readRequest(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return bytes.length > 65_536 ? { fault: 'no end of a head', length: bytes.length } : undefined;
  const fault = (text) => ({ fault: `${text}: ${JSON.stringify(bytes.slice(0, 500))}`, length: bytes.length });
  const [first, ...lines] = bytes.slice(0, end).split('\r\n');
  const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[!-~\x80-\xff]*|\*) HTTP\/1\.1$/.exec(first);
  if (line === null) return fault('not a request line');
  const [, method, path] = line;
  const fields = [];
  for (const text of lines) {
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text);
    if (field === null) return fault('not a field');
    fields.push([field[1].toLowerCase(), field[2].trim()]);
  }
  const valuesOf = (name) => fields.filter(([field]) => field === name).map(([, value]) => value);
  if (valuesOf('host').length !== 1) return fault('not one Host');
  const [lengths, codings] = [valuesOf('content-length'), valuesOf('transfer-encoding')];
  if (lengths.length + codings.length > 1) return fault('more than one framing');
  let at = end + 4;
  let body = '';
  if (lengths.length === 1) {
    if (!/^\d+$/.test(lengths[0])) return fault('no length');
    if (bytes.length < at + Number(lengths[0])) return undefined;
    body = bytes.slice(at, at + Number(lengths[0]));
    at += body.length;
  } else if (codings.length === 1) {
    if (codings[0] !== 'chunked') return fault('not chunked');
    for (;;) {
      const lineEnd = bytes.indexOf('\r\n', at);
      if (lineEnd === -1) return undefined;
      if (!/^[0-9a-f]+$/i.test(bytes.slice(at, lineEnd))) return fault('no size of a chunk');
      const size = Number.parseInt(bytes.slice(at, lineEnd), 16);
      if (bytes.length < lineEnd + size + 4) return undefined;
      body += bytes.slice(lineEnd + 2, lineEnd + 2 + size);
      at = lineEnd + size + 4;
      if (bytes.slice(at - 2, at) !== '\r\n') return fault('no end of a chunk');
      if (size === 0) break;
    }
  }
  return { request: `${method} ${path} ${JSON.stringify(body)}`, length: at };
}

/** What a strict server (Node's) finds in the bytes of a caller. */
export async function startReference(t) {
  let found = [];
  const server = createHttpServer({ requireHostHeader: false }, (request, response) => {
    let body = '';
    request.setEncoding('latin1');
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const path = request.url.replace(/^https?:\/\/[^/?]*/i, '').replace(/#.*$/, '');
      found.push(`${request.method} ${path.startsWith('/') ? path : `/${path}`} ${JSON.stringify(body)}`);
      response.end();
    });
  });
  server.on('upgrade', (request, socket) => {
    const path = request.url.replace(/^https?:\/\/[^/?]*/i, '');
    found.push(`${request.method} ${path.startsWith('/') ? path : `/${path}`} ""`);
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  return {
    port: server.address().port,
    take() {
      const taken = found;
      found = [];
      return taken;
    },
  };
}
