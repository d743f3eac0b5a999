import { createServer } from 'node:net';
import { NtlmServer } from 'ntlm-wasm';

/**
 * A proxy or an origin that challenges when `asks(method, path)` says so, and answers a HEAD that is not authenticated as
 * `head` says: 'asks' as other methods, a status without a challenge, 'never' or 'closed'. It reads every byte by hand.
 * `executed` is what it carried out: `{ method, path, body }`; `legs` is every request with its token type. Any user name
 * is an account, with the password "right".
 */
export async function startPeer(
  t,
  { role = 'origin', asks = () => true, head = 'asks', onChallenge, closesOnBody = false },
) {
  const peer = { executed: [], legs: [], proofs: 0, wrong: 0 };
  const sockets = new Set();
  const status = role === 'proxy' ? '407 Proxy Authentication Required' : '401 Unauthorized';
  const asking = role === 'proxy' ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const answering = role === 'proxy' ? 'proxy-authorization' : 'authorization';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    const connection = { bytes: Buffer.alloc(0), busy: false, authenticated: false };
    const challenge = (value, close = false) => {
      const extra = onChallenge?.() ?? '';
      socket.write(
        `HTTP/1.1 ${status}\r\n${asking}: ${value}\r\n${extra}Content-Length: 0\r\n${close ? 'Connection: close\r\n' : ''}\r\n`,
      );
      if (close) socket.end();
    };
    const execute = ({ method, path, body, fields }) => {
      peer.executed.push({ method, path, body: body.toString('latin1'), fields });
      const text = method === 'HEAD' ? '' : `done ${method} ${body.length}`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    const answer = async (request) => {
      const token = /^NTLM (\S+)$/.exec(request.fields[answering] ?? '')?.[1];
      const type = token === undefined ? 0 : Buffer.from(token, 'base64')[8];
      peer.legs.push(`${request.method} ${type}`);
      if (connection.authenticated) return execute(request);
      if (request.method === 'HEAD' && head !== 'asks') {
        if (head === 'never') return undefined;
        if (head === 'closed') return socket.destroy();
        peer.executed.push({ method: 'HEAD', path: request.path, body: '', fields: request.fields });
        const text = head === 302 ? 'Location: /elsewhere\r\n' : '';
        return socket.write(`HTTP/1.1 ${head} X\r\n${text}Content-Length: 0\r\n\r\n`);
      }
      if (!asks(request.method, request.path)) return execute(request);
      if (closesOnBody && type !== 3 && request.fields['content-length'] > 0) return challenge('NTLM', true);
      if (type === 1) {
        connection.ntlm = new NtlmServer({ account: () => ({ password: 'right' }) });
        return challenge(`NTLM ${connection.ntlm.challenge(token)}`);
      }
      if (type !== 3 || connection.ntlm === undefined) return challenge('NTLM');
      peer.proofs += 1;
      try {
        await connection.ntlm.authenticate(token);
        connection.authenticated = true;
      } catch {
        peer.wrong += 1;
        return challenge('NTLM');
      }
      return execute(request);
    };
    socket.on('data', async (chunk) => {
      connection.bytes = Buffer.concat([connection.bytes, chunk]);
      if (connection.busy) return;
      connection.busy = true;
      for (let request; (request = takeRequest(connection)) !== undefined;) await answer(request);
      connection.busy = false;
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  peer.url = `http://127.0.0.1:${server.address().port}`;
  return peer;
}

/** The next whole request in the bytes, if there is one. */
function takeRequest(connection) {
  const { bytes } = connection;
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method, target] = line.split(' ');
  const fields = {};
  for (const field of lines) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).toLowerCase();
    const value = field.slice(colon + 1).trim();
    fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`;
  }
  let at = end + 4;
  const pieces = [];
  if (fields['transfer-encoding'] !== undefined) {
    for (;;) {
      const eol = bytes.indexOf('\r\n', at);
      if (eol === -1) return undefined;
      const size = Number.parseInt(bytes.toString('latin1', at, eol), 16);
      if (bytes.length < eol + 2 + size + 2) return undefined;
      pieces.push(bytes.subarray(eol + 2, eol + 2 + size));
      at = eol + 2 + size + 2;
      if (size === 0) break;
    }
  } else if (fields['content-length'] !== undefined) {
    const length = Number(fields['content-length']);
    if (bytes.length < at + length) return undefined;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  connection.bytes = bytes.subarray(at);
  const path = target.replace(/^http:\/\/[^/]+/, '') || '/';
  return { method, path, body: Buffer.concat(pieces), fields };
}
